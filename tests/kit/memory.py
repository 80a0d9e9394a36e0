"""A running program's memory, searched as whoever seizes the machine could search it."""

from collections.abc import Collection, Iterator
from pathlib import Path


def left_in_memory(pid: int, needles: Collection[bytes]) -> set[bytes]:
    """Which of `needles` stand somewhere in the memory of a program."""
    return {needle for piece in _pieces(pid) for needle in needles if needle in piece}


def left_in_files(folder: Path, needles: Collection[bytes]) -> set[str]:
    """Files below `folder` that hold any of `needles`."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path) for path in files if any(one in path.read_bytes() for one in needles)}


def _pieces(pid: int) -> Iterator[bytes]:
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="ascii", errors="replace")
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps.splitlines():
            words = line.split()
            if "r" not in words[1] or words[-1] in {"[vvar]", "[vsyscall]"}:
                continue
            start, end = (int(bound, 16) for bound in words[0].split("-"))
            memory.seek(start)
            try:
                yield memory.read(end - start)
            except OSError:
                continue  # a piece that was given back meanwhile
