"""A parcel: texts or sheets as bytes, from one process to the other.

A line of JSON tells all but the bodies; they follow, one after another.
"""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from feeds.paper import Card, Paper
from feeds.sheet import Sheet
from tamizdat.article import Section
from tamizdat.edition import Stamp

_NAMES = sorted(
    {one.name for one in dataclasses.fields(Card)} - {"published", "updated", "section"}
)
"""Sorted: the other process would walk a set in another order."""

_PLAIN = attrgetter(*_NAMES)


def of_paper(paper: Paper) -> bytes:
    """A paper, packed."""
    return json.dumps(dataclasses.asdict(paper)).encode()


def paper_in(parcel: bytes) -> Paper:
    """The paper that was packed."""
    fields = json.loads(parcel)
    return Paper(**{**fields, "languages": tuple(fields["languages"])})


def of_texts(texts: Sequence[bytes]) -> bytes:
    """Texts, packed."""
    return _packed([len(text) for text in texts], texts)


def texts_in(parcel: bytes) -> list[bytes]:
    """The texts that were packed."""
    lengths, joined = _opened(parcel)
    return list(_cut(joined, lengths))


def of_sheets(sheets: Sequence[Sheet]) -> bytes:
    """Sheets, packed."""
    told = [[len(one.body), _pictures(one), _fields(one.card)] for one in sheets]
    return _packed(told, [one.body for one in sheets])


def sheets_in(parcel: bytes) -> list[Sheet]:
    """The sheets that were packed; ValueError where these are none."""
    told, joined = _opened(parcel)
    bodies = _cut(joined, [length for length, _, _ in told])
    return [
        Sheet(
            body=body,
            pictures=tuple((path, Stamp(sha256, length)) for path, sha256, length in pictures),
            card=_card(fields),
        )
        for (_, pictures, fields), body in zip(told, bodies, strict=True)
    ]


def _packed(told: object, bodies: Sequence[bytes]) -> bytes:
    return b"".join((json.dumps(told).encode(), b"\n", *bodies))


def _opened(parcel: bytes) -> tuple[Any, bytes]:
    line, _, joined = parcel.partition(b"\n")
    return json.loads(line), joined


def _cut(joined: bytes, lengths: Sequence[int]) -> Iterator[bytes]:
    at = 0
    for length in lengths:
        yield joined[at : at + length]
        at += length


def _pictures(one: Sheet) -> list[tuple[str, str, int]]:
    return [(path, stamp.sha256, stamp.length) for path, stamp in one.pictures]


def _fields(one: Card) -> list[Any]:
    section = one.section
    return [
        *_PLAIN(one),
        one.published.isoformat(),
        one.updated.isoformat(),
        [section.slug, section.name] if section else None,
    ]


def _card(fields: list[Any]) -> Card:
    *plain, published, updated, section = fields
    return Card(
        **dict(zip(_NAMES, plain, strict=True)),
        published=datetime.fromisoformat(published),
        updated=datetime.fromisoformat(updated),
        section=Section(slug=section[0], name=section[1]) if section else None,
    )
