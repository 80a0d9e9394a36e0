"""A hand: a second process that renders articles beside ours, where a whole edition has many.

It is a program of its own, not a fork: a fork of a program that has threads may hang. It is given
texts and gives back sheets; it opens no file of the newsroom, and has no key and no environment.
It ends when whoever started it does, however that ends.
"""

import logging
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from subprocess import DEVNULL, Popen, TimeoutExpired

from feeds.paper import Paper
from feeds.parcel import of_paper, of_sheets, of_texts, paper_in, sheets_in, texts_in
from feeds.rendering import rendering_id
from feeds.sheet import Sheet, sheet

PATIENCE = 30
"""Seconds that it may be silent amid its work; the start of its program is part of that."""

_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[2]); import feeds.hand as h; h.serve(sys.argv[1])"
)

log = logging.getLogger(__name__)


class Hand:
    """The other process, as ours sees it. One that fails is asked nothing more."""

    def __init__(self, line: Connection, pool: ThreadPoolExecutor, rendering: bytes) -> None:
        self._line = line
        self._pool = pool
        self._rendering: bytes | None = rendering
        self.works = True

    def ask(self, texts: Sequence[bytes]) -> "Future[Sequence[Sheet] | None]":
        """The sheets of `texts`, in their order; None where it failed, which is no error."""
        return self._pool.submit(self._exchange, texts)

    def _exchange(self, texts: Sequence[bytes]) -> Sequence[Sheet] | None:
        if not self.works:
            return None
        try:
            self._greet()
            self._line.send_bytes(of_texts(texts))
            return sheets_in(self._line.recv_bytes())
        except (EOFError, OSError, ValueError, TypeError, KeyError) as error:
            self.works = False
            log.warning("rendering goes on in one process", extra={"why": type(error).__name__})
            return None

    def _greet(self) -> None:
        """ValueError where it would render otherwise: another version was installed meanwhile."""
        expected, self._rendering = self._rendering, None
        if expected is not None and self._line.recv_bytes() != expected:
            raise ValueError("renders otherwise")


@contextmanager
def hand(paper: Paper) -> Iterator[Hand]:
    """A second process that renders articles of `paper`, until the block ends."""
    ours, theirs = socket.socketpair()
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        ours.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", PATIENCE, 0))
    rendering = rendering_id(paper).encode()
    with Connection(ours.detach()) as line, ThreadPoolExecutor(1) as pool:
        with theirs:
            process = _started(theirs.fileno())
        other = Hand(line, pool, rendering)
        try:
            with suppress(OSError):  # it ended: the first exchange says so
                line.send_bytes(of_paper(paper))
            yield other
        finally:
            other.works = False
            pool.shutdown(cancel_futures=True)
            line.close()
            if process:
                _end(process)


def serve(number: str) -> None:
    """What the other process does: sheets for texts, until nobody asks any more."""
    with Connection(int(number)) as line, suppress(EOFError, OSError):
        paper = paper_in(line.recv_bytes())
        line.send_bytes(rendering_id(paper).encode())
        while True:
            texts = texts_in(line.recv_bytes())
            line.send_bytes(of_sheets([sheet(paper, text) for text in texts]))


def _started(number: int) -> "Popen[bytes] | None":
    """The other program, with its end of the line; None where it cannot be started."""
    words = [sys.executable, "-I", "-c", _PROGRAM, str(number), str(Path(__file__).parents[1])]
    with suppress(OSError):
        return Popen(  # noqa: S603
            words, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, env={}, pass_fds=[number]
        )
    return None


def _end(process: "Popen[bytes]") -> None:
    try:
        process.wait(1)
    except TimeoutExpired:
        process.kill()
        process.wait()
