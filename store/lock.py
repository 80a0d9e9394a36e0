"""A lock: one program at a time works in a newsroom."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from tamizdat.errors import LedgerError


class BusyError(LedgerError):
    """Another program holds the lock."""


class Lock:
    """An advisory lock on a file; it ends with the block, or with the process however that dies.

    LedgerError at once where another holds it. The file stays: its name is what is locked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def __enter__(self) -> Self:
        if self._file is not None:
            raise self._busy()
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LedgerError(f"{self._path} cannot be locked: {error.strerror}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(file)
            raise self._busy() from error
        except OSError as error:
            os.close(file)
            raise LedgerError(f"{self._path} cannot be locked: {error.strerror}") from error
        self._file = file
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _busy(self) -> BusyError:
        return BusyError(
            f"another tamizdat is working in this newsroom ({self._path}): wait for it, stop it, "
            "or, where it is `tamizdat serve`, use its desk"
        )
