"""The hint file: for each leaf of a shard, the address of its group's mirror, sealed for that leaf.

Each shard has a slot for every leaf, always, whether their groups are many or one: so neither its
size nor its shape tells how groups are divided, nor how many readers there are. A token opens one
slot. Anybody may have the file; it is signed, so that nobody can send a group elsewhere.
"""

import base64
import hmac
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from signing.token import LEAVES, Token
from tamizdat.errors import FormatError, SigningError
from tamizdat.wire import Hints

LONGEST = 116
"""Characters of an address that a slot holds."""

_TAG, _MAC = 8, 16
_SLOT = _TAG + 1 + LONGEST + _MAC
_ONCE = bytes(12)
"""The nonce. A slot's key seals one text only: it is derived from the file's own salt."""


def slots(addresses: Mapping[bytes, str], salt: bytes) -> str:
    """The slots of a shard, as `Hints.slots` has them: each leaf's address under its key.

    `salt` is 16 octets that were never used before. SigningError where an address is too long, or
    not every leaf has one.
    """
    if len(addresses) != LEAVES:
        raise SigningError(f"a shard has {LEAVES} slots, not {len(addresses)}")
    return base64.b64encode(
        b"".join(sorted(_slot(key, address, salt) for key, address in addresses.items()))
    ).decode()


def opened(hints: Hints, token: Token) -> str | None:
    """The address in the slot of a token; None where it opens none.

    FormatError where the file is another shard's, or its slot does not hold an address.
    """
    if hints.shard != token.shard:
        raise FormatError("10.5", "the hint file", f"is shard {hints.shard}, not {token.shard}")
    salt, body = bytes.fromhex(hints.salt), base64.b64decode(hints.slots)
    tag = _derived(token.key, b"tag", salt)[:_TAG]
    for at in range(0, len(body), _SLOT):
        slot = body[at : at + _SLOT]
        if hmac.compare_digest(slot[:_TAG], tag):
            return _text(token.key, slot[_TAG:], salt)
    return None


def _slot(key: bytes, address: str, salt: bytes) -> bytes:
    text = address.encode("ascii")
    if len(text) > LONGEST:
        raise SigningError(f"the address {address} is over {LONGEST} characters")
    plain = bytes([len(text)]) + text.ljust(LONGEST, b"\0")
    sealed = ChaCha20Poly1305(_derived(key, b"slot", salt)).encrypt(_ONCE, plain, None)
    return _derived(key, b"tag", salt)[:_TAG] + sealed


def _text(key: bytes, sealed: bytes, salt: bytes) -> str | None:
    try:
        plain = ChaCha20Poly1305(_derived(key, b"slot", salt)).decrypt(_ONCE, sealed, None)
    except InvalidTag:
        return None
    text = plain[1 : 1 + plain[0]]
    if len(text) != plain[0] or plain[1 + plain[0] :].strip(b"\0") or not text.isascii():
        raise FormatError("10.5", "the hint file", "its slot holds no address")
    return text.decode()


def _derived(key: bytes, use: bytes, salt: bytes) -> bytes:
    return hmac.digest(key, b"tamizdat hint " + use + salt, "sha256")
