"""An envelope: bytes of any length under a passphrase, as `gpg` closes and opens them (OpenPGP).

gpg runs as a child of ours and not through python-gnupg, which takes a source that broke off for
one that ended, keeps what comes out in memory, and cannot be stopped. What comes out of `unseal`
is proven only once it returned: gpg tells at the very end whether a byte was changed or is missing.
"""

import asyncio
import os
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from tamizdat.errors import LedgerError, SigningError, SourceError, TamizdatError

STALL = 300.0
"""Seconds without a byte in or out after which gpg is ended."""

MAX_SAID = 64 * 1024
"""Bytes that gpg may say about one envelope."""

MAX_PASSPHRASE = 1000


class Plain(Protocol):
    """The plain bytes, as a stream: written in one direction, or read in the other."""

    def read(self, size: int) -> bytes:
        """At most `size` of the next bytes, none at the end."""
        ...

    def write(self, body: bytes) -> int:
        """All of `body` goes out."""
        ...


Work = Callable[[Plain], None]
"""Blocking: writes a whole stream, or reads all of it."""

_PIECE = 1024 * 1024
_COMMON = ("--no-options", "--batch", "--no-tty", "--status-fd", "2", "--pinentry-mode", "loopback")
# --rfc4880: any OpenPGP program opens it, for decades. The count is the highest there is.
_SEAL = str.split(
    "--rfc4880 --no-symkey-cache --cipher-algo AES256 --s2k-mode 3 --s2k-cipher-algo AES256"
    " --s2k-digest-algo SHA512 --s2k-count 65011712 --compress-algo none --symmetric"
)
_OPEN = ("--no-symkey-cache", "--decrypt")
_BAD = frozenset({"BADMDC", "DECRYPTION_FAILED", "NODATA", "ERROR", "FAILURE", "UNEXPECTED"})
_ONCE = ("BEGIN_DECRYPTION", "PLAINTEXT", "DECRYPTION_OKAY", "GOODMDC")
_ALTERED = "is damaged, cut short, or under another passphrase: nothing in it was taken"


async def seal(sealed: BinaryIO, passphrase: str, fill: Work) -> None:
    """Write what `fill` writes, encrypted, into the open file `sealed`.

    SigningError where gpg does not end well; whatever `fill` raises goes on.
    """
    out, plain = os.pipe()
    with os.fdopen(out, "rb") as out_end, os.fdopen(plain, "wb", 0) as plain_end:
        said = await _flow(_SEAL, passphrase, (out_end, sealed), out_end, plain_end, fill)
    if isinstance(said.trouble, TamizdatError):
        raise said.trouble
    if said.code or "END_ENCRYPTION" not in said.words or _BAD & set(said.words):
        raise SigningError(f"nothing was encrypted: {said.last}")
    if said.trouble:
        raise LedgerError(f"nothing was encrypted: {said.trouble.strerror}")


async def unseal(sealed: BinaryIO, passphrase: str, drain: Work, where: str) -> None:
    """Let `drain` read what the open file `sealed` holds; it is proven once this returns.

    SourceError where the passphrase is wrong, or a byte is changed, missing or too many; whatever
    `drain` raises goes on where the bytes were good.
    """
    plain, into = os.pipe()
    with os.fdopen(plain, "rb") as plain_end, os.fdopen(into, "wb", 0) as into_end:
        work = _heard_out(drain, os.fstat(sealed.fileno()).st_size)
        streams = (sealed, into_end)
        said = await _flow(_OPEN, passphrase, streams, into_end, plain_end, work)
    if isinstance(said.trouble, OSError):
        raise LedgerError(f"{where}: cannot be laid out: {said.trouble.strerror}")
    if isinstance(said.trouble, LedgerError):
        raise said.trouble
    if said.code or _BAD & set(said.words) or any(said.words.count(one) != 1 for one in _ONCE):
        raise SourceError(f"{where}: {_ALTERED}")
    if said.trouble:
        raise said.trouble


