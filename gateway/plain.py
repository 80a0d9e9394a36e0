"""Plain text: a letter's HTML as readers without HTML see it. Pure."""

import re
from html.parser import HTMLParser

from gateway.words import INLINE

_LINES = re.compile(r"\n[ \t]*\n\s*")
_SPACES = re.compile(r"[ \t\r\f\v]+")
_CLOSE = frozenset({"br", "tr", "li", "dt", "dd"})


def plain(html: str) -> str:
    """Paragraphs with an empty line between; the address of a link after its words."""
    reader = _Plain()
    reader.feed(html)
    reader.close()
    text = _SPACES.sub(" ", "".join(reader.pieces))
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return _LINES.sub("\n\n", lines).strip()


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._addresses: list[str] = []
        self._kept = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._addresses.append(dict(attrs).get("href") or "")
        elif tag == "pre":
            self._kept += 1
        self._border(tag)
        if tag == "li":
            self.pieces.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._addresses:
            address = self._addresses.pop()
            self.pieces.append(f" <{address}>" if address else "")
        elif tag == "pre":
            self._kept = max(0, self._kept - 1)
        self._border(tag)

    def handle_data(self, data: str) -> None:
        self.pieces.append(data if self._kept else data.replace("\n", " "))

    def _border(self, tag: str) -> None:
        if tag in _CLOSE:
            self.pieces.append("\n")
        elif tag not in INLINE:
            self.pieces.append("\n\n")
