"""The verdict on a copy: whether it is ours, to the last byte, and how old (formats 4 to 6)."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from signing import account, archive, head
from signing.account import Account
from signing.head import Head
from signing.sources import FileSource, Source
from signing.state import State
from signing.trust import until
from signing.unpacked import ARCHIVE, check_unpacked
from tamizdat import paths
from tamizdat.edition import Stamp
from tamizdat.errors import FormatError, SourceError

Progress = Callable[[int, int], None]
"""Told how many files are hashed, of how many."""

TRIES = 8
"""How often a copy is read that changes under our eyes."""

_WAIT = 0.05
_BATCH = 1000
_OLD = "newer may exist: a copy passed by hand cannot tell"
_SLOW_CLOCK = "this computer's clock lies before the edition's issue: it may be wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a reader is told of a copy.

    `fresh` is None where nothing in the copy can tell. `changing_to` is the edition that is being
    pushed. `reason` and `clause` tell why not, or what else to know. `withdrawn` counts the
    articles on the copy's list. `seen` is what to remember, None where nothing was proven.
    """

    authentic: bool
    fresh: bool | None = None
    edition: int | None = None
    changing_to: int | None = None
    issued: datetime | None = None
    expires: datetime | None = None
    reason: str = ""
    clause: str = ""
    withdrawn: int = 0
    seen: State | None = None


async def verify(
    source: Source | FileSource,
    root_id: str,
    now: datetime,
    state: State | None = None,
    progress: Progress | None = None,
) -> Report:
    """The verdict on the copy at `source` under `root_id`, at the clock's `now`.

    A copy that changes meanwhile is read again, a few times.
    """
    seen = state or State(root_id=root_id)
    try:
        if isinstance(source, FileSource):
            return await _file(source, root_id, now, seen)
        return await _settled(source, root_id, now, seen, progress)
    except FormatError as error:
        return Report(authentic=False, reason=str(error), clause=error.clause)
    except SourceError as error:
        return Report(authentic=False, reason=str(error))


async def check(
    source: Source,
    root_id: str,
    now: datetime,
    seen: State,
    progress: Progress | None = None,
    listing: frozenset[str] | None = None,
) -> tuple[Head, Account]:
    """The head and the account of a copy that is authentic; FormatError where it is not.

    `listing` is what lies there, where the source was just asked.
    """
    top = await head.read(source, root_id, now, seen, listing)
    listed = account.of(top)
    account.refuse_surplus(top, listed)
    wanted = account.wanted(top, listed)
    names = list(wanted)
    for start in range(0, len(names), _BATCH):
        batch = {path: wanted[path] for path in names[start : start + _BATCH]}
        await _judge(source, listed, batch)
        if progress:
            progress(min(start + _BATCH, len(names)), len(names))
    return top, listed


def report(top: Head, before: State) -> Report:
    """The report on an authentic copy with this head."""
    manifest, pointer = top.manifest, top.pointer.pointer if top.pointer else None
    ends = [
        until(manifest, lone=top.lone),
        top.trust.root.expires,
        *([pointer.expires] if pointer else []),
    ]
    slow = manifest.issued > top.trust.now
    return Report(
        authentic=True,
        fresh=top.trust.fresh(pointer, manifest, lone=top.lone) if pointer else None,
        edition=top.edition,
        changing_to=top.newest if top.newest > top.edition else None,
        issued=manifest.issued,
        expires=min(ends),
        reason=_SLOW_CLOCK if slow else "" if pointer else _OLD,
        clause="6.5" if slow else "" if pointer else "6.7",
        withdrawn=len(top.withdrawn.articles) if top.withdrawn else 0,
        seen=top.seen(before),
    )


async def _settled(
    source: Source, root_id: str, now: datetime, seen: State, progress: Progress | None
) -> Report:
    for attempt in range(TRIES):
        try:
            listing = await source.listing()
            if listing and ARCHIVE in listing:
                return await _unpacked(source, listing, root_id, now, seen)
            top, _ = await check(source, root_id, now, seen, progress, listing)
            return report(top, seen)
        except (FormatError, SourceError):
            if attempt == TRIES - 1 or not await source.changed():
                raise
        await asyncio.sleep(_WAIT * 2**attempt)
    raise AssertionError("the last try returns or raises")


async def _judge(source: Source, listed: Account, batch: Mapping[str, int]) -> None:
    stamps = await source.stamps(batch)
    feeds: dict[str, int] = {}
    for path in batch:
        found = stamps.get(path)
        if found and listed.base and _may_be_based(listed, path, found):
            feeds[path] = account.feed_limit(listed.allowed(path), listed.base)
        else:
            listed.judge(path, found)
    if feeds:
        bodies = await source.fetch(feeds)
        for path in feeds:
            body = bodies.get(path)
            stamped = listed.as_stamped(path, body) if body is not None else None
            listed.judge(path, account.stamp(stamped) if stamped is not None else None)


def _may_be_based(listed: Account, path: str, found: Stamp) -> bool:
    """Whether the file is a feed in which the mirror's base may stand for the placeholder."""
    return paths.bears_address(path) and found not in listed.allowed(path)


async def _file(source: FileSource, root_id: str, now: datetime, seen: State) -> Report:
    body = await source.body()
    handed = await asyncio.to_thread(archive.open_file, body, root_id, now, None, source.name)
    return handed_report(handed, seen)


async def _unpacked(
    source: Source, listing: frozenset[str], root_id: str, now: datetime, seen: State
) -> Report:
    handed, withdrawn = await check_unpacked(source, listing, root_id, now, seen)
    return handed_report(handed, seen, len(withdrawn.articles) if withdrawn else 0)


def handed_report(handed: archive.HandedOver, seen: State, withdrawn: int = 0) -> Report:
    """The report on a file passed by hand, or on what was unpacked from it (formats 6.7)."""
    slip = handed.slip
    older = slip.edition < seen.edition.number
    text = f"older than edition {seen.edition.number}, which was seen before" if older else _OLD
    return Report(
        authentic=True,
        edition=slip.edition,
        issued=slip.issued,
        expires=min(slip.expires, handed.trust.root.expires),
        reason=text,
        clause="6.7",
        withdrawn=withdrawn,
        seen=seen,
    )
