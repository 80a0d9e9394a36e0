"""A probe: what a mirror's provider really honours, tried out on a scratch folder."""

import re
import secrets
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from mirror.answer import Answer
from mirror.fanout import PATIENCE, patient
from mirror.readers import HttpReader
from mirror.s3 import cache_control
from tamizdat import paths
from tamizdat.errors import BackendError
from tamizdat.placement import Mirror
from tamizdat.ports import Backend, Reader

_PAGE = b"<!doctype html><title>probe</title>\n" + b"<p>0123456789</p>\n" * 512
_NEWER = _PAGE.replace(b"0123456789", b"9876543210")
_RANGE = "bytes=0-9"
_LIMIT = 64 * 1024
_OK, _PARTIAL = 200, 206

_FORGETS = "The bucket forgets what is deleted."
_KEEPS = "The bucket keeps deleted versions, so withdrawn articles stay: switch versioning off."
_FREE = "Nothing in the bucket can be locked."
_LOCKED = "The bucket can lock objects, so withdrawn articles may stay: use one without lock."


class Mark(StrEnum):
    """How good a finding is: `bad` keeps a mirror from use."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was tried, in one plain sentence."""

    name: str
    mark: Mark
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """All that was tried on one mirror."""

    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether nothing was bad."""
        return all(finding.mark is not Mark.BAD for finding in self.findings)


@runtime_checkable
class Control(Protocol):
    """A backend that can be asked about its bucket."""

    async def versioning(self) -> bool:
        """Whether the bucket keeps what is deleted or replaced."""
        ...

    async def object_lock(self) -> bool:
        """Whether the bucket can forbid deleting."""
        ...

    async def refuses_damage(self, path: str) -> bool:
        """Whether an upload is refused whose MD5 is another's."""
        ...

    async def refuses_overwrite(self, path: str) -> bool:
        """Whether `If-None-Match: *` keeps what lies at `path`."""
        ...


async def probe(
    mirror: Mirror,
    backend: Backend,
    reader: Reader,
    *,
    allow_versioning: bool = False,
    patience: float = PATIENCE,
) -> Probe:
    """Try the mirror out below `probe-<random>/`, which is removed again; never raises for it.

    A bucket that keeps versions or can lock objects is bad, since it keeps withdrawn articles;
    where that is allowed, it is only a warning.
    """
    scratch = f"probe-{secrets.token_hex(4)}"
    page, extra = f"{scratch}/page.html", f"{scratch}/extra.txt"
    found: list[Finding] = []
    try:
        try:
            found += await _kept(backend, reader, page, patience)
            if isinstance(reader, HttpReader):
                found += await _served(reader, page)
            if isinstance(backend, Control):
                await patient(extra, patience, backend.put(extra, b"first", "text/plain"))
                found += await _asked(backend, extra, patience, allow=allow_versioning)
        finally:
            for path in (page, extra):
                with suppress(BackendError):  # what cannot be removed shows in `deleting`
                    await patient(path, patience, backend.delete(path))
        found.append(await _removed(backend, reader, page, patience))
    except BackendError as error:
        found.append(Finding(name="access", mark=Mark.BAD, sentence=f"It failed: {error}."))
    return Probe(findings=(*found, *_address(mirror)))


async def _kept(backend: Backend, reader: Reader, page: str, patience: float) -> list[Finding]:
    """Whether what is put, and put again, is what a stranger gets at once."""
    await patient(page, patience, backend.put(page, _PAGE, paths.media_type(page)))
    first = await patient(page, patience, reader.fetch(page, _LIMIT))
    await patient(page, patience, backend.put(page, _NEWER, paths.media_type(page)))
    second = await patient(page, patience, reader.fetch(page, _LIMIT))
    readable = _judge(
        "anonymous reading",
        holds=first is not None,
        yes="Anyone can read what we put.",
        no="A stranger cannot read what we put: let anyone read the mirror.",
    )
    if first is None:
        return [readable]
    return [
        readable,
        _judge(
            "whole bytes",
            holds=first == _PAGE,
            yes="A stranger gets exactly the bytes that we put.",
            no=f"A stranger gets other bytes than we put ({len(first)} of {len(_PAGE)}).",
        ),
        _judge(
            "replacing",
            holds=second == _NEWER,
            yes="What is put again is served new at once.",
            no="What is put again is still served old: switch the provider's cache off.",
        ),
    ]


