"""DNS on the wire: one question out, one answer in (RFC 1035). Pure: bytes and values."""

import ipaddress
import struct
from dataclasses import dataclass

TYPES = {"A": 1, "AAAA": 28}
MAX_MESSAGE = 4096
"""A longer datagram is not read, in bytes."""

MAX_RECORDS = 64
"""Of a longer answer, the first so many records are read."""

_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")
_RECURSION_DESIRED = 0x0100
_RESPONSE = 0x8000
_RCODE = 0x000F
_INTERNET = 1
_POINTER = 0xC0
_MAX_LABEL = 63
_MAX_NAME = 253


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered: its rcode, and the addresses of the type that was asked for."""

    rcode: int
    addresses: tuple[str, ...]


def question(name: str, kind: str, number: int) -> bytes:
    """A query for `name` of type `kind` (A, AAAA) under `number`; ValueError for a bad name."""
    ascii_name = name.rstrip(".").encode("idna" if not name.isascii() else "ascii")
    labels = ascii_name.split(b".")
    if len(ascii_name) > _MAX_NAME or not all(0 < len(label) <= _MAX_LABEL for label in labels):
        raise ValueError(f"{name[:60]!r} is no host name")
    spelled = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    header = _HEADER.pack(number, _RECURSION_DESIRED, 1, 0, 0, 0)
    return header + spelled + struct.pack("!HH", TYPES[kind], _INTERNET)


def answer(message: bytes, asked: bytes) -> Answer | None:
    """The answer to the query `asked`; None where `message` is not one, or is damaged."""
    if len(message) < _HEADER.size or len(message) > MAX_MESSAGE:
        return None
    number, flags, questions, answers, _, _ = _HEADER.unpack_from(message)
    if number != _HEADER.unpack_from(asked)[0] or not flags & _RESPONSE or questions > 1:
        return None
    kind = struct.unpack("!HH", asked[-4:])[0]
    try:
        at = _HEADER.size
        if questions:
            at = _after_name(message, at) + 4
            if message[_HEADER.size : at].lower() != asked[_HEADER.size :].lower():
                return None
        found = _addresses(message, at, min(answers, MAX_RECORDS), kind)
    except (IndexError, struct.error, ValueError):
        return None
    return Answer(rcode=flags & _RCODE, addresses=found)


def _addresses(message: bytes, at: int, count: int, kind: int) -> tuple[str, ...]:
    found: list[str] = []
    for _ in range(count):
        at = _after_name(message, at)
        record, group, _, length = _RECORD.unpack_from(message, at)
        at += _RECORD.size
        body = message[at : at + length]
        if len(body) != length:
            raise ValueError("the record ends too early")
        if (record, group) == (kind, _INTERNET):
            address = ipaddress.IPv4Address(body) if kind == 1 else ipaddress.IPv6Address(body)
            found.append(str(address))
        at += length
    return tuple(dict.fromkeys(found))


def _after_name(message: bytes, at: int) -> int:
    """Where the name at `at` ends. Pointers are not followed: no loop can be built of them."""
    while length := message[at]:
        if length & _POINTER == _POINTER:
            return at + 2
        at += 1 + length
    return at + 1
