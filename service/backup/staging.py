"""A staging: where a newsroom grows beside its folder, unseen, until it takes its place."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tamizdat.errors import ConfigError, LedgerError, SourceError

FOLDER_MODE, FILE_MODE = 0o700, 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """`members` come in as they lie in the backup; `room` becomes `folder`. Blocking."""

    place: Path
    folder: Path

    @property
    def members(self) -> Path:
        """Where the members of the backups lie."""
        return self.place / "members"

    @property
    def room(self) -> Path:
        """The newsroom as it will be."""
        return self.place / "room"

    def lay(self, name: str, body: Iterable[bytes]) -> None:
        """Write a member, whose name was checked; SourceError where it is there already."""
        path = self.members / name
        make_private(path.parent)
        try:
            number = os.open(path, _NEW, FILE_MODE)
        except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            raise SourceError(f"holds {name[:90]!r} twice") from error
        with os.fdopen(number, "wb") as file:
            for piece in body:
                file.write(piece)

    def move(self, name: str, to: str) -> None:
        """A member, or a folder of them, to its path in the newsroom."""
        target = self.room / to
        if target.exists():
            raise SourceError(f"its config puts two things at {to[:90]!r}")
        make_private(target.parent)
        (self.members / name).rename(target)

    def take_place(self) -> None:
        """Let the newsroom be its folder, once the disk has all of it."""
        os.sync()
        try:
            self.room.rename(self.folder)  # over an empty folder, or where none is
        except OSError as error:
            raise LedgerError(f"{self.folder}: cannot be made: {error.strerror}") from error


def make_private(folder: Path) -> None:
    """A folder, with those that it lies in, which only we may look into."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(FOLDER_MODE, exist_ok=True)


@contextmanager
def staged(folder: Path) -> Iterator[Staging]:
    """A staging for `folder`, gone at the end; what a kill left of an earlier one goes first.

    ConfigError where the folder is taken, or the one it lies in is not there.
    """
    folder = folder.absolute()
    _refuse_taken(folder)
    place = folder.with_name(f".{folder.name}.restoring")
    try:
        with _alone(place):
            try:
                for old in place.iterdir():
                    shutil.rmtree(old)
                for fresh in ("members", "room"):
                    (place / fresh).mkdir(FOLDER_MODE)
                yield Staging(place=place, folder=folder)
            finally:
                shutil.rmtree(place)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        why = "the disk is full" if full else str(error.strerror or "cannot be used").lower()
        raise LedgerError(f"{place}: {why}: restore to another place") from error


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    place.mkdir(FOLDER_MODE, exist_ok=True)
    number = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise LedgerError(f"{place}: another restore is at work there: wait for it") from None
    finally:
        os.close(number)


def _refuse_taken(folder: Path) -> None:
    try:
        if folder.is_symlink() or (folder.exists() and any(folder.iterdir())):
            raise ConfigError(f"{folder}: is not empty: name a folder that is, or is not there yet")
        if not folder.parent.is_dir():
            raise ConfigError(f"{folder.parent}: is no folder: make it first")
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be looked into ({error.strerror})") from None
