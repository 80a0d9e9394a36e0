"""A tree: a new copy that grows beside the old one and takes its place at one stroke."""

import ctypes
import hashlib
import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from tamizdat import paths
from tamizdat.digest import Digest
from tamizdat.edition import Stamp
from tamizdat.errors import ConfigError

_AT_WORKING_FOLDER = -100
_EXCHANGE = 2


class Tree:
    """The copy that grows in `.<name>.part` beside `folder`. Blocking: call it off the event loop.

    It grows on the same file system, so that taking the place is a rename. A kill leaves the old
    copy as it was, and the part, from which the next reading goes on.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.realpath(folder))
        self.part = self.folder.with_name(f".{self.folder.name}.part")
        self._old = self.folder.with_name(f".{self.folder.name}.old")

    def recover(self) -> None:
        """Put the old copy back where a kill between two renames left none."""
        try:
            if self._old.is_dir() and not self.folder.exists():
                self._old.rename(self.folder)
            shutil.rmtree(self._old, ignore_errors=True)
            _unlink_odd(self.part)
            self.part.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _trouble(self.folder, error) from error

    def keep(self, wanted: Mapping[str, frozenset[Stamp]]) -> set[str]:
        """Take over what lies in the part or the old copy with a stamp wanted; which paths."""
        return {path for path, stamps in wanted.items() if self._keep(path, stamps)}

    def put(self, path: str, body: bytes) -> None:
        """Write a file that was checked, at one stroke."""
        target = self.part / paths.check(path)
        fresh = self.part / f"{path}.new"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(body)
            fresh.replace(target)
        except OSError as error:
            raise _trouble(target, error) from error

    def trim(self, names: Collection[str]) -> None:
        """Remove what the new copy does not name."""
        for place, _, files in os.walk(self.part, topdown=False):
            for name in files:
                path = Path(place, name)
                if path.relative_to(self.part).as_posix() not in names:
                    path.unlink()
            if place != str(self.part) and not any(Path(place).iterdir()):
                Path(place).rmdir()

    def take_place(self) -> None:
        """Let the part be the folder. The old copy is removed afterwards."""
        try:
            if not self.folder.exists():
                self.part.rename(self.folder)
            elif _exchange(self.part, self.folder):
                shutil.rmtree(self.part)
            else:
                self.folder.rename(self._old)
                self.part.rename(self.folder)
                shutil.rmtree(self._old)
        except OSError as error:
            raise _trouble(self.folder, error) from error

    def drop(self) -> None:
        """Forget the part."""
        shutil.rmtree(self.part, ignore_errors=True)

    def _keep(self, path: str, stamps: frozenset[Stamp]) -> bool:
        target = self.part / path
        if _stamp(target) in stamps:
            return True
        if _stamp(self.folder / path) not in stamps:
            return False
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            _link(self.folder / path, target)
        except OSError as error:
            raise _trouble(target, error) from error
        return True


def _unlink_odd(part: Path) -> None:
    """Remove all but plain files and folders: who prepared the part could make us write elsewhere.

    A part on a stick may have been laid there by a stranger.
    """
    if part.is_symlink() or (part.exists() and not part.is_dir()):
        part.unlink()
    for place, folders, files in os.walk(part):
        for name in (*folders, *files):
            path = Path(place, name)
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                path.unlink()


def _link(source: Path, target: Path) -> None:
    """The same file under another name; a second file where the file system cannot do that."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _stamp(path: Path) -> Stamp | None:
    """What is known of a plain file, None where there is none."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            hashed = hashlib.file_digest(file, "sha256").hexdigest()
            return Stamp(Digest(hashed), file.tell())
    except OSError:
        return None


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places at one stroke; False where this system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    at = _AT_WORKING_FOLDER
    return bool(rename(at, os.fsencode(one), at, os.fsencode(other), _EXCHANGE) == 0)


def _trouble(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"{path}: cannot be written ({error.strerror}); choose a folder inside one you may write to"
    )
