"""Words: a text as the words it says, however it is spelled, cut, wrapped or marked up. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from html import unescape
from urllib.parse import unquote

ROUNDS = 3
"""How often what is escaped within what is escaped is undone."""

_TAG = re.compile(r"<(?:!--.*?--|[A-Za-z/!?][^<>]*)>", re.DOTALL)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|del|em|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|u|wbr)\b",
    re.IGNORECASE,
)
_JSON = re.compile(r"\\u([0-9a-fA-F]{4})")
_JSON_ENDS = re.compile(r"\\[nrt]")
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
"""A word, or a letter of a script that puts no spaces between words."""


def words(text: str) -> Sequence[str]:
    """The words of plain text: case, accents and unseen characters do not count."""
    if text.isascii():
        return _WORD.findall(text.lower())
    split = unicodedata.normalize("NFKD", _UNSEEN.sub("", text).casefold())
    return _WORD.findall("".join([char for char in split if not unicodedata.combining(char)]))


def readings(text: str) -> Iterator[str]:
    """What a file says between its tags, and within them, with all that is escaped undone.

    Feeds hold pages that are escaped, and JSON escapes letters.
    """
    for _ in range(ROUNDS):
        tags = _TAG.findall(text)
        if tags:
            yield unescape(" ".join(tags))
        bare = between(text)
        yield bare
        if bare == text or not ("<" in bare or "&" in bare or "\\u" in bare):
            return
        text = bare


def between(text: str) -> str:
    """What stands between the tags."""
    return _undone(_TAG.sub(_gap, text))


def _gap(tag: re.Match[str]) -> str:
    """A tag within a word leaves nothing, any other a space."""
    return "" if _INLINE.match(tag[0]) else " "


def _undone(text: str) -> str:
    if "\\" in text:
        text = _JSON_ENDS.sub(" ", _JSON.sub(lambda found: chr(int(found[1], 16)), text))
    if "%" in text:
        text = unquote(text, errors="replace")
    return unescape(text) if "&" in text else text
