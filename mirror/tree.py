"""A tree: directories opened one by one by descriptor, so that no symbolic link leads out."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tamizdat.errors import BackendError

DIRECTORY_MODE = 0o755
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_SAYINGS = {
    # errno: what to tell a person, and whether later may help
    errno.ENOSPC: ("the disk is full", True),
    errno.EDQUOT: ("the disk quota is used up", True),
    errno.EFBIG: ("the system allows no file of this size", False),
    errno.EROFS: ("the disk is read-only", False),
    errno.EACCES: ("no permission: let this program's user write to the folder", False),
    errno.EPERM: ("no permission: let this program's user write to the folder", False),
    errno.ELOOP: ("a symbolic link stands in the way: remove it", False),
    errno.ENOTDIR: ("a file or link stands where a folder must be: remove it", False),
    errno.EISDIR: ("a folder stands where a file must be: remove it", False),
    errno.ENOENT: ("the folder is not there", True),
}


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn an OSError into a BackendError of one line about `where`."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        saying, retry = _SAYINGS.get(number, (os.strerror(number).lower(), True))
        raise BackendError(f"{where}: {saying}", retry=retry) from error


@contextmanager
def opened(root: Path, parts: Sequence[str], *, make: bool) -> Iterator[int]:
    """A descriptor of the directory `parts` below `root`, made where it is not there.

    Only `root` itself may be a symbolic link.
    """
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            inner = _step(here, part, make=make)
            os.close(here)
            here = inner
        yield here
    finally:
        os.close(here)


def read(root: Path, path: str, limit: int) -> bytes | None:
    """The first `limit` bytes of a plain file, None where there is none."""
    *parts, name = path.split("/")
    try:
        with opened(root, parts, make=False) as directory:
            file = os.open(name, _FILE, dir_fd=directory)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with os.fdopen(file, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            return None
        return stream.read(limit)


def listing(root: Path, limit: int) -> list[str]:
    """Every path below `root` that is no directory, sorted; links count as files.

    Raises BackendError where there are over `limit`.
    """
    found: list[str] = []
    waiting = [("", root)]
    while waiting:
        prefix, directory = waiting.pop()
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((f"{prefix}{entry.name}/", directory / entry.name))
                else:
                    found.append(prefix + entry.name)
        if len(found) > limit:
            raise BackendError(f"over {limit} files lie there: look what fills it", retry=False)
    return sorted(found)


def _step(here: int, part: str, *, make: bool) -> int:
    made = False
    if make:
        with suppress(FileExistsError):
            os.mkdir(part, DIRECTORY_MODE, dir_fd=here)
            made = True
    inner = os.open(part, _DIRECTORY, dir_fd=here)
    if made:
        os.fchmod(inner, DIRECTORY_MODE)
        os.fsync(here)
    return inner
