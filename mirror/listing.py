"""A listing: one page of what lies in a bucket, as S3 tells it in XML."""

import re
from collections.abc import Mapping, Sequence
from html import unescape

from tamizdat.errors import BackendError

KEYS = 1000
"""Names that one page tells: more are given by no provider."""

LIMIT = 4 * 1024 * 1024
"""Bytes of a page: each name comes with its date, digest and owner."""

_KEY = re.compile(r"<Key>([^<]{1,4096})</Key>")
_MORE = re.compile(r"<IsTruncated>\s*true\s*</IsTruncated>")
_TOKEN = re.compile(r"<NextContinuationToken>([^<]{1,4096})</NextContinuationToken>")


def asked(prefix: str, after: str) -> Mapping[str, str]:
    """The query for a page: the first, or what comes `after` one."""
    fields = {"list-type": "2", "max-keys": str(KEYS), "prefix": prefix}
    return {**fields, "continuation-token": after} if after else fields


def told(body: bytes) -> tuple[Sequence[str], str]:
    """The names on a page, and what to ask for the next one with: nothing where it is the last."""
    text = body.decode("utf-8", "replace")
    if "<ListBucketResult" not in text:
        raise BackendError("listing: the provider answers with no listing", retry=False)
    names = [unescape(name) for name in _KEY.findall(text)]
    if not _MORE.search(text):
        return names, ""
    token = _TOKEN.search(text)
    if token is None:
        raise BackendError("listing: the provider does not tell where it goes on", retry=False)
    return names, unescape(token[1])
