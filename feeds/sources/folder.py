"""A folder of Markdown files, each with front matter: the newsroom that needs no program."""

import re
from collections.abc import Iterator
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options

from feeds.incoming import Arrival, Incoming, SetAside
from feeds.sources import nearby
from feeds.sources.front_matter import Parted, part
from tamizdat.errors import SourceError

KIND = "folder"
_SUFFIXES = (".md", ".markdown")
_EXTENSIONS = ["table", "strikethrough", "autolink"]
_HEADLINE = re.compile(r"\s*#[ \t]+([^\n]{1,1000}?)[ \t]*#*[ \t]*(?:\n|\Z)")


def read(root: Path) -> Iterator[Arrival]:
    """The articles of every Markdown file below `root`, by path, or of the one file it is.

    Drafts are set aside. Raises SourceError where `root` is neither.
    """
    files = iter([root]) if root.is_file() else nearby.texts(root, _SUFFIXES)
    root = root.parent if root.is_file() else root
    known: dict[str, str] = {}
    for path in files:
        label = nearby.key(root, path)
        try:
            parted = part(_text(path))
        except SourceError as error:
            yield SetAside(kind=KIND, label=label, reason=str(error))
            continue
        key = parted.matter.id or label
        if parted.matter.is_draft:
            yield SetAside(kind=KIND, label=label, reason="draft")
        elif key in known:
            yield SetAside(kind=KIND, label=label, reason=f"has the same id as {known[key]}")
        else:
            known[key] = label
            yield _incoming(root, path, parted)


def html(markdown: str) -> str:
    """GitHub's Markdown with tables and footnotes as HTML, not yet cleaned."""
    options = Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_UNSAFE
    made: str = cmarkgfm.markdown_to_html_with_extensions(markdown, options, _EXTENSIONS)
    return made


def _text(path: Path) -> str:
    try:
        return nearby.body(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError("is not UTF-8: save it as UTF-8") from error


def _incoming(root: Path, path: Path, parted: Parted) -> Incoming:
    matter, text = parted.matter, parted.text
    headline = _HEADLINE.match(text)
    return Incoming(
        kind=KIND,
        key=matter.id or nearby.key(root, path),
        title=matter.title or (headline.group(1) if headline else ""),
        html=html(text),
        language=matter.language,
        published=matter.published,
        updated=matter.updated,
        authors=matter.authors,
        section_name=matter.section,
        tags=matter.tags,
        summary=matter.summary,
        pictures=nearby.pictures(root, path),
    )
