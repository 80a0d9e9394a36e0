"""A browser page: the verifier of one newsroom, `verify.html`, whole in one file.

It proves a file passed by hand (formats 7) with nothing but a browser. Its sources lie in
`signing/browser/`; here they are put together, and what only their readers need is left out.
"""

import base64
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from signing import words
from tamizdat.digest import Digest
from tamizdat.language import direction

MAX_PAGE = 40 * 1024
"""The most bytes of a page: it is sent by messenger and printed in manuals."""

TONGUES = ("ar", "be", "en", "es", "fa", "ru", "sv", "uk", "zh")
"""The languages it speaks, each a file of words."""

_SCRIPTS = ("bytes", "nacl", "hashes", "json", "gate", "trust", "screen")
_SOURCES = files("signing") / "browser"
_NOT_SHOWN = frozenset({"tag", "name", "scriptless"})
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_INDENT = re.compile(r"\n\s*")
_LINE = re.compile(r"(?<=[;{},(])\n|\n(?=})")
# Texts stay as they are; else no space is needed beside these signs.
_LOOSE = re.compile(r"""("(?:[^"\\\n]|\\.)*"|`[^`]*`)|[ ]*([-+*/%=<>&|^?:;,(){}\[\]])[ ]*""")
_LOOSE_RULE = re.compile(r"\s*([{};,>])\s*")


def page(root_id: Digest, name: str, first: str) -> bytes:
    """The page for the newsroom `name` under `root_id`.

    A reader whose browser names no language of ours gets `first`, or English.
    """
    tongues = _tongues()
    own = {tag.partition("-")[0]: tag for tag in tongues}.get(first.partition("-")[0], "en")
    script, style = _script(), _style()
    filled = Template(_source("page.html")).substitute(
        policy=_policy(script, style),
        name=escape(name),
        scriptless=_scriptless(own),
        root_words="".join(f"<li>{word}" for word in words.spelled(root_id).split()),
        newsroom=_newsroom(root_id, name, own),
        style=style,
        script=script,
    )
    return filled.encode()


def _newsroom(root_id: Digest, name: str, first: str) -> str:
    """All that the script is told, as JSON that cannot end its element."""
    tongues = _tongues()
    keys = [key for key in tongues["en"] if key not in _NOT_SHOWN]
    told = {
        "root": root_id,
        "name": name,
        "first": first,
        "keys": keys,
        "words": {
            tag: [text["name"], direction(tag), *(text[key] for key in keys)]
            for tag, text in tongues.items()
        },
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@cache
def _tongues() -> Mapping[str, Mapping[str, str]]:
    """The words of each language, by its tag."""
    loaded = (tomllib.loads(_source(f"words/{tongue}.toml")) for tongue in TONGUES)
    return {text["tag"]: text for text in loaded}


@cache
def _script() -> str:
    text = "\n".join(_source(f"{name}.js") for name in _SCRIPTS)
    text = _INDENT.sub("\n", _COMMENT.sub("", text))
    tight = _LOOSE.sub(lambda found: found[1] or found[2], text)
    return f'"use strict";(()=>{{{_LINE.sub("", tight)}}})();'


@cache
def _style() -> str:
    text = _LOOSE_RULE.sub(r"\1", _COMMENT.sub("", _source("page.css")))
    return re.sub(r"(?<=[a-z-]): ", ":", text).strip()


def _policy(script: str, style: str) -> str:
    """Nothing is fetched, and nothing runs but this script."""
    allowed = f"script-src '{_hash(script)}'; style-src '{_hash(style)}'"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _scriptless(own: str) -> str:
    """What stands where scripts are off, in the newsroom's language and in English."""
    texts = {tag: escape(_tongues()[tag]["scriptless"]) for tag in (own, "en")}
    return " ".join(f'<span lang="{tag}">{text}</span>' for tag, text in texts.items())


def _source(name: str) -> str:
    return (_SOURCES / name).read_text(encoding="utf-8")
