"""Laying: the push of a newsroom's edition onto its mirrors, measured within the service.

A program of its own: `python -m tests.kit.bench.laying FOLDER put|read nothing|correct|rebuild`
answers in JSON. With `put` nothing is read back, which only a bench may ask for: it tells what the
puts alone take. `correct` corrects one article in a hundred before, `rebuild` renders all again.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from feeds.sharding import files_of
from mirror.shelf import Shelf
from mirror.target import bundle_path
from service.newsroom import Newsroom, Outlet
from service.pipeline import prepare, wanted
from service.placing import place
from service.stories.importing import to_record
from service.wiring import opened
from tamizdat import paths
from tamizdat.article import decode
from tamizdat.edition import SealedEdition, Stamp
from tamizdat.placement import Placement
from tamizdat.ports import Backend

EVERY = 100
SIGNED = 6
"""Manifest, pointer and here file, each with its signature."""


class Echo:
    """A mirror that gives back what was put, without being asked for it over the wire."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._last: dict[str, bytes] = {}

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        """Put it, and remember it until it is read back."""
        await self._backend.put(path, body, media_type)
        self._last[path] = body

    async def fetch(self, path: str, limit: int) -> bytes | None:
        """What was put last, once."""
        del limit
        return self._last.pop(path, None)

    async def delete(self, path: str) -> None:
        """Pass it on."""
        await self._backend.delete(path)

    async def paths(self) -> Sequence[str]:
        """Pass it on."""
        return await self._backend.paths()

    async def close(self) -> None:
        """Pass it on."""
        await self._backend.close()


async def laid(folder: Path, change: str, *, read_back: bool) -> dict[str, float]:
    """What the push took, in seconds, once the edition was made; and what it had to put."""
    async with opened(folder) as room:
        before = await room.ledgers.editions.newest()
        await _change(room, change)
        desired = await prepare(room)
        outlets = [one if read_back else _echoed(one) for one in await wanted(room)]
        pool = [one.mirror for one in outlets]
        wall, cpu = time.perf_counter(), time.process_time()
        outcomes = await place(room, outlets, pool, desired, shelf=Shelf(room.blobs))
        took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    placed = [one for one in outcomes if isinstance(one, Placement)]
    assert len(placed) == len(outlets), outcomes
    writes = sum(one.writes for one in placed)
    fresh = _fresh(room, before, desired.edition)
    pages = [path for path in fresh if path[2:3] == "/" and path.endswith(".html")]
    return {**took, "writes": writes, "owed": len(fresh) + SIGNED, "pages": len(pages)}


async def _change(room: Newsroom, change: str) -> None:
    if change == "rebuild":
        await room.ledgers.articles.mark_all_changed()
    if change != "correct":
        return
    lengths = await room.ledgers.articles.lengths()
    records = []
    for key in sorted(key for key in lengths if not key[1]):
        listed = await room.ledgers.articles.listed(key, 1, lengths[key])
        for _, record in listed[::EVERY]:
            assert record.text is not None
            article = decode(room.blobs.read(record.text))
            number, note = article.revision + 1, "A name was wrong."
            corrected = replace(article, revision=number, correction=note)
            records.append(await to_record(room, corrected))
    await room.ledgers.articles.release(records)


def _fresh(room: Newsroom, before: SealedEdition | None, after: SealedEdition) -> list[str]:
    """Paths of files, bundles and shards that the edition before had not, or had otherwise."""
    old, new = _files(room, before), _files(room, after)
    return [path for path, stamp in new.items() if old.get(path) != stamp]


def _files(room: Newsroom, edition: SealedEdition | None) -> dict[str, Stamp]:
    if edition is None:
        return {}
    manifest = edition.manifest
    return {
        **files_of(manifest.shards, room.blobs),
        **{bundle_path(one): Stamp(one.sha256, one.len) for one in manifest.bundles},
        **{paths.shard(one.sha256): Stamp(one.sha256, one.len) for one in manifest.shards},
    }


def _echoed(outlet: Outlet) -> Outlet:
    echo = Echo(outlet.backend)
    return replace(outlet, backend=echo, reader=echo)


if __name__ == "__main__":
    found = asyncio.run(laid(Path(sys.argv[1]), sys.argv[3], read_back=sys.argv[2] == "read"))
    sys.stdout.write(json.dumps(found) + "\n")