class _Said:
    """How gpg ended, the status words it said, and what went wrong at our end of the pipe."""

    def __init__(self, code: int, stderr: bytes, trouble: OSError | TamizdatError | None) -> None:
        lines = stderr.decode("utf-8", "replace").splitlines()
        own = [one for one in lines if one.strip() and not one.startswith("[GNUPG:]")]
        self.code = code
        self.words = [one.split()[1] for one in lines if one.startswith("[GNUPG:] ")]
        self.last = own[-1] if own and code > 0 else f"gpg was stopped (signal {-code})"
        self.trouble = trouble


async def _flow(
    options: Sequence[str],
    passphrase: str,
    streams: tuple[BinaryIO, BinaryIO],
    theirs: BinaryIO,
    ours: BinaryIO,
    work: Work,
) -> _Said:
    """Run gpg from one stream to the other; `work` is at our end of the pipe between us."""
    with tempfile.TemporaryDirectory(prefix="tz") as home:
        child = await _start(Path(home), options, passphrase, streams)
        theirs.close()
        counted = _Counted(ours)
        try:
            async with asyncio.TaskGroup() as group:
                said = group.create_task(_tail(child))
                worked = group.create_task(asyncio.to_thread(_trouble, work, counted))
                group.create_task(_watch(child, counted))
        finally:
            if child.returncode is None:
                child.kill()  # its pipe breaks, and so the thread at our end comes back
                await child.wait()
    return _Said(child.returncode or 0, said.result(), worked.result())


async def _start(
    home: Path, options: Sequence[str], passphrase: str, streams: tuple[BinaryIO, BinaryIO]
) -> Process:
    told, telling = os.pipe()
    with os.fdopen(told, "rb") as told_end:
        with os.fdopen(telling, "wb") as telling_end:
            telling_end.write(passphrase.encode()[:MAX_PASSPHRASE] + b"\n")
        words = ["--homedir", str(home), "--passphrase-fd", str(told_end.fileno())]
        try:
            return await asyncio.create_subprocess_exec(
                "gpg", *_COMMON, *words, *options,
                stdin=streams[0], stdout=streams[1], stderr=PIPE, pass_fds=(told_end.fileno(),),
            )  # fmt: skip
        except OSError as error:
            raise SigningError("gpg does not start: install GnuPG 2.2 or later") from error


async def _tail(child: Process) -> bytes:
    """What gpg says, to its end; one that says too much is stopped."""
    said = b""
    while child.stderr and (piece := await child.stderr.read(MAX_SAID)):
        said += piece[: MAX_SAID - len(said)]
        if len(said) == MAX_SAID and child.returncode is None:
            child.kill()
    return said


async def _watch(child: Process, counted: "_Counted") -> None:
    """End a gpg through which nothing moves any more."""
    before = -1
    while True:
        try:
            async with asyncio.timeout(STALL):
                await child.wait()
                return
        except TimeoutError:
            if counted.moved == before:
                child.kill()
            before = counted.moved


def _trouble(work: Work, counted: "_Counted") -> OSError | TamizdatError | None:
    """What `work` failed with."""
    try:
        work(counted)
    except (OSError, TamizdatError) as error:
        return error
    finally:
        counted.close()
    return None


def _heard_out(drain: Work, most: int) -> Work:
    """`drain`, and after its refusal what is left: gpg's verdict comes at the end, and first.

    Not more than `most` bytes: who packs gigabytes into a few bytes is not listened to.
    """

    def work(stream: Plain) -> None:
        try:
            drain(stream)
        except SourceError:
            left = most
            while left > 0 and (piece := stream.read(_PIECE)):
                left -= len(piece)
            raise

    return work


class _Counted:
    """An end of a pipe that counts what moves."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.moved = 0

    def read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self.moved += len(piece)
        return piece

    def write(self, body: bytes) -> int:
        left = memoryview(body)
        while left:
            done = self._stream.write(left)
            self.moved += done
            left = left[done:]
        return len(body)

    def close(self) -> None:
        self._stream.close()
