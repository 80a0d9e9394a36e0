"""A barrier: before it, files are written; after it, all of them survive a crash."""

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol

MANY = 16
"""From so many files on, the whole file system is waited for once instead of each file."""

_KNOWN = frozenset({"ext3", "ext4", "xfs", "f2fs", "tmpfs"})
"""Local file systems whose `syncfs` keeps bytes and names; others (FUSE) may pass nothing on."""

_TELLS = (5, 8)
"""Since this Linux `syncfs` tells what could not be written."""

_MOUNTS = Path("/proc/self/mountinfo")


class Wait(Protocol):
    """Returns when the files and folders `paths` are on the disk; OSError where they are not."""

    def __call__(self, paths: Sequence[Path]) -> None:
        """Wait for all of them."""
        ...


@contextmanager
def barrier(folder: Path) -> Iterator[Wait]:
    """How to wait for what is written below `folder` from now on.

    The folder is held open from before the first byte: the system tells of what went wrong since.
    """
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def wait(paths: Sequence[Path]) -> None:
        if len(paths) >= MANY and _is_known(os.fstat(place).st_dev):
            _sync(place)
            return
        for path in paths:
            settle(path)

    try:
        yield wait
    finally:
        os.close(place)


def settle(path: Path) -> None:
    """Wait for one file or folder."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _sync(place: int) -> None:
    if _library().syncfs(place) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@cache
def _is_known(device: int) -> bool:
    """Whether the device is a local file system whose `syncfs` can be trusted."""
    return _tells_errors() and _kind(device) in _KNOWN and hasattr(_library(), "syncfs")


def _tells_errors() -> bool:
    system = os.uname()
    first, _, rest = system.release.partition(".")
    second = rest.partition(".")[0]
    if system.sysname != "Linux" or not (first.isdigit() and second.isdigit()):
        return False
    return (int(first), int(second)) >= _TELLS


def _kind(device: int) -> str:
    """The kind of the file system on a device; empty where that cannot be told."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        mount, _, source = line.partition(" - ")
        if mount.split(" ")[2:3] == [wanted]:
            return source.partition(" ")[0]
    return ""
