"""A certificate: what gpg exports of a key, read for the Ed25519 keys in it."""

import base64
import binascii
import re
from collections.abc import Iterator

from signing import gate
from tamizdat.errors import SigningError
from tamizdat.wire import Key

_PUBLIC_KEY, _PUBLIC_SUBKEY = 6, 14
_RAW_LENGTH = 32
MAX_TEXT = 64 * 1024
"""No armored certificate that we are handed is longer, in characters."""

_ARMOR = re.compile(
    r"-----BEGIN PGP PUBLIC KEY BLOCK-----[ \t]*\n(?:[A-Za-z]+: [^\n]*\n)*[ \t]*\n"
    r"((?:[A-Za-z0-9+/]+={0,2}[ \t]*\n)+)(?:=[A-Za-z0-9+/]{4}[ \t]*\n)?"
    r"-----END PGP PUBLIC KEY BLOCK-----"
)


def armored_keys(text: str, where: str) -> dict[str, Key]:
    """The Ed25519 keys in an armored certificate, the primary first; SigningError where none is."""
    blocks = _ARMOR.findall(text.replace("\r\n", "\n")) if len(text) <= MAX_TEXT else []
    try:
        found = keys(b"".join(base64.b64decode("".join(one.split())) for one in blocks))
    except (binascii.Error, SigningError):
        found = {}
    if not found:
        raise SigningError(f"{where}: holds no certificate of an Ed25519 key")
    return found


def keys(body: bytes) -> dict[str, Key]:
    """The Ed25519 keys of the certificates in `body` (packets, not armored), by fingerprint."""
    found = {}
    for tag, content in _packets(body):
        if tag in {_PUBLIC_KEY, _PUBLIC_SUBKEY}:
            raw = base64.b64encode(content[-_RAW_LENGTH:]).decode()
            created = int.from_bytes(content[1:5], "big")
            key = Key(alg="ed25519", created=created, raw=raw)
            if gate.public_body(key) == content:
                found[gate.fingerprint_of(content)] = key
    return found


def _packets(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each packet, in the old header form, which gpg writes."""
    while body:
        width = 1 << (body[0] & 3)
        start = 1 + width
        end = start + int.from_bytes(body[1:start], "big")
        if body[0] & 0xC0 != 0x80 or width > 4 or end > len(body):  # noqa: PLR2004 - old form
            raise SigningError("gpg exported a certificate that we cannot read")
        yield body[0] >> 2 & 0x0F, body[start:end]
        body = body[end:]
