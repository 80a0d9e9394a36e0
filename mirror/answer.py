"""An answer: HTTP/1.1 read by hand as its bytes come, every size bounded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from tamizdat.errors import TamizdatError

MAX_HEAD = 32 * 1024
"""An answer's head is not longer, in bytes."""

_MAX_ODD = 64 * 1024
"""Bytes that are read of an answer that we did not ask for."""

_MAX_LINE = 4 * 1024
_MAX_INTERIM = 16
"""Answers that only say that the real one will come."""

_END = b"\r\n\r\n"
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?:[ \r]|$)")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;|$)")
_LENGTH = re.compile(r"[0-9]{1,15}")
_ASKED = frozenset({200, 206})
_FIRST_FINAL = 200
_EMPTY = frozenset({204, 304})


class BrokenAnswerError(TamizdatError):
    """What came is not HTTP/1.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a web server answered: header names in lower case.

    Of an answer that was not asked for, and is long, `body` is empty; `overlong` tells that one
    that was asked for went on beyond the limit.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    overlong: bool = False


class Incoming:
    """An answer on its way. `lasting` tells, at its end, whether the connection may be used on."""

    __slots__ = (
        "_body",
        "_chunks",
        "_headers",
        "_interim",
        "_left",
        "_limit",
        "_status",
        "_until",
        "lasting",
    )

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = bytearray()
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body: bytes | bytearray = b""
        self._until: int | None = None
        self._chunks: _Chunks | None = None
        self._interim = 0
        self.lasting = False

    def take(self, piece: bytes) -> Answer | None:
        """The answer, once it is whole; raises BrokenAnswerError."""
        if not self._status:
            piece = self._read_head(piece)
            if not self._status:
                return None
        return self._read_body(piece)

    def end(self) -> Answer | None:
        """The answer, where it may end with its connection; None where that cuts it short."""
        self.lasting = False
        if self._status and self._until is None and self._chunks is None:
            return self._answer(bytes(self._body))
        return None

    def _read_head(self, piece: bytes) -> bytes:
        """What follows the head, if it is whole now."""
        if self._left:
            self._left += piece
            piece = bytes(self._left)
        while True:
            head, end, rest = piece.partition(_END)
            if len(head) > MAX_HEAD:
                raise BrokenAnswerError("its head is too long")
            if not end:
                self._left = bytearray(piece)
                return b""
            self._parse(head)
            if self._status >= _FIRST_FINAL:
                self._left.clear()
                return rest
            self._status, piece = 0, rest  # an interim answer: the real one follows
            self._interim += 1
            if self._interim > _MAX_INTERIM:
                raise BrokenAnswerError("it only says that it will come")

    def _parse(self, head: bytes) -> None:
        status = _STATUS.match(head)
        if status is None:
            raise BrokenAnswerError("its first line is not of HTTP/1.1")
        fields: dict[str, str] = {}
        for line in head.decode("latin-1").split("\r\n")[1:]:
            name, colon, value = line.partition(":")
            if not colon:
                raise BrokenAnswerError("a header has no name")
            fields[name.lower()] = value.strip()
        self._status, self._headers = int(status[2]), fields
        self._measure()
        closes = "close" in fields.get("connection", "").lower()
        self.lasting = status[1] == b"1" and not closes

    def _measure(self) -> None:
        """How the body's end will be known."""
        fields = self._headers
        if self._status < _FIRST_FINAL or self._status in _EMPTY:
            self._until = 0
        elif "transfer-encoding" in fields:
            if fields["transfer-encoding"].lower() != "chunked":
                raise BrokenAnswerError("its transfer encoding is unknown")
            self._chunks = _Chunks()
        elif "content-length" in fields:
            if not _LENGTH.fullmatch(fields["content-length"]):
                raise BrokenAnswerError("its length is no number")
            self._until = int(fields["content-length"])

    def _read_body(self, piece: bytes) -> Answer | None:
        done = False
        if self._chunks is not None:
            done, piece = self._chunks.take(piece)
            self.lasting = self.lasting and not (done and self._chunks.beyond)
        if self._body:
            self._body += piece  # in its place: a whole copy for each piece is quadratic time
        else:
            self._body = piece  # a small file comes at once, and is copied nowhere
        if self._until is not None:
            done = len(self._body) >= self._until
            self.lasting = self.lasting and len(self._body) <= self._until
        most = self._limit if self._status in _ASKED else min(self._limit, _MAX_ODD)
        if len(self._body) > most or (self._until is not None and self._until > most):
            self.lasting = False
            return self._answer(b"", overlong=self._status in _ASKED)
        if done:
            return self._answer(bytes(self._body[: self._until]))
        if isinstance(self._body, bytes):
            self._body = bytearray(self._body)
        return None

    def _answer(self, body: bytes, *, overlong: bool = False) -> Answer:
        return Answer(status=self._status, headers=self._headers, body=body, overlong=overlong)


class _Part(Enum):
    """What of a chunk comes next."""

    SIZE = auto()
    BYTES = auto()
    GAP = auto()
    TRAILER = auto()


class _Chunks:
    """A body that comes in chunks, each after its size."""

    __slots__ = ("_left", "_next", "_size", "_trailer", "beyond")

    def __init__(self) -> None:
        self._left = b""
        self._trailer = 0
        self._next = _Part.SIZE
        self._size = 0
        self.beyond = False

    def take(self, piece: bytes) -> tuple[bool, bytes]:
        """Whether that was the end, and the bytes of the body that `piece` brought."""
        text, found, at = self._left + piece, bytearray(), 0
        while at < len(text):
            if self._next is _Part.BYTES:
                part = text[at : at + self._size]
                found += part
                at, self._size = at + len(part), self._size - len(part)
                if not self._size:
                    self._next = _Part.GAP
                continue
            end = text.find(b"\r\n", at)
            if (len(text) if end < 0 else end) - at > _MAX_LINE:
                raise BrokenAnswerError("a line between chunks is too long")
            if end < 0:
                break
            line, at = text[at:end], end + 2
            if self._next is _Part.TRAILER and not line:
                self.beyond = at < len(text)
                return True, bytes(found)
            self._read(line)
        self._left = text[at:]
        return False, bytes(found)

    def _read(self, line: bytes) -> None:
        if self._next is _Part.GAP and not line:
            self._next = _Part.SIZE
        elif self._next is _Part.SIZE and (size := _SIZE.match(line)):
            self._size = int(size[1], 16)
            self._next = _Part.BYTES if self._size else _Part.TRAILER
        elif self._next is not _Part.TRAILER:
            raise BrokenAnswerError("its chunks are not as they should be")
        else:
            self._trailer += len(line)
            if self._trailer > MAX_HEAD:
                raise BrokenAnswerError("what follows its chunks is too long")
