"""A script: the only one on a page of ours, with the hash that lets a browser run it."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from markupsafe import Markup

_REMARK = re.compile(r"^ *//.*\n", re.MULTILINE)
_INDENT = re.compile(r"^ +|\n(?=\n)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    """`text` as it stands between `<script>` and `</script>`; `hash` is base64 of its SHA-256."""

    text: Markup
    hash: str


@cache
def opener() -> Script:
    """What opens a token's slot in a hint file (formats 10), on the page of ways."""
    source = files("feeds").joinpath("assets", "ways.js").read_text("utf-8")
    text = _INDENT.sub("", _REMARK.sub("", source)).strip()
    value = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Script(Markup(text), value)  # noqa: S704 - our own file
