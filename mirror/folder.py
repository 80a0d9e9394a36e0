"""A folder as a mirror: served by any web server, by an onion service, or carried on a stick."""

import asyncio
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from mirror import tree
from tamizdat import paths
from tamizdat.errors import BackendError
from tamizdat.ports import Backend

FILE_MODE = 0o644
MAX_PATHS = 1_000_000
"""Files in a folder that are listed; more is no mirror of ours."""

_THREADS = 8
_ATTEMPTS = 3
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_Result = TypeVar("_Result")


class FolderBackend:
    """Files appear whole or not at all: written beside the public tree, synced, then renamed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._staging = folder.parent / f".{folder.name}.incoming"
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="folder")
        self._lock = Lock()
        self._ready = False

    async def put(self, path: str, body: bytes, media_type: str) -> None:  # noqa: ARG002 - its server chooses types
        """Lay `body` at `path`, replacing what is there at one stroke."""
        paths.check(path)
        await self._run(path, lambda: self._put(path, body))

    async def delete(self, path: str) -> None:
        """Remove `path`, and the folders that this leaves empty."""
        await self._run(path, lambda: self._delete(path))

    async def paths(self) -> Sequence[str]:
        """Every path that lies there, also what we did not put."""
        return await self._run("listing", self._paths)

    async def close(self) -> None:
        """Let go of threads."""
        with suppress(OSError):
            self._staging.rmdir()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, where: str, work: Callable[[], _Result]) -> _Result:
        def guarded() -> _Result:
            with tree.translated(where):
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._pool, guarded)

    def _put(self, path: str, body: bytes) -> None:
        self._prepare()
        name = secrets.token_hex(8)
        try:
            self._write(name, body)
            for attempt in range(_ATTEMPTS):
                try:
                    self._move(name, path)
                    break
                except FileNotFoundError:  # a delete took the empty folder from under us
                    if attempt + 1 == _ATTEMPTS:
                        raise
        except OSError:
            with suppress(OSError):
                (self._staging / name).unlink()
            raise

    def _prepare(self) -> None:
        with self._lock:
            if self._ready:
                return
            self._folder.mkdir(tree.DIRECTORY_MODE, parents=True, exist_ok=True)
            shutil.rmtree(self._staging, ignore_errors=True)  # what a killed push left
            self._staging.mkdir(0o700, exist_ok=True)
            if self._staging.stat().st_dev != self._folder.stat().st_dev:
                self._staging.rmdir()
                raise BackendError(
                    "the folder is a disk of its own: use a folder inside it", retry=False
                )
            self._folder.chmod(tree.DIRECTORY_MODE)
            self._ready = True

    def _write(self, name: str, body: bytes) -> None:
        file = os.open(self._staging / name, _CREATE, FILE_MODE)
        with os.fdopen(file, "wb") as stream:
            os.fchmod(stream.fileno(), FILE_MODE)
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())

    def _move(self, name: str, path: str) -> None:
        *parts, last = path.split("/")
        with tree.opened(self._folder, parts, make=True) as directory:
            os.rename(self._staging / name, last, dst_dir_fd=directory)
            os.fsync(directory)

    def _delete(self, path: str) -> None:
        *parts, last = path.split("/")
        if not last or any(part in {"", ".", ".."} for part in (*parts, last)):
            raise BackendError(f"{path[:60]!r} is no path below the folder", retry=False)
        try:
            with tree.opened(self._folder, parts, make=False) as directory:
                os.unlink(last, dir_fd=directory)
                os.fsync(directory)
        except (FileNotFoundError, NotADirectoryError):
            return
        self._prune(parts)

    def _prune(self, parts: list[str]) -> None:
        for depth in range(len(parts), 0, -1):
            try:
                with tree.opened(self._folder, parts[: depth - 1], make=False) as directory:
                    os.rmdir(parts[depth - 1], dir_fd=directory)
            except OSError:  # not empty: something still lies there
                return

    def _paths(self) -> list[str]:
        return tree.listing(self._folder, MAX_PATHS) if self._folder.exists() else []


_: type[Backend] = FolderBackend
