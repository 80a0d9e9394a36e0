"""Arrivals: files that are renamed into a folder or deleted from it, told by the kernel (inotify).

A folder mirror writes each file beside the public tree and renames it to its place, so that an
arrival is to a folder what a PUT is to a bucket.
"""

import ctypes
import os
import select
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Self

from tests.kit.deeds import Deed, Deeds

_MOVED_TO, _CREATED, _DELETED, _FOLDER = 0x80, 0x100, 0x200, 0x40000000
_WATCHED = _MOVED_TO | _CREATED | _DELETED
_HEAD = struct.Struct("iIII")
_BUFFER = 1 << 16


@contextmanager
def arriving(mirror: str, folder: Path, deeds: Deeds) -> Iterator[None]:
    """Write what happens below `folder` into `deeds` until the block ends."""
    stop, stopped = os.pipe()
    with _Kernel(mirror, folder, deeds) as kernel:
        thread = Thread(target=kernel.listen, args=(stop,), name=f"arrivals-{mirror}")
        thread.start()
        try:
            yield
        finally:
            os.write(stopped, b".")
            thread.join(10)
            os.close(stop)
            os.close(stopped)


class _Kernel:
    """One inotify descriptor, and which watch stands for which directory."""

    def __init__(self, mirror: str, folder: Path, deeds: Deeds) -> None:
        self._mirror = mirror
        self._folder = folder
        self._deeds = deeds
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watches: dict[int, str] = {}

    def __enter__(self) -> Self:
        self._file = self._libc.inotify_init1(os.O_CLOEXEC)
        if self._file < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self._watch("", known=True)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def listen(self, stop: int) -> None:
        while stop not in (ready := select.select([self._file, stop], [], [])[0]):
            if self._file in ready:
                self._read(os.read(self._file, _BUFFER))

    def _read(self, events: bytes) -> None:
        at = 0
        while at < len(events):
            watch, mask, _, length = _HEAD.unpack_from(events, at)
            at += _HEAD.size
            name = events[at : at + length].rstrip(b"\0").decode()
            at += length
            if watch in self._watches and name:
                self._tell(self._watches[watch] + name, mask)

    def _tell(self, path: str, mask: int) -> None:
        if mask & _FOLDER:
            if mask & (_CREATED | _MOVED_TO):
                self._watch(path + "/", known=False)
        elif mask & _MOVED_TO:
            self._note("PUT", path)
        elif mask & _DELETED:
            self._note("DELETE", path)

    def _watch(self, prefix: str, *, known: bool) -> None:
        """Watch a directory; what came into a new one before we watched it, came just now."""
        place = self._folder / prefix
        watch = self._libc.inotify_add_watch(self._file, os.fsencode(place), _WATCHED)
        if watch < 0:
            return  # it went again
        self._watches[watch] = prefix
        try:
            entries = list(os.scandir(place))
        except FileNotFoundError:
            return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                self._watch(f"{prefix}{entry.name}/", known=known)
            elif not known:
                self._note("PUT", prefix + entry.name)

    def _note(self, verb: str, path: str) -> None:
        self._deeds.add(Deed(self._mirror, verb, path, time.monotonic()))
