"""Front matter: the few lines of YAML between `---` at the head of a Markdown file."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import TypeAlias

import yaml

from feeds.sources import dates
from tamizdat.errors import SourceError

MAX_BYTES = 16 * 1024
MAX_DEPTH = 4
"""Documents, mappings and lists within each other."""

_FENCED = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_KNOWN = (
    *("id", "title", "language", "lang", "date", "updated", "lastmod", "authors", "author"),
    *("section", "tags", "summary", "description", "draft", "published"),
)
_Value: TypeAlias = "str | list[object] | dict[str, object]"
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


_ALIKE = 0.8
"""How alike a key is to one of ours before we call it a typing error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What a file says about itself; empty or None where it says nothing."""

    id: str = ""
    title: str = ""
    language: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    summary: str = ""
    is_draft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """A file in its two parts."""

    matter: FrontMatter = field(default_factory=FrontMatter)
    text: str


def part(text: str) -> Parted:
    """The front matter and the text of a file; both may be empty.

    Raises SourceError where the front matter is no plain mapping, is over MAX_BYTES, uses anchors,
    aliases or tags, has a key that is nearly one of ours, or a date that is neither
    `YYYY-MM-DD` nor a time
    with its offset.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.startswith("---"):
        return Parted(text=text)
    hit = _FENCED.match(text[: MAX_BYTES + 16])
    if hit is None:
        if re.match(r"---[ \t]*\n\s*\w+\s*:", text):
            raise SourceError(f"front matter does not end within {MAX_BYTES // 1024} KiB")
        return Parted(text=text)
    if len(hit.group(1).encode("utf-8", "replace")) > MAX_BYTES:
        raise SourceError(f"front matter is over {MAX_BYTES // 1024} KiB")
    return Parted(matter=_matter(_mapping(hit.group(1))), text=text[hit.end() :])


def _mapping(text: str) -> dict[str, _Value]:
    """The YAML in `text`, every scalar as it is spelled."""
    try:
        _refuse_cleverness(text)
        found = yaml.load(text, Loader=_LOADER)  # noqa: S506 - the base loader makes texts only
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 2}" if mark else "its text"
        raise SourceError(f"front matter is no YAML ({place})") from error
    if found in ("", None):
        return {}
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise SourceError("front matter is no list of `name: value` lines")
    return {name.lower(): value for name, value in found.items()}


def _refuse_cleverness(text: str) -> None:
    """Anchors and aliases can make a small file huge; a news text needs neither, nor tags."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise SourceError("front matter uses an anchor or alias: write the value out")
        if getattr(event, "tag", None) is not None:
            raise SourceError("front matter uses a tag: write the plain value")
        if depth > MAX_DEPTH:
            raise SourceError("front matter is nested too deep")


def _matter(found: dict[str, _Value]) -> FrontMatter:
    for name in found:
        meant = () if name in _KNOWN else get_close_matches(name[:40], _KNOWN, 1, _ALIKE)
        if meant:
            raise SourceError(f"front matter: unknown key {name[:40]!r}: is {meant[0]!r} meant?")
    return FrontMatter(
        id=_text(found, "id"),
        title=_text(found, "title"),
        language=_text(found, "language", "lang") or None,
        published=_date(found, "date"),
        updated=_date(found, "updated", "lastmod"),
        authors=_texts(found, "authors", "author"),
        section=_text(found, "section") or None,
        tags=_texts(found, "tags"),
        summary=_text(found, "summary", "description"),
        is_draft=_text(found, "draft").lower() in {"true", "yes", "on"}
        or _text(found, "published").lower() in {"false", "no", "off"},
    )


def _text(found: dict[str, _Value], *names: str) -> str:
    for name in names:
        value = found.get(name, "")
        if not isinstance(value, str):
            raise SourceError(f"front matter: {name} is no text")
        if value.strip() and value.strip() not in {"~", "null"}:
            return value.strip()
    return ""


def _texts(found: dict[str, _Value], *names: str) -> tuple[str, ...]:
    """A text, or a list of texts."""
    for name in names:
        value = found.get(name, "")
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(str(one).strip() for one in value if str(one).strip())
        if value:
            return tuple(filter(None, [_text(found, name)]))
    return ()


def _date(found: dict[str, _Value], *names: str) -> datetime | None:
    text = _text(found, *names)
    when = dates.exact(text) if text else None
    if text and when is None:
        raise SourceError(
            f"front matter: date {text[:40]!r} is neither 2026-11-23 nor 2026-11-23T18:02:11+03:00"
        )
    return when
