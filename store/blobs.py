"""Blobs: files by hash, in a folder or in memory."""

import errno
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from store.barrier import barrier, settle
from tamizdat.digest import Digest, digest, is_digest
from tamizdat.errors import BlobMissingError, LedgerError
from tamizdat.ports import Blobs, Many

_UNFINISHED = f".new-{secrets.token_hex(8)}-"
"""How the unfinished files of this run begin: any other's run died, for a newsroom has one."""


class FolderBlobs:
    """Files at `<first 2 digits>/<sha256>` in a folder.

    Not `durable` skips the wait for the disk: a power cut may then lose or halve what `write`
    returned, so only tests and measurements ask for it.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._durable = durable

    def write(self, body: bytes) -> Digest:
        """Keep `body`; writing the same bytes twice is free. Survives a crash once returned.

        LedgerError where the disk is full or refuses.
        """
        sha256 = digest(body)
        path = self._path(sha256)
        with self._explained():
            if _size(path) != len(body):
                self._lay(path, body)
        return sha256

    def write_all(self, bodies: Sequence[bytes]) -> Sequence[Digest]:
        """Keep `bodies`; the disk is waited for once for their bytes and once for their names.

        All survive a crash once this has returned; before, each is there whole or not at all.
        LedgerError where the disk is full or refuses.
        """
        names = tuple(digest(body) for body in bodies)
        named = dict(zip(names, bodies, strict=True))
        with self._explained():
            lacking = {self._path(name): body for name, body in named.items()}
            lacking = {p: body for p, body in lacking.items() if _size(p) != len(body)}
            if lacking:
                self._lay_all(lacking)
        return names

    def read(self, sha256: Digest) -> bytes:
        """The bytes; BlobMissingError where they are not here or no longer match their name."""
        with self._explained():
            try:
                body = self._path(sha256).read_bytes()
            except FileNotFoundError:
                raise BlobMissingError(f"blob {sha256} is not in {self._folder}") from None
        if digest(body) != sha256:
            raise BlobMissingError(f"blob {sha256} in {self._folder} is damaged: restore it")
        return body

    def has(self, sha256: Digest) -> bool:
        """Whether the bytes are here (their name is; only `read` looks at them)."""
        return _size(self._path(sha256)) is not None

    def keep_only(self, wanted: Iterable[Digest]) -> int:
        """Delete everything else; returns how many files went.

        A file that this run is writing is spared; what a run left that died is not.
        """
        keep = frozenset(wanted)
        gone = 0
        with self._explained():
            for path in self._files():
                if path.name in keep or path.name.startswith(_UNFINISHED):
                    continue
                path.unlink()
                gone += 1
        return gone

    def _path(self, sha256: Digest) -> Path:
        if not is_digest(sha256):
            raise BlobMissingError(f"blob {sha256[:64]!r} has no name that a blob can have")
        return self._folder / sha256[:2] / sha256

    def _files(self) -> Iterator[Path]:
        return (path for path in self._folder.glob("*/*") if path.is_file())

    def _lay(self, path: Path, body: bytes) -> None:
        self._make_folder(path.parent)
        unfinished = _unfinished(path)
        try:
            self._fill(unfinished, body, durable=self._durable)
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        self._settle(path.parent)

    def _lay_all(self, bodies: Mapping[Path, bytes]) -> None:
        folders = sorted({path.parent for path in bodies})
        for folder in folders:
            self._make_folder(folder)
        unfinished = {path: _unfinished(path) for path in bodies}
        try:
            with barrier(self._folder) as wait:
                for path, body in bodies.items():
                    self._fill(unfinished[path], body, durable=False)
                if self._durable:
                    wait(list(unfinished.values()))
                for path in bodies:
                    unfinished[path].replace(path)
                if self._durable:
                    wait(folders)
        except BaseException:
            for path in unfinished.values():
                path.unlink(missing_ok=True)
            raise

    def _fill(self, path: Path, body: bytes, *, durable: bool) -> None:
        with os.fdopen(_open_private(path), "wb") as file:
            file.write(body)
            if durable:
                file.flush()
                os.fsync(file.fileno())

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._settle(folder.parent)

    def _settle(self, folder: Path) -> None:
        if self._durable:
            settle(folder)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise LedgerError(
                    f"no space left in {self._folder}: make room there and try again"
                ) from error
            raise LedgerError(
                f"{self._folder} cannot be used: {error.strerror}: check the folder"
            ) from error


class MemoryBlobs:
    """Files in memory, for tests."""

    def __init__(self) -> None:
        self.bodies: dict[Digest, bytes] = {}

    def write(self, body: bytes) -> Digest:
        """Keep `body`."""
        sha256 = digest(body)
        self.bodies[sha256] = body
        return sha256

    def read(self, sha256: Digest) -> bytes:
        """The bytes; BlobMissingError where they are not here or no longer match their name."""
        body = self.bodies.get(sha256)
        if body is None or digest(body) != sha256:
            raise BlobMissingError(f"blob {sha256} is not in memory")
        return body

    def has(self, sha256: Digest) -> bool:
        """Whether the bytes are here."""
        return sha256 in self.bodies

    def keep_only(self, wanted: Iterable[Digest]) -> int:
        """Delete everything else; returns how many went."""
        gone = self.bodies.keys() - set(wanted)
        for sha256 in gone:
            del self.bodies[sha256]
        return len(gone)


def _open_private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


_folder: type[Blobs] = FolderBlobs
_many: type[Many] = FolderBlobs
_memory: type[Blobs] = MemoryBlobs
