"""Harm: what a hostile host can do to one file of a copy, each deed undone before the next."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from signing.sources import FolderSource, Source
from signing.verify import verify
from tamizdat.digest import digest
from tamizdat.edition import Stamp

Deed = tuple[str, bytes | None]
"""What was done, and the bytes that lie there then; None: nothing does."""


def dice(seed: int) -> Random:
    """Chance that falls the same way every time."""
    return Random(seed)  # noqa: S311 - no secret rests on it


def deeds(body: bytes, turn: Random, positions: Iterable[int] | None = None) -> Iterator[Deed]:
    """The file with one byte flipped, here and there; cut, emptied, longer, gone."""
    last = len(body) - 1
    chosen = positions
    if chosen is None:
        chosen = {0, last // 2, last, *(turn.randrange(len(body)) for _ in range(3))}
    for at in sorted(chosen):
        flipped = body[at] ^ (1 << turn.randrange(8))
        yield f"flipped at {at}", body[:at] + bytes([flipped]) + body[at + 1 :]
    yield "cut by one", body[:-1]
    yield "emptied", b""
    yield "one longer", body + b"\n"
    yield "gone", None


@contextmanager
def done(path: Path, body: bytes | None) -> Iterator[None]:
    """Let `body` lie at `path` (None: nothing) until the block ends."""
    before = path.read_bytes()
    try:
        if body is None:
            path.unlink()
        else:
            path.write_bytes(body)
        yield
    finally:
        path.write_bytes(before)


@contextmanager
def surplus(path: Path, lay: Callable[[Path], object]) -> Iterator[None]:
    """Let something new lie at `path` until the block ends; folders made for it go with it."""
    made = next(one for one in (*reversed(path.parents), path) if not one.exists())
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        lay(path)
        yield
    finally:
        if made.is_dir() and not made.is_symlink():
            shutil.rmtree(made)
        else:
            made.unlink()


async def is_authentic(copy: Path, root: str) -> bool:
    """The verdict on a folder as it lies there now."""
    report = await verify(FolderSource(copy), root, datetime.now(UTC))
    return report.authentic


class Held:
    """A copy held in memory: thousands of deeds in the time that a disk takes for a few."""

    name = "held"

    def __init__(self, folder: Path) -> None:
        paths = (path for path in folder.rglob("*") if path.is_file())
        self.bodies = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        self._stamps = {path: _stamp(body) for path, body in self.bodies.items()}

    async def is_authentic(self, root: str, path: str, body: bytes) -> bool:
        """The verdict where `body` lies at `path`."""
        whole, stamp = self.bodies[path], self._stamps[path]
        self.bodies[path], self._stamps[path] = body, _stamp(body)
        report = await verify(self, root, datetime.now(UTC))
        self.bodies[path], self._stamps[path] = whole, stamp
        return report.authentic

    async def listing(self) -> frozenset[str]:
        return frozenset(self.bodies)

    async def fetch(self, wanted: Mapping[str, int]) -> Mapping[str, bytes]:
        return {p: self.bodies[p][: n + 1] for p, n in wanted.items() if p in self.bodies}

    async def stamps(self, wanted: Mapping[str, int]) -> Mapping[str, Stamp]:
        return {path: self._stamps[path] for path in wanted if path in self._stamps}

    async def changed(self) -> bool:
        return False


def _stamp(body: bytes) -> Stamp:
    return Stamp(digest(body), len(body))


_: type[Source] = Held
