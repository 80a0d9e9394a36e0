"""Header texts: as they are where they are plain, else as encoded words (RFC 2047). Pure.

The standard library loses spaces between encoded words when it folds a long header, which would
change a title; so we write them ourselves, each space within a word.
"""

import base64
import re
from collections.abc import Iterator

WORD_BYTES = 45
"""Bytes in one encoded word: 60 characters of base64, 72 in all of the 75 allowed."""

_PLAIN = re.compile(r"[\x20-\x7e]*")
_ATOMS = re.compile(r"[A-Za-z0-9 ]+")


def encoded(text: str) -> str:
    """`text` (one line) as the value of a header, folded where it is long."""
    if _PLAIN.fullmatch(text) and "=?" not in text:
        return text
    words = (base64.b64encode(part).decode() for part in _parts(text))
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def phrase(name: str) -> str:
    """`name` as it stands before an address."""
    line = " ".join(name.split())
    return (
        line if _ATOMS.fullmatch(line) else encoded(line) if not line.isascii() else _quoted(line)
    )


def _quoted(line: str) -> str:
    escaped = line.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _parts(text: str) -> Iterator[bytes]:
    """The bytes of `text` in pieces that cut no character."""
    part = b""
    for character in text:
        more = character.encode()
        if len(part) + len(more) > WORD_BYTES:
            yield part
            part = b""
        part += more
    yield part
