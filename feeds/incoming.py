"""What comes in: an article as its source tells it, not yet cleaned, or the reason it stays out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from feeds.pictures import Rebuilt

PictureSource: TypeAlias = Callable[[str], bytes | Rebuilt | None]
"""Gives what a local `src` names: bytes of a stranger, or a picture that was rebuilt before.

None where there is nothing to be had.
"""


def no_pictures(src: str) -> bytes | None:  # noqa: ARG001 - a PictureSource
    """The picture source of sources that bring no pictures along."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An article as its source tells it. Nothing in it is trusted, `html` least of all.

    `kind` and `key` name it for ever within the newsroom; the key may be a private path or address.
    `title`, `summary`, `authors`, `tags` and `section_name` are plain text. `base` is the web
    address that relative links start from. `dropped` names what its reader left out already.
    """

    kind: str
    key: str
    title: str
    html: str
    language: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    section_name: str | None = None
    section_slug: str | None = None
    tags: tuple[str, ...] = ()
    summary: str = ""
    base: str | None = None
    dropped: tuple[str, ...] = ()
    pictures: PictureSource = field(default=no_pictures, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.kind or not self.key:
            raise ValueError("an article that comes in has a kind and a key")
        if any(when and when.tzinfo is not UTC for when in (self.published, self.updated)):
            raise ValueError("times are UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A piece of a source that was not taken, and why, in one line for a person."""

    kind: str
    label: str
    reason: str


Arrival: TypeAlias = Incoming | SetAside
