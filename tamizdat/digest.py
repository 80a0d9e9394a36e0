"""A digest: SHA-256 of exact bytes, as 64 lower-case hexadecimal digits."""

import hashlib
import re
from typing import NewType

Digest = NewType("Digest", str)

_FORM = re.compile(r"[0-9a-f]{64}")


def digest(body: bytes | memoryview) -> Digest:
    """SHA-256 of `body`."""
    return Digest(hashlib.sha256(body).hexdigest())


def is_digest(text: str) -> bool:
    """Whether `text` has the form of a digest."""
    return _FORM.fullmatch(text) is not None
