"""Copies: a mirror as a checker looks at it, again and again, reading only what changed."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree as ET

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from signing.sources import FolderSource, Source
from tamizdat.digest import digest
from tamizdat.edition import Stamp

Marks = Mapping[str, str]
"""By path, what changes whenever the file there does."""

_XML = "{http://s3.amazonaws.com/doc/2006-03-01/}"
_SECONDS = 20


class Copy(Protocol):
    """A mirror that can be listed."""

    source: Source

    def marks(self) -> Marks:
        """What lies there now."""
        ...

    def body(self, path: str) -> bytes | None:
        """The bytes at `path` now."""
        ...


class FolderCopy:
    """A folder mirror."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.source: Source = FolderSource(folder)

    def marks(self) -> Marks:
        """By path: inode and times."""
        found: dict[str, str] = {}
        waiting = [""]
        while waiting:
            prefix = waiting.pop()
            try:
                entries = list(os.scandir(self._folder / prefix))
            except FileNotFoundError:
                continue
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{prefix}{entry.name}/")
                    continue
                try:
                    told = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                found[prefix + entry.name] = f"{told.st_ino} {told.st_ctime_ns} {told.st_size}"
        return found

    def body(self, path: str) -> bytes | None:
        """The bytes at `path` now."""
        try:
            return (self._folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None


class BucketCopy:
    """A bucket that anyone may list and read. What has the same ETag is not fetched twice."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._http = requests.Session()
        self._http.trust_env = False
        # moto answers 500 where a key comes while another thread lists them: that is its own flaw
        again = Retry(total=8, status_forcelist=[500], backoff_factor=0.05)
        self._http.mount("http://", HTTPAdapter(max_retries=again))
        self._kept: dict[tuple[str, str], bytes] = {}
        self._marks: Marks = {}
        self.source: Source = _BucketSource(self)

    @property
    def name(self) -> str:
        """The bucket's address."""
        return self._base

    def marks(self) -> Marks:
        """By path: ETag and time, as one listing of the bucket tells them."""
        found: dict[str, str] = {}
        token = ""
        while True:
            query = {"list-type": "2", **({"continuation-token": token} if token else {})}
            answer = self._http.get(self._base.rstrip("/"), params=query, timeout=_SECONDS)
            answer.raise_for_status()
            told = ET.fromstring(answer.content)  # noqa: S314 - our own server's
            for entry in told.iter(f"{_XML}Contents"):
                key, etag = entry.findtext(f"{_XML}Key"), entry.findtext(f"{_XML}ETag")
                found[str(key)] = f"{etag} {entry.findtext(f'{_XML}LastModified')}"
            token = told.findtext(f"{_XML}NextContinuationToken") or ""
            if not token:
                self._marks = found
                return found

    def body(self, path: str) -> bytes | None:
        """The bytes at `path`: those of the last listing where they are known, else as of now."""
        etag = self._marks.get(path, " ").split(" ")[0]
        kept = self._kept.get((path, etag))
        if kept is not None:
            return kept
        answer = self._http.get(self._base + path, timeout=_SECONDS)
        if answer.status_code in {403, 404}:
            return None
        answer.raise_for_status()
        self._kept[path, answer.headers["ETag"]] = answer.content
        return answer.content


class _BucketSource:
    """A listed bucket, for `verify`: it sees all paths, so that surplus is found too."""

    def __init__(self, copy: BucketCopy) -> None:
        self._copy = copy
        self._before: Marks = {}
        self._stamps: dict[str, tuple[bytes, Stamp]] = {}

    @property
    def name(self) -> str:
        return self._copy.name

    async def listing(self) -> frozenset[str]:
        self._before = self._copy.marks()
        return frozenset(self._before)

    async def fetch(self, wanted: Mapping[str, int]) -> Mapping[str, bytes]:
        bodies = {path: self._copy.body(path) for path in wanted}
        return {p: body[: wanted[p] + 1] for p, body in bodies.items() if body is not None}

    async def stamps(self, wanted: Mapping[str, int]) -> Mapping[str, Stamp]:
        found = {}
        for path, body in (await self.fetch(wanted)).items():
            known = self._stamps.get(path)
            if known is None or known[0] != body:
                known = (body, Stamp(digest(body), len(body)))
                self._stamps[path] = known
            found[path] = known[1]
        return found

    async def changed(self) -> bool:
        return self._copy.marks() != self._before


_: type[Copy] = FolderCopy
_bucket: type[Copy] = BucketCopy
