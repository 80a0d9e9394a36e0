"""A paper, a mirror in memory, and what a ledger would know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from mirror.audit import Audit, audit
from mirror.memory import Memory
from mirror.push import push, settle
from mirror.shelf import Shelf
from mirror.target import Target
from tamizdat.digest import Digest
from tamizdat.errors import BackendError
from tamizdat.placement import Lying, Phase, Placement, Refusal
from tests.unit.mirror.paper import Clock, Paper, Piece, mirror

FIRST, SECOND, THIRD = ("abcdefghijkl2", "bbcdefghijkl2", "cbcdefghijkl2")
PIECES = {
    FIRST: Piece("2025-01", "one", ("x",)),
    SECOND: Piece("2025-02", "two", ("x", "y")),
}


class Watched(Memory):
    """A mirror that remembers what it was asked, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        self.asked.append(("put", path))
        await super().put(path, body, media_type)

    async def delete(self, path: str) -> None:
        self.asked.append(("delete", path))
        await super().delete(path)

    async def fetch(self, path: str, limit: int) -> bytes | None:
        self.asked.append(("fetch", path))
        return await super().fetch(path, limit)

    def puts(self) -> list[str]:
        return [path for verb, path in self.asked if verb == "put"]


class Cutting(Watched):
    """Acknowledges everything and keeps half of each page."""

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        kept = body[: len(body) // 2] if path.endswith(".html") else body
        await super().put(path, kept, media_type)


class Stubborn(Watched):
    """Acknowledges everything and goes on serving what it had first."""

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        await super().put(path, self.files.get(path, body), media_type)


class Full(Watched):
    """Takes no file whose path begins like this, and lets go of any."""

    def __init__(self, files: Mapping[str, bytes], refused: str) -> None:
        super().__init__()
        self.files.update(files)
        self.refused = refused

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        if path.startswith(self.refused):
            raise BackendError(f"{path}: no room", retry=False)
        await super().put(path, body, media_type)


class Keeping(Watched):
    """Acknowledges a deletion and goes on serving, as a cache does."""

    async def delete(self, path: str) -> None:
        self.asked.append(("delete", path))


@dataclass
class Room:
    """A paper, a mirror, and what a ledger knows of it."""

    paper: Paper = field(default_factory=Paper)
    memory: Watched = field(default_factory=Watched)
    lying: list[Lying] = field(default_factory=list)
    placed: tuple[Digest, ...] = ()
    before: tuple[Digest, ...] = ()

    async def push(
        self, target: Target, again: frozenset[str] = frozenset()
    ) -> Placement | Refusal:
        self.memory.asked.clear()
        outcome = await push(
            mirror(base=target.base),
            self.memory,
            self.memory,
            target,
            lying=self.paper.lying(self.lying),
            placed=self.placed,
            shelf=Shelf(self.paper.blobs),
            clock=Clock(),
            random=Random(1),  # noqa: S311
            again=again,
        )
        if isinstance(outcome, Placement):
            self._arrived(target)
        return outcome

    async def settle(
        self, target: Target, surplus: Sequence[str] = ()
    ) -> Placement | Refusal | None:
        self.memory.asked.clear()
        return await settle(
            mirror(),
            self.memory,
            self.memory,
            target,
            lying=self.paper.lying(self.lying),
            placed=self.before,
            shelf=Shelf(self.paper.blobs),
            clock=Clock(),
            surplus=surplus,
        )

    async def audit(self, target: Target) -> Audit | Refusal:
        return await audit(mirror(), self.memory, self.memory, target, self.paper.load)

    async def arrive(self) -> Target:
        """Push the newest edition and settle it: one whole pass."""
        target = self.paper.target()
        assert isinstance(await self.push(target), Placement)
        await self.settle(target)
        self.lying = self.lying[-1:]
        return target

    def _arrived(self, target: Target) -> None:
        number = target.edition.number
        self.lying = [
            *[Lying(edition=one.edition, phase=Phase.LEAVING) for one in self.lying],
            Lying(edition=number, phase=Phase.CURRENT),
        ]
        self.lying = [one for one in self.lying if one.edition < number] + self.lying[-1:]
        self.before = self.placed
        self.placed = (
            target.overlay.here.sha256,
            target.withdrawn.sha256,
            target.pointer.sealed.sha256,
        )
