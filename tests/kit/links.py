"""Links: where the pages and feeds of a mirror lead, and which of them lead nowhere."""

import re
from html.parser import HTMLParser
from posixpath import dirname, normpath

from tamizdat import paths
from tests.kit.copies import Copy, Marks

START = "index.html"
_FEED_END = r"[^\"<>&\s\\]*"


class Links:
    """The links of one mirror; a page that did not change is not parsed twice."""

    def __init__(self, copy: Copy, base: str | None) -> None:
        self._copy = copy
        starts = "|".join(re.escape(one) for one in (paths.PLACEHOLDER, base) if one)
        self._in_feed = re.compile(f"(?:{starts})({_FEED_END})")
        self._known: dict[str, tuple[str, frozenset[str]]] = {}

    def broken(self) -> tuple[int, tuple[str, ...]]:
        """How many pages and feeds were followed from `index.html` on, and what was not there.

        A target counts as missing where it lies there neither before its page is read nor after.
        """
        marks = self._copy.marks()
        waiting, seen, missing = [(START, START)], {START}, []
        pages = 0
        while waiting:
            path, source = waiting.pop()
            if not _leads_on(path):
                if path not in marks and self._copy.body(path) is None:
                    missing.append(f"{source} -> {path}")
                continue
            targets = self._targets(path, marks)
            if targets is None:
                missing.append(f"{source} -> {path}")
                continue
            pages += 1
            fresh = targets - seen
            seen |= fresh
            waiting += [(target, path) for target in fresh]
        return pages, tuple(missing)

    def _targets(self, path: str, marks: Marks) -> frozenset[str] | None:
        mark = marks.get(path, "")
        known = self._known.get(path)
        if known and known[0] == mark:
            return known[1]
        body = self._copy.body(path)
        if body is None:
            return None
        text = body.decode()
        if paths.bears_address(path):
            targets = frozenset(self._in_feed.findall(text)) - {""}
        else:
            targets = _of_page(path, text)
        self._known[path] = (mark, targets)
        return targets


def _of_page(path: str, text: str) -> frozenset[str]:
    parser = _Parser()
    parser.feed(text)
    found = set()
    for link in parser.links:
        target = re.split(r"[?#]", link, maxsplit=1)[0]
        if target and not re.match(r"[a-z]+:|//", target):
            found.add(normpath(f"{dirname(path)}/{target}").lstrip("/"))
    return frozenset(found)


def _leads_on(path: str) -> bool:
    return not path.startswith("b/") and (path.endswith(".html") or paths.bears_address(path))


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.links += [text for name, text in attrs if name in {"href", "src"} and text]
