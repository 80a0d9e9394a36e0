"""The words of a letter: the one canonical text of its title and HTML (formats 8.3, 8.4). Pure.

The HTML is read as a stream of tags and texts, once from left to right. What could hide words, or
make a browser read the HTML in another way than we do, is refused instead of understood. (The
standard library's parser takes minutes for 100 kB of `<a <a <a`.)
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from html import unescape

from tamizdat.digest import Digest
from tamizdat.errors import FormatError

MAX_CONTENT = 2 * 1024 * 1024
"""Characters of an entry's content that we look at."""

BEGIN = "-----BEGIN TAMIZDAT LETTER-----"
END = "-----END TAMIZDAT LETTER-----"

INLINE = frozenset(
    str.split(
        "a abbr b bdi bdo cite code em i mark q rp rt ruby s small span strong sub sup time u"
    )
)
"""Elements that may stand within a word; the borders of all others are spaces."""

BLOCK = frozenset(
    str.split(
        "article blockquote br caption col colgroup dd details div dl dt figcaption figure h1 h2 h3"
        " h4 h5 h6 hr html body img li ol p pre section summary table tbody td tfoot th thead tr ul"
    )
)

COVERED = ("href", "title", "src", "alt")
"""Attributes whose values are part of the text, in this order."""

HARMLESS = frozenset(
    str.split(
        "lang xml:lang dir hreflang rel target class id colspan rowspan scope span datetime"
        " width height start xmlns"
    )
)

_SPACE = r"[ \t\n\r\f]"
_VALUE = r"""(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^ \t\n\r\f"'=<>`]++))"""
_NAMED = rf"{_SPACE}++(?P<name>[A-Za-z:-]++)(?:{_SPACE}*+={_SPACE}*+{_VALUE})?+"
_ATTRIBUTE = re.compile(_NAMED)
_MANY = re.sub(r"\?P<[a-z]+>", "?:", _NAMED)
_TOKEN = re.compile(
    rf"(?P<text>[^<]++)"
    rf"|<(?P<slash>/?)(?P<name>[A-Za-z][A-Za-z0-9]*+)(?P<attributes>(?:{_MANY})*+){_SPACE}*+/?>"
)
_STEP_IN, _STEP_OUT = "\x02", "\x03"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def folded(text: str) -> str:
    """NFC, controls and every run of white space one space, none at the ends (formats 8.3)."""
    spaced = " ".join(_CONTROL.sub(" ", text).split())
    return " ".join(unicodedata.normalize("NFC", spaced).split())


def digest_of(title: str, words: str) -> Digest:
    """The digest of a canonical text: the title, a line feed, the words (formats 8.4)."""
    text = f"{folded(title)}\n{words}"
    return Digest(hashlib.sha256(text.encode()).hexdigest())


def words_of(html: str, where: str) -> str:
    """The canonical words of `html`; FormatError where it holds what no letter of ours holds."""
    if len(html) > MAX_CONTENT:
        raise FormatError("8.3", where, f"is over {MAX_CONTENT} characters")
    spaced = " ".join("".join(_pieces(html, where)).split())
    return " ".join(unicodedata.normalize("NFC", spaced).split())


def _pieces(html: str, where: str) -> Iterator[str]:
    at = 0
    while at < len(html):
        token = _TOKEN.match(html, at)
        if token is None:
            raise FormatError("8.3", where, "holds a comment, or no plain tag, after a <")
        at = token.end()
        if token["text"] is not None:
            yield _CONTROL.sub(" ", unescape(token["text"]))
        else:
            yield _border(token["name"].lower(), where)
            yield _covered(token, where)


def _border(tag: str, where: str) -> str:
    if tag in BLOCK:
        return " "
    if tag not in INLINE:
        raise FormatError("8.3", where, f"holds the element {tag[:20]!r}")
    return ""


def _covered(token: re.Match[str], where: str) -> str:
    """What a tag adds to the words, between two marks that no text can hold."""
    tag = token["name"].lower()
    if token["slash"]:
        return f"{_STEP_IN}/a{_STEP_OUT}" if tag == "a" else ""
    found = _attributes(token["attributes"], tag, where)
    covered = [f"{name}={folded(found[name])}" for name in COVERED if name in found]
    if tag == "bdo":
        covered.append(f"dir={folded(found.get('dir', ''))}")
    return f"{_STEP_IN}{' '.join([tag, *covered])}{_STEP_OUT}" if covered else ""


def _attributes(text: str, tag: str, where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in _ATTRIBUTE.finditer(text):
        name = one["name"].lower()
        if name in found:
            raise FormatError("8.3", where, f"names an attribute of {tag} twice")
        if name not in HARMLESS and name not in COVERED:
            raise FormatError("8.3", where, f"holds the attribute {name[:20]!r} of {tag}")
        found[name] = unescape(one["double"] or one["single"] or one["bare"] or "")
    return found
