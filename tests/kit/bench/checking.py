"""Checking: whether a newspaper that was built holds what it should, so that no empty one wins."""

import html
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from lxml import etree

from tests.kit.bench.corpus import LANGUAGES, texts

FEED = 30
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_ATOM = "{http://www.w3.org/2005/Atom}"


def folder(place: Path) -> Mapping[str, bytes]:
    """Every file below a folder, by path."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file()
    }


def newspaper(files: Mapping[str, bytes], count: int, *, json_feeds: bool = True) -> dict[str, int]:
    """Numbers of what is there; AssertionError where an article or a feed is not."""
    wanted = {text.title for text in texts(count)}
    lacking = wanted - set(_headings(files))
    assert not lacking, f"{len(lacking)} articles have no page, such as {min(lacking)!r}"
    feeds = {
        tag: min(FEED, len(range(n, count, len(LANGUAGES)))) for n, tag in enumerate(LANGUAGES)
    }
    for tag, entries in feeds.items():
        _feed(files, tag, entries, json_feeds=json_feeds)
    return {
        "files": len(files),
        "pages": sum(1 for path in files if path.endswith(".html")),
        "MB": sum(map(len, files.values())) // 1_000_000,
    }


def _headings(files: Mapping[str, bytes]) -> Iterable[str]:
    for path, body in files.items():
        if path.endswith(".html"):
            found = _HEADING.search(body.decode())
            if found:
                yield html.unescape(found[1]).strip()


def _feed(files: Mapping[str, bytes], tag: str, entries: int, *, json_feeds: bool) -> None:
    atom = etree.fromstring(files[f"{tag}/atom.xml"])
    assert len(atom.findall(f"{_ATOM}entry")) == entries, f"{tag}: Atom lacks entries"
    rss = etree.fromstring(files[f"{tag}/rss.xml"])
    assert len(rss.findall("channel/item")) == entries, f"{tag}: RSS lacks entries"
    if json_feeds:
        items = json.loads(files[f"{tag}/feed.json"])["items"]
        assert len(items) == entries, f"{tag}: JSON Feed lacks entries"
