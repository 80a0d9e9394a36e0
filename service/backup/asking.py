"""Asking: what lies on each mirror, as a stranger finds it, verified by our own roots."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mirror.fanout import PATIENCE, patient
from service.newsroom import Newsroom, Outlet
from signing import head
from signing.head import HERE, LATEST, WAYS, WITHDRAWN, Head
from signing.lectern import passing_sealed
from signing.sources import Source
from signing.state import State
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import MAX_FILE, Files, Sealed, Stamp
from tamizdat.errors import BackendError, FormatError, SourceError
from tamizdat.ledgers import Overlay
from tamizdat.placement import MirrorId
from tamizdat.ports import Reader

DEADLINE = 600.0
"""Seconds that one mirror may take to tell all that it has signed."""

AT_ONCE = 8
_TRIES = 3
_WAIT = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is signed on a mirror, and its overlay where that is whole."""

    mirror: MirrorId
    head: Head
    overlay: Overlay | None
    source: "ReaderSource"

    @property
    def rank(self) -> tuple[int, int]:
        """The newest is the highest: by edition, then by pointer."""
        pointer = self.head.pointer
        return (self.head.newest, pointer.pointer.version if pointer else 0)

    @property
    def files(self) -> Files:
        """Every path of its pointer's edition, and of later ones as far as they lie there."""
        later = (n for n in sorted(self.head.editions) if n >= self.head.edition)
        refs = (ref for n in later for ref in self.head.editions[n].manifest.shards)
        return {
            path: Stamp(sha256, length)
            for ref in refs
            if ref.sha256 in self.head.shards
            for path, length, sha256 in self.head.shards[ref.sha256].files
        }

    def passing(self, path: str) -> Sealed | None:
        """A signed file that changes, as it lies there."""
        body = self.head.files.get(path)
        if body is None:
            return None
        name = paths.passing_signature(path, digest(body))
        return passing_sealed(body, self.head.files[name], name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A mirror that has nothing of ours, or does not answer."""

    mirror: MirrorId
    detail: str


async def ask(room: Newsroom) -> Sequence[Found | Silent]:
    """Ask every mirror, retired ones too; no mirror waits for another."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_one(room, one)) for one in room.outlets.values()]
    return [task.result() for task in tasks]


async def _one(room: Newsroom, outlet: Outlet) -> Found | Silent:
    source = ReaderSource(outlet.mirror.id, outlet.reader)
    try:
        async with asyncio.timeout(DEADLINE):
            found = await _head(room, source)
            overlay = await _overlay(found, source)
    except (FormatError, SourceError) as error:
        return Silent(mirror=outlet.mirror.id, detail=str(error))
    except TimeoutError:
        return Silent(mirror=outlet.mirror.id, detail=f"no end in {DEADLINE:.0f} s")
    return Found(mirror=outlet.mirror.id, head=found, overlay=overlay, source=source)


async def _head(room: Newsroom, source: "ReaderSource") -> Head:
    root = room.keys.root_id
    for attempt in range(_TRIES):
        try:
            return await head.read(source, root, room.clock.now(), State(root_id=root))
        except FormatError:
            if attempt == _TRIES - 1 or not await source.changed():
                raise
        await asyncio.sleep(_WAIT * 2**attempt)
    raise AssertionError("the last try returns or raises")


async def _overlay(top: Head, source: "ReaderSource") -> Overlay | None:
    """What is local to a mirror, None where its `ways.html` is not one that it may be."""
    body = top.files.get(HERE)
    if body is None or top.here is None:
        return None
    allowed = {Stamp(one.sha256, one.len) for one in top.here.ways}
    limit = max(one.length for one in allowed)
    ways = (await source.fetch({WAYS: min(limit, MAX_FILE)})).get(WAYS)
    if ways is None or Stamp(digest(ways), len(ways)) not in allowed:
        return None
    name = paths.passing_signature(HERE, digest(body))
    return Overlay(here=passing_sealed(body, top.files[name], name), ways=ways)


class ReaderSource:
    """A mirror, read through the port by which strangers read it. It cannot be listed."""

    def __init__(self, mirror: MirrorId, reader: Reader) -> None:
        self._mirror = mirror
        self._reader = reader
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._passing: dict[str, bytes | None] = {}

    @property
    def name(self) -> str:
        """The mirror's id."""
        return self._mirror

    async def listing(self) -> None:
        """Nothing: a stranger sees no folder."""
        self._passing.clear()

    async def fetch(self, wanted: Mapping[str, int]) -> Mapping[str, bytes]:
        """The bytes of those paths that lie there; SourceError where one cannot be had."""
        async with asyncio.TaskGroup() as group:
            tasks = {p: group.create_task(self._fetch(p, limit)) for p, limit in wanted.items()}
        answers = {path: task.result() for path, task in tasks.items()}
        for answer in answers.values():
            if isinstance(answer, SourceError):
                raise answer
        found = {path: body for path, body in answers.items() if isinstance(body, bytes)}
        changing = wanted.keys() & {LATEST, HERE, WITHDRAWN}
        self._passing.update({path: found.get(path) for path in changing})
        return found

    async def stamps(self, wanted: Mapping[str, int]) -> Mapping[str, Stamp]:
        """The stamps of those paths that lie there."""
        found = await self.fetch(wanted)
        return {path: Stamp(digest(body), len(body)) for path, body in found.items()}

    async def changed(self) -> bool:
        """Whether one of the files that change did so since it was read."""
        before = dict(self._passing)
        now = await self.fetch(dict.fromkeys(before, 1024 * 1024))
        return any(before[path] != now.get(path) for path in before)

    async def _fetch(self, path: str, limit: int) -> bytes | SourceError | None:
        try:
            async with self._turns:
                return await patient(path, PATIENCE, self._reader.fetch(path, limit))
        except BackendError as error:
            return SourceError(str(error))


_: type[Source] = ReaderSource
