"""A style: the rules of one kind of page, small, with the hash that lets a browser accept them."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from markupsafe import Markup

from tamizdat.language import direction

Kind = Literal["article", "rich", "front", "list", "notice", "token", "single"]
"""A kind of page; `rich` is an article that holds more than paragraphs and headings,
`token` the page of ways where tokens are handed out.
"""

_SHEETS: dict[Kind, tuple[str, ...]] = {
    "article": ("column", "article"),
    "rich": ("column", "article", "rich"),
    "front": ("front",),
    "list": ("column", "list"),
    "notice": ("column", "notice"),
    "token": ("column", "notice", "token"),
    "single": ("column", "single", "rich"),
}

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r" ?([{};,>]) ?")
_COLON = re.compile(r"(?<=[a-z-]): ")
_TOKEN = re.compile(r"--[a-z]+")
_HAN = frozenset({"zh", "ja", "yue", "wuu", "lzh"})


@dataclass(frozen=True, slots=True)
class Style:
    """`text` as it stands between `<style>` and `</style>`; `hash` is base64 of its SHA-256."""

    text: Markup
    hash: str


def style(kind: Kind, language: str) -> Style:
    """The rules for a kind of page in a language."""
    return _style(kind, _letters(language))


def minified(css: str) -> str:
    """`css` without comments and needless spaces, its tokens named by one letter each."""
    css = _SPACE.sub(" ", _COMMENT.sub("", css))
    css = _COLON.sub(":", _AROUND.sub(r"\1", css))
    names = {name: f"--{chr(ord('a') + n)}" for n, name in enumerate(tokens(css))}
    return _TOKEN.sub(lambda match: names[match[0]], css).replace(";}", "}").strip()


def tokens(css: str) -> tuple[str, ...]:
    """The names of the tokens in `css`, in the order in which they first stand."""
    return tuple(dict.fromkeys(_TOKEN.findall(css)))


@cache
def _style(kind: Kind, letters: str) -> Style:
    text = minified("".join(_read(name) for name in ("sheet", letters, *_SHEETS[kind])))
    value = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Style(Markup(text), value)  # noqa: S704 - our own files


def _letters(language: str) -> str:
    if direction(language) == "rtl":
        return "arabic"
    return "han" if language.split("-", 1)[0] in _HAN else "latin"


def _read(name: str) -> str:
    return files("feeds").joinpath("assets", f"{name}.css").read_text("utf-8")
