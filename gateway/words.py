"""The words of a letter: the one canonical text of its title and HTML (formats 8.3, 8.4). Pure.

The HTML is read as a stream of tags and texts. What could hide words, or make a browser read the
HTML in another way than we do, is refused instead of understood.
"""

import hashlib
import re
import unicodedata
from html.parser import HTMLParser

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
    reader = _Words(where)
    reader.feed(html)
    reader.close()
    return reader.words()


class _Words(HTMLParser):
    """Gathers pieces: texts, spaces at borders, covered attributes between two marks."""

    def __init__(self, where: str) -> None:
        super().__init__(convert_charrefs=True)
        self._where = where
        self._pieces: list[str] = []

    def words(self) -> str:
        """What was gathered, folded."""
        spaced = " ".join("".join(self._pieces).split())
        return " ".join(unicodedata.normalize("NFC", spaced).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A start tag."""
        self._border(tag)
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self._refuse(f"names an attribute of {tag[:20]} twice")
        found = dict(attrs)
        strange = sorted(found.keys() - HARMLESS - set(COVERED))
        if strange:
            self._refuse(f"holds the attribute {strange[0][:20]!r} of {tag[:20]}")
        covered = "".join(f"{n}={folded(found[n] or '')} " for n in COVERED if n in found)
        if tag == "bdo":
            covered += f"dir={folded(found.get('dir') or '')}"
        if covered:
            self._pieces.append(f"{_STEP_IN}{tag} {covered.strip()}{_STEP_OUT}")

    def handle_endtag(self, tag: str) -> None:
        """An end tag."""
        self._border(tag)
        if tag == "a":
            self._pieces.append(f"{_STEP_IN}/a{_STEP_OUT}")

    def handle_data(self, data: str) -> None:
        """A text."""
        self._pieces.append(_CONTROL.sub(" ", data))

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 - the parser's signature
        """A comment, which browsers may end elsewhere."""
        self._refuse("holds a comment")

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002 - the parser's signature
        """A declaration."""
        self._refuse("holds a declaration")

    def handle_pi(self, data: str) -> None:  # noqa: ARG002 - the parser's signature
        """A processing instruction."""
        self._refuse("holds a processing instruction")

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002 - the parser's signature
        """A marked section."""
        self._refuse("holds a marked section")

    def _border(self, tag: str) -> None:
        if tag in BLOCK:
            self._pieces.append(" ")
        elif tag not in INLINE:
            self._refuse(f"holds the element {tag[:20]!r}")

    def _refuse(self, detail: str) -> None:
        raise FormatError("8.3", self._where, detail)
