"""Crawling: go through all that lies on every mirror, and tell where a withdrawn text stands."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from mirror.fanout import each, patient
from mirror.holdings import Holding, Holdings
from service.proof.keeping import Wanted
from service.proof.marks import Marker, Marks, kinds, own, together
from service.proof.unwrapping import Unwrapped, as_text, is_text
from service.proof.words import readings, words
from tamizdat.article import ArticleId
from tamizdat.digest import Digest, digest
from tamizdat.edition import MAX_FILE
from tamizdat.errors import FormatError, TamizdatError
from tamizdat.ports import Reader

PATIENCE = 50.0
"""Seconds that a mirror has to show all of itself: what is promised is gone within 60."""

MOST_PLACES = 200
"""Places that are told of one mirror."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """Something of a withdrawn article stands somewhere: in which file, and what it is."""

    article: ArticleId
    where: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found in one place. `refused` says why not all of it could be asked."""

    place: str
    files: int = 0
    stands: tuple[Stands, ...] = ()
    refused: str = ""
    shut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A mirror: what its owner sees, and what a stranger is given (None: it is our own disk)."""

    name: str
    holdings: Holdings
    reader: Reader | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    stands: tuple[Stands, ...]
    shut: tuple[str, ...]


@dataclass(kw_only=True)
class Crawl:
    """Looks for `wanted` in places; what was read once is not gone through again elsewhere."""

    marker: Marker
    wanted: Sequence[Wanted]
    patience: float = PATIENCE
    _seen: dict[Digest, _Seen] = field(default_factory=dict)
    _all: Marks = field(init=False)

    def __post_init__(self) -> None:
        self._all = together(one.marks for one in self.wanted if one.marks)

    async def look(self, places: Sequence[Place]) -> Sequence[Looked]:
        """What stands in each of them. One that hangs or is down keeps no other from its answer."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._place(one)) for one in places]
        return [task.result() for task in tasks]

    async def _place(self, place: Place) -> Looked:
        found = _Found()
        refused = ""
        try:
            async with asyncio.timeout(self.patience):
                listed = await place.holdings.listed()
                refused = listed.doubt
                known = {one.path for one in listed.holdings}
                late = [Holding(path=one.path) for one in self.wanted if one.path not in known]

                async def one(holding: Holding) -> None:
                    await self._file(place, holding, found)

                await each([*listed.holdings, *(late if place.reader else ())], one)
        except TimeoutError:
            refused = f"did not show all of itself in {self.patience:g} s"
        except TamizdatError as error:
            refused = str(error)
        return Looked(
            place=place.name,
            files=found.files,
            stands=tuple(sorted(found.stands, key=lambda one: one.where)[:MOST_PLACES]),
            refused=refused,
            shut=tuple(sorted(found.shut)),
        )

    async def _file(self, place: Place, holding: Holding, found: "_Found") -> None:
        """As readers get it, and as its owner keeps it where that is something else."""
        name = f"{holding.path} (version {holding.version})" if holding.version else holding.path
        bodies = [await place.holdings.read(holding, MAX_FILE)]
        if place.reader and not holding.version:
            bodies.append(await _as_read(place.reader, holding.path, self.patience))
        told = set[Digest]()
        for body in bodies:
            if body is None or digest(body) in told:
                continue
            told.add(digest(body))
            seen = await asyncio.to_thread(self._gone_through, body)
            found.take(name, seen)
        found.take(name, await asyncio.to_thread(self._named, holding.path))
        found.files += 1

    def _named(self, path: str) -> _Seen:
        return _Seen(stands=tuple(self._stands("", [words(path)])), shut=())

    def _gone_through(self, body: bytes) -> _Seen:
        sha256 = digest(body)
        if sha256 in self._seen:
            return self._seen[sha256]
        opened, stands = Unwrapped(), list[Stands]()
        for inner, piece in opened.pieces("", body):
            stands += self._pictured(inner, piece)
            if is_text(piece):
                stands += self._stands(inner, [words(one) for one in readings(as_text(piece))])
        seen = _Seen(stands=tuple(stands), shut=tuple(opened.shut))
        self._seen[sha256] = seen
        return seen

    def _pictured(self, inner: str, piece: bytes) -> list[Stands]:
        mark = self.marker.picture(digest(piece))
        return [
            Stands(article=one.id, where=inner, what=("picture",))
            for one in self.wanted
            if one.marks and mark in one.marks.pictures
        ]

    def _stands(self, inner: str, said: Sequence[Sequence[str]]) -> list[Stands]:
        hits = frozenset[tuple[int, int]]().union(
            *(self.marker.found(text, self._all) for text in said)
        )
        if not hits:
            return []
        mine = [(one.id, one.marks, own(one.marks, hits)) for one in self.wanted if one.marks]
        return [
            Stands(article=article, where=inner, what=kinds(marks, found))
            for article, marks, found in mine
            if found
        ]


@dataclass(slots=True, kw_only=True)
class _Found:
    files: int = 0
    stands: list[Stands] = field(default_factory=list)
    shut: list[str] = field(default_factory=list)

    def take(self, name: str, seen: _Seen) -> None:
        self.stands += [
            Stands(article=one.article, where=name + one.where, what=one.what)
            for one in seen.stands
        ]
        self.shut += [name + one for one in seen.shut]


async def _as_read(reader: Reader, path: str, patience: float) -> bytes | None:
    """What a stranger is given; None also where no reader would ask for such a name."""
    try:
        return await patient(path, patience, reader.fetch(path, MAX_FILE))
    except FormatError:
        return None


def clean(looked: Sequence[Looked]) -> bool:
    """Whether every place was asked, and nothing stands anywhere."""
    return not any(one.stands or one.refused or one.shut for one in looked)
