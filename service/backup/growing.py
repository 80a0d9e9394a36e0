"""A growing file: it bears its name only once it is whole, and nobody else may read it."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tamizdat.errors import ConfigError, LedgerError

MODE = 0o600


def part_of(target: Path) -> Path:
    """Where the file grows: beside its place, so that a rename is all that is left to do."""
    return target.with_name(f".{target.name}.part")


@contextmanager
def growing(target: Path) -> Iterator[BinaryIO]:
    """A file to write; it is `target` once the block has ended, and nothing at all if it fails.

    A kill leaves a part of it under another name, which the next run removes. ConfigError where
    something lies at `target`; LedgerError where the disk refuses, or another run is at it.
    """
    part = part_of(target)
    try:
        with _opened(part, target) as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                _refuse_taken(target)
                part.replace(target)
                _settle(target.parent)
            finally:
                with suppress(FileNotFoundError):
                    part.unlink()
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        why = "the disk is full" if full else str(error.strerror or "cannot be written").lower()
        raise LedgerError(f"{target}: {why}: name another place") from error


def _opened(part: Path, target: Path) -> BinaryIO:
    _refuse_taken(target)
    number = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
    file = os.fdopen(number, "r+b", buffering=0)  # a child of ours moves in it too
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise LedgerError(f"{target}: another run is writing it: wait for it") from None
    with suppress(PermissionError):  # some sticks know no modes
        os.fchmod(number, MODE)
    file.truncate(0)
    return file


def _refuse_taken(target: Path) -> None:
    if target.is_symlink() or target.exists():
        raise ConfigError(f"{target}: is there already: name another file")


def _settle(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
