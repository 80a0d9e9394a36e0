"""Harm: what a hostile host can do to one file of a copy, each deed undone before the next."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from signing.sources import FolderSource
from signing.verify import verify

Deed = tuple[str, bytes | None]
"""What was done, and the bytes that lie there then; None: nothing does."""


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
