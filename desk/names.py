"""A name that somebody signs in with: it is kept as a keyed digest only."""

import hashlib
import hmac
import unicodedata

from tamizdat.digest import Digest

LONGEST = 64
"""A name has no more characters."""


def name_digest(salt: bytes, name: str) -> Digest:
    """What the ledger keeps of a name; capitals and ways to compose a letter do not matter."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.strip()).casefold())
    mac = hmac.new(salt, f"person\0{plain}".encode("utf-8", "surrogatepass"), hashlib.sha256)
    return Digest(mac.hexdigest())


def name_fault(name: str) -> str | None:
    """Why nobody can be called so; None where all is well."""
    if not name.strip():
        return "Choose a name."
    if len(name.strip()) > LONGEST:
        return f"A name has at most {LONGEST} characters."
    if not name.isprintable():
        return "A name holds only characters that can be seen."
    return None
