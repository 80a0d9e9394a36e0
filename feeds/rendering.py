"""A rendering: everything that pages depend on besides articles, by one digest."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files

from feeds.paper import Paper
from tamizdat.digest import Digest

SOURCES = (
    "bundle",
    "day",
    "deflate",
    "figures",
    "letters",
    "page",
    "paper",
    "places",
    "plain",
    "qr",
    "script",
    "style",
    "syndication",
    "template",
    "tongue",
    "view",
    "words",
    "zip",
)
"""The modules that make bytes; folders beside them hold what they read."""

FOLDERS = ("assets", "templates", "words")


def rendering_id(paper: Paper) -> Digest:
    """Changes whenever the same articles could be rendered into other bytes.

    A new version of a library is not seen: its effect is found when pages are rendered next.
    """
    told = hashlib.sha256(json.dumps(asdict(paper), sort_keys=True).encode())
    for name, body in _PARTS:
        told.update(f"\n{name} {len(body)}\n".encode())
        told.update(body)
    return Digest(told.hexdigest())


def _parts() -> Iterator[tuple[str, bytes]]:
    room = files("feeds")
    for name in SOURCES:
        yield name, room.joinpath(f"{name}.py").read_bytes()
    for folder in FOLDERS:
        for part in sorted(room.joinpath(folder).iterdir(), key=lambda part: part.name):
            yield f"{folder}/{part.name}", part.read_bytes()


_PARTS = tuple(_parts())
"""Read when this program is: it renders as it did then, whatever is installed over it."""