async def _served(reader: HttpReader, page: str) -> list[Finding]:
    """What the headers say of a page, and whether a part of it can be asked for."""
    whole = await reader.look(page, _LIMIT)
    part = await reader.look(page, _LIMIT, {"Range": _RANGE})
    if whole.status != _OK:
        return []
    kind, cache = whole.headers.get("content-type", ""), whole.headers.get("cache-control", "")
    disposition = whole.headers.get("content-disposition", "inline")
    return [
        _judge(
            "content type",
            holds=kind.replace(" ", "").lower() == paths.media_type(page).replace(" ", ""),
            yes="Pages are served as pages.",
            no=f"Pages are served as {_plain(kind)}, so browsers may not show them.",
        ),
        _judge(
            "cache rules",
            holds=cache == cache_control(page),
            yes="The rules for caches are kept.",
            no="The rules for caches are lost: readers may see old fronts for a while.",
            mark=Mark.WARN,
        ),
        _judge(
            "forced download",
            holds=disposition.lower().startswith("inline"),
            yes="Pages open in the browser.",
            no="The provider makes browsers download pages instead of showing them.",
        ),
        _judge(
            "parts",
            holds=_is_part(part),
            yes="A broken download can be continued.",
            no="A broken download cannot be continued: big bundles are hard to get on bad lines.",
            mark=Mark.WARN,
        ),
    ]


async def _asked(control: Control, extra: str, patience: float, *, allow: bool) -> list[Finding]:
    """What the bucket itself says, and whether it refuses what it should at `extra`."""
    keeps = Mark.WARN if allow else Mark.BAD
    questions = (
        # name, question, the good answer, what each answer means, how bad the bad one is
        ("versioning", control.versioning, False, _FORGETS, _KEEPS, keeps),
        ("object lock", control.object_lock, False, _FREE, _LOCKED, keeps),
        (
            "conditional puts",
            lambda: control.refuses_overwrite(extra),
            True,
            "The provider honours If-None-Match.",
            "The provider ignores If-None-Match; we do not rely on it.",
            Mark.WARN,
        ),
        (
            "checksums",
            lambda: control.refuses_damage(extra),
            True,
            "The provider refuses uploads that were damaged on the way.",
            "The provider takes damaged uploads; only our reading back sees them.",
            Mark.WARN,
        ),
    )
    return [
        await _tried(name, ask, patience, good=good, yes=yes, no=no, mark=mark)
        for name, ask, good, yes, no, mark in questions
    ]


async def _tried(
    name: str,
    ask: Callable[[], Awaitable[bool]],
    patience: float,
    *,
    good: bool,
    yes: str,
    no: str,
    mark: Mark,
) -> Finding:
    """One question to the bucket; a provider that does not answer it leaves it open."""
    try:
        answer = await patient(name, patience, ask())
    except BackendError as error:
        return Finding(name=name, mark=Mark.WARN, sentence=f"The provider did not tell: {error}.")
    return _judge(name, holds=answer is good, yes=yes, no=no, mark=mark)


async def _removed(backend: Backend, reader: Reader, page: str, patience: float) -> Finding:
    await patient(page, patience, backend.delete(page))
    got = await patient(page, patience, reader.fetch(page, _LIMIT))
    return _judge(
        "deleting",
        holds=got is None,
        yes="What is deleted is gone at once.",
        no="What is deleted is still served, so withdrawn articles stay for a while.",
    )


def _address(mirror: Mirror) -> Iterable[Finding]:
    """What the address alone tells."""
    if mirror.base is None:
        return
    parts = urlsplit(mirror.base)
    host = parts.hostname or ""
    yield _judge(
        "encryption",
        holds=parts.scheme == "https" or host.endswith(".onion"),
        yes="Nobody on the way sees which pages are read.",
        no="Pages travel in the clear: everyone on the way sees what is read.",
        mark=Mark.WARN,
    )
    yield _judge(
        "own origin",
        holds=parts.path == "/",
        yes="The mirror has a host name of its own.",
        no="The mirror shares its host name with others, who could read along in browsers.",
        mark=Mark.WARN,
    )


def _judge(name: str, *, holds: bool, yes: str, no: str, mark: Mark = Mark.BAD) -> Finding:
    return Finding(name=name, mark=Mark.OK if holds else mark, sentence=yes if holds else no)


def _is_part(answer: Answer) -> bool:
    return answer.status == _PARTIAL and answer.body == _NEWER[:10]


def _plain(text: str) -> str:
    """A header's text made fit for a sentence: strangers write headers."""
    return re.sub(r"[^A-Za-z0-9/;=+. -]", "?", text)[:60] or "nothing"
