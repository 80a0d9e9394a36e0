"""A ZIP: its records, laid byte for byte as Python's own zipfile lays them, from deflated bodies.

zipfile cannot take a body that is deflated already, and deflating is nearly all that a ZIP costs.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

LOCAL, CENTRAL, END = 30, 46, 22
"""Lengths of the three kinds of record, but for names and bodies."""

STORED, DEFLATED = 0, 8

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION, _UNIX = 20, 3 << 8
_TIME, _DATE = 0, 1 << 5 | 1
"""Midnight of 1 January 1980, the first that a ZIP can tell."""

_MODE = 0o100644 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of a ZIP; `body` is as it lies there, `length` and `crc` are of the file."""

    name: str
    method: int
    body: bytes
    length: int
    crc: int


def stored(name: str, body: bytes) -> Member:
    """A member that is not deflated."""
    return Member(name=name, method=STORED, body=body, length=len(body), crc=zlib.crc32(body))


def laid(members: Sequence[Member], comment_length: int) -> bytes:
    """The whole ZIP but for its comment. Names are ASCII, all together under 4 GB."""
    pieces: list[bytes] = []
    directory: list[bytes] = []
    at = 0
    for one in members:
        name = one.name.encode("ascii")
        told = (0, one.method, _TIME, _DATE, one.crc, len(one.body), one.length, len(name))
        head = _LOCAL.pack(b"PK\3\4", _VERSION, *told, 0)
        pieces += (head, name, one.body)
        central = _CENTRAL.pack(b"PK\1\2", _UNIX | _VERSION, _VERSION, *told, 0, 0, 0, 0, _MODE, at)
        directory += (central, name)
        at += len(head) + len(name) + len(one.body)
    listed = b"".join(directory)
    count = len(members)
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(listed), at, comment_length)
    return b"".join((*pieces, listed, end))
