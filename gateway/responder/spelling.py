"""A spelling: a mail's fields and body as domains sign them, simple or relaxed (RFC 6376). Pure.

Every step takes time in proportion to the mail: it comes from strangers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Way = Literal["simple", "relaxed"]

MOST_FIELDS = 300
"""Fields of a mail; one with more is not read."""

_END = b"\r\n"
_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:")
_SPACES = re.compile(rb"[ \t]++")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: its name in small letters, and its bytes as they stand, without the last CRLF."""

    name: bytes
    raw: bytes

    @property
    def value(self) -> bytes:
        """What stands after the colon."""
        return self.raw.partition(b":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A mail in two: its fields from the top, and its body."""

    fields: tuple[Field, ...]
    body: bytes

    def named(self, name: bytes) -> Sequence[Field]:
        """All fields of that name, from the top."""
        return [one for one in self.fields if one.name == name]


def parted(mail: bytes) -> Parts | None:
    """The fields and the body of a mail; None where its head is none."""
    head, _, body = mail.partition(_END * 2)
    lines: list[bytearray] = []
    for line in head.split(_END):
        if line[:1] in {b" ", b"\t"} and lines:
            lines[-1] += _END + line
        else:
            lines.append(bytearray(line))
    found = [_FIELD.match(line) for line in lines]
    if len(lines) > MOST_FIELDS or not all(found):
        return None
    fields = (
        Field(name=match[1].lower(), raw=bytes(line))
        for match, line in zip(found, lines, strict=True)
        if match
    )
    return Parts(fields=tuple(fields), body=body)


def field(raw: bytes, way: Way) -> bytes:
    """A field as it is signed, without CRLF at its end."""
    if way == "simple":
        return raw
    name, _, value = raw.partition(b":")
    plain = _SPACES.sub(b" ", value.replace(_END, b""))
    return name.strip(b" \t").lower() + b":" + plain.strip(b" \t")


def body(text: bytes, way: Way) -> bytes:
    """A body as it is signed: without empty lines at its end."""
    lines = text.split(_END)
    if way == "relaxed":
        lines = [_SPACES.sub(b" ", line.rstrip(b" \t")) for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return _END if way == "simple" else b""
    return _END.join(lines) + _END
