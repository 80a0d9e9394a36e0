"""Paths: which names may lie on a mirror, what type each is served with, and where it is linked."""

import re

from tamizdat.digest import Digest
from tamizdat.errors import FormatError

PLACEHOLDER = "https://here.invalid/"
"""Stands in feeds for the address of the mirror they lie on (formats 3.9)."""

MAX_PATH = 200
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_SAFE = re.compile(rf"{_PART}(?:/{_PART})*")
_RESERVED = re.compile(r"(?:^|/)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|$)", re.IGNORECASE)
_FEEDS = ("/atom.xml", "/rss.xml", "/feed.json")

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "asc": "application/pgp-signature",
    "zip": "application/zip",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "xml": "application/xml",
}


def check(path: str) -> str:
    """`path` itself where it is safe to write and to serve; else FormatError (formats 3.1).

    Refused: empty, absolute, `..`, backslash, NUL, hidden or reserved names, over 200 characters.
    """
    if len(path) > MAX_PATH or not _SAFE.fullmatch(path) or ".." in path:
        raise FormatError("3.1", repr(path[:60]), "is no path that may lie on a mirror")
    if _RESERVED.search(path):
        raise FormatError("3.1", path, "is a reserved name on some computers")
    return path


def media_type(path: str) -> str:
    """The Content-Type that a mirror must serve `path` with."""
    if path.endswith("/atom.xml"):
        return "application/atom+xml"
    if path.endswith("/rss.xml"):
        return "application/rss+xml"
    if path.endswith("/feed.json"):
        return "application/feed+json"
    return MEDIA_TYPES.get(path.rpartition(".")[2], "application/octet-stream")


def bears_address(path: str) -> bool:
    """Whether the file holds the placeholder that an uploader replaces (formats 3.9)."""
    return path.endswith(_FEEDS)


def is_immutable(path: str) -> bool:
    """Whether bytes at `path` can never change: it is named by hash or by number."""
    return path.startswith(("o/", "s/", "b/", "e/", "root/"))


def relative(source: str, target: str) -> str:
    """The link from the page at `source` to `target`: relative, never root-absolute."""
    here, there = source.split("/")[:-1], target.split("/")
    while here and len(there) > 1 and here[0] == there[0]:
        here, there = here[1:], there[1:]
    return "../" * len(here) + "/".join(there)


def shard(sha256: Digest) -> str:
    """Where a shard lies."""
    return f"s/{sha256}.json"


def bundle(sha256: Digest, extension: str) -> str:
    """Where a bundle lies."""
    return f"b/{sha256}.{extension}"


def manifest(edition: int) -> str:
    """Where the manifest of an edition lies."""
    return f"e/{edition}/manifest.json"


def root(version: int) -> str:
    """Where a version of the root lies."""
    return f"root/{version}.json"


def lasting_signature(path: str, fingerprint: str) -> str:
    """The signature beside a file that never changes (formats 2.1)."""
    return f"{path}.{fingerprint}.asc"


def passing_signature(path: str, sha256: Digest) -> str:
    """The signature beside a file that changes: named by the file's digest (formats 2.2)."""
    return f"{path}.{sha256[:16]}.asc"
