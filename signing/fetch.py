"""Reading: the newest authentic edition of several sources, laid into a folder.

A whole copy is laid as it lies on a mirror, feeds with their placeholder, so that `verify` holds
of the folder. A ZIP is laid unpacked, with itself beside the pages as `edition.zip`. The folder
changes at one stroke or not at all: no failure and no kill takes the last good edition away.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from signing import account, archive, head, laying, verify
from signing.account import Account
from signing.archive import HandedOver
from signing.head import WITHDRAWN, Head
from signing.sources import FileSource, FolderSource, Source
from signing.state import State, newer
from signing.tree import Tree
from signing.unpacked import ARCHIVE, check_unpacked
from signing.verify import Progress, Report
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import Stamp
from tamizdat.errors import ConfigError, FormatError, SourceError
from tamizdat.wire import Withdrawn

GRACE = 60.0
"""Seconds that a source may take longer than the first that has an offer."""

_TRIES = 3
_WAIT = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """What one source has: a whole copy's head, or a ZIP with its bytes."""

    source: Source | FileSource
    head: Head | None = None
    handed: HandedOver | None = None
    body: bytes = b""

    @property
    def root(self) -> int:
        """The version of the newest root that it shows."""
        shown = self.head or self.handed
        return shown.trust.root.version if shown else 0

    @property
    def rank(self) -> tuple[int, int]:
        """The newest is the highest: by edition, then by pointer."""
        if self.head:
            pointer = self.head.pointer
            return (self.head.edition, pointer.pointer.version if pointer else 0)
        return (self.handed.slip.edition if self.handed else 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """What lies in the folder already; `report` is None where nothing does."""

    report: Report | None = None
    head: Head | None = None
    handed: HandedOver | None = None
    withdrawn: Withdrawn | None = None

    @property
    def edition(self) -> int:
        """Its edition, 0 where there is none."""
        if self.head:
            return self.head.edition
        return self.handed.slip.edition if self.handed else 0


async def read(
    sources: Sequence[Source | FileSource],
    folder: Path,
    root_id: str,
    now: datetime,
    state: State | None = None,
    progress: Progress | None = None,
) -> Report:
    """The report on what lies in `folder` after the newest authentic edition was taken into it.

    `reason` tells what the sources were refused for. Raises ConfigError where `folder` holds
    something else than a copy of this newsroom, or cannot be written.
    """
    tree = Tree(folder)
    await asyncio.to_thread(tree.recover)
    own = await _own(tree, root_id, now)
    seen = state or State(root_id=root_id)
    if own.head:
        seen = newer(seen, own.head.seen(State(root_id=root_id)))
    offers, refusals = await _offers(sources, root_id, now, seen)
    offers, behind = _of_newest_root(offers)
    refusals += behind
    for offer in sorted(offers, key=lambda one: one.rank, reverse=True):
        try:
            if own.report and own.report.authentic and _adds_nothing(offer, own):
                break
            if offer.head:
                report = await _take_copy(offer, offer.head, offers, tree, seen, progress)
            else:
                report = await _take_zip(offer, offers, own, tree, seen)
        except (FormatError, SourceError) as error:
            refusals.append(f"{offer.source.name}: {error}")
            continue
        return replace(report, reason="; ".join([*refusals, report.reason]).strip("; "))
    await asyncio.to_thread(_leave, tree)
    said = "; ".join(refusals) or "all sources hold what lies here"
    if own.report:
        return replace(own.report, reason=f"nothing newer: {said}")
    return Report(authentic=False, reason=said)


async def _own(tree: Tree, root_id: str, now: datetime) -> _Own:
    """What lies in the folder; ConfigError where it is not ours to replace."""
    source = FolderSource(tree.folder)
    try:
        listing = await source.listing()
    except FormatError as error:
        raise ConfigError(f"{tree.folder}: holds other things ({error})") from error
    if not listing:
        return _Own()
    first = await source.fetch({"root/1.json": 64 * 1024})
    if ARCHIVE not in listing and digest(first.get("root/1.json", b"")) != root_id:
        raise ConfigError(f"{tree.folder}: is not empty and no copy of this newsroom; name another")
    fresh = State(root_id=root_id)
    try:
        if ARCHIVE in listing:
            handed, listed = await check_unpacked(source, listing, root_id, now, fresh)
            report = verify.handed_report(handed, fresh)
            return _Own(report=report, handed=handed, withdrawn=listed)
        top = await head.read(source, root_id, now, fresh)
    except FormatError as error:
        if ARCHIVE in listing:
            raise ConfigError(f"{tree.folder}: is damaged ({error}); name another") from error
        return _Own(report=Report(authentic=False, reason=str(error), clause=error.clause))
    report = await verify.verify(source, root_id, now)
    return _Own(report=report, head=top, withdrawn=top.withdrawn)


async def _offers(
    sources: Sequence[Source | FileSource], root_id: str, now: datetime, seen: State
) -> tuple[list[_Offer], list[str]]:
    """What the sources have, and why some have nothing."""

    async def one(source: Source | FileSource) -> _Offer | str:
        try:
            return await _offer(source, root_id, now, seen)
        except (FormatError, SourceError) as error:
            return f"{source.name}: {error}"

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(source)) for source in sources]
        late = await _late(tasks)
    answers = [task.result() for task in tasks if task not in late]
    offers = [answer for answer in answers if isinstance(answer, _Offer)]
    refusals = [answer for answer in answers if isinstance(answer, str)]
    slow = [source.name for source, task in zip(sources, tasks, strict=True) if task in late]
    return offers, refusals + [f"{name}: is far slower than another" for name in slow]


def _of_newest_root(offers: Sequence[_Offer]) -> tuple[list[_Offer], list[str]]:
    """Those that show the newest root that one of them shows, and why not the others.

    Behind an old root may stand what a stolen key signed, which a newer root took from its role.
    """
    newest = max((offer.root for offer in offers), default=0)
    behind = [
        f"{offer.source.name}: "
        + str(FormatError("6.8", paths.root(offer.root + 1), "is shown by another copy"))
        for offer in offers
        if offer.root < newest
    ]
    return [offer for offer in offers if offer.root == newest], behind


async def _late(tasks: Sequence[asyncio.Task[_Offer | str]]) -> set[asyncio.Task[_Offer | str]]:
    """Those that have no answer a while after one had an offer; they are stopped.

    A host that sends a byte a second must not keep a reader from what another has.
    """
    waiting: set[asyncio.Task[_Offer | str]] = set(tasks)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if any(isinstance(task.result(), _Offer) for task in done):
            break
    if waiting:
        _, waiting = await asyncio.wait(waiting, timeout=GRACE)
    for task in waiting:
        task.cancel()
    return waiting


async def _offer(source: Source | FileSource, root_id: str, now: datetime, seen: State) -> _Offer:
    if isinstance(source, FileSource):
        body = await source.body()
        handed = await asyncio.to_thread(archive.open_file, body, root_id, now, None, source.name)
        if handed.slip.kind != "zip":
            raise SourceError("is a page to open, not a copy to unpack")
        return _Offer(source=source, handed=handed, body=body)
    for attempt in range(_TRIES):
        try:
            return _Offer(source=source, head=await head.read(source, root_id, now, seen))
        except FormatError:
            if attempt == _TRIES - 1 or not await source.changed():
                raise
        await asyncio.sleep(_WAIT * 2**attempt)
    raise AssertionError("the last try returns or raises")


async def _take_copy(
    offer: _Offer,
    mine: Head,
    offers: Sequence[_Offer],
    tree: Tree,
    seen: State,
    progress: Progress | None,
) -> Report:
    """Lay the whole copy that `offer` has, with files from every source of the same edition."""
    heads = [one.head for one in offers if one.head]
    top = laying.with_newest_list(mine, heads, seen)
    listed = account.of(top)
    wanted = laying.unsigned(listed)
    signed = laying.signed(top)
    same = [one for one in offers if one.head and laying.is_same(one.head, top)]
    same.sort(key=lambda one: one is not offer)
    kept = await asyncio.to_thread(tree.keep, wanted)
    missing = {path: stamps for path, stamps in wanted.items() if path not in kept}
    for number, batch in enumerate(laying.batches(missing)):
        await _fill(batch, same, listed, tree)
        if progress:
            progress(min((number + 1) * laying.BATCH_FILES, len(missing)), len(missing))
    for path, body in signed.items():
        await asyncio.to_thread(tree.put, path, body)
    await asyncio.to_thread(tree.trim, wanted.keys() | signed.keys())
    laid, _ = await verify.check(FolderSource(tree.part), seen.root_id, top.trust.now, seen)
    await asyncio.to_thread(tree.take_place)
    return verify.report(laid, seen)


def _adds_nothing(offer: _Offer, own: _Own) -> bool:
    """Whether the folder holds the very same signed files already."""
    if not offer.head or not own.head:
        return False
    return laying.signed(offer.head) == laying.signed(own.head)


async def _fill(
    batch: dict[str, frozenset[Stamp]], offers: list[_Offer], listed: Account, tree: Tree
) -> None:
    """Fetch the files of `batch`, each from the first source that has it as it must be.

    A source that fails is asked last from then on.
    """
    left = dict(batch)
    trouble = ""
    for offer in tuple(offers):
        if isinstance(offer.source, FileSource) or not offer.head or not left:
            continue
        view = replace(listed, base=offer.head.here.base if offer.head.here else None)
        limits = {path: account.feed_limit(s, view.base or "") for path, s in left.items()}
        try:
            found = await offer.source.fetch(limits)
        except SourceError as error:
            trouble = str(error)
            offers.append(offers.pop(offers.index(offer)))
            continue
        for path, body in found.items():
            stamped = view.as_stamped(path, body)
            if account.stamp(stamped) in left[path]:
                await asyncio.to_thread(tree.put, path, stamped)
                del left[path]
    for path in left:
        raise FormatError("4.4", path, trouble or "is missing, or not as the edition stamped it")


async def _take_zip(
    offer: _Offer, offers: Sequence[_Offer], own: _Own, tree: Tree, seen: State
) -> Report:
    """Lay the members of a ZIP, and the ZIP beside them."""
    handed, name = offer.handed, offer.source.name
    if not handed:
        raise SourceError("offers nothing")
    if handed.slip.edition <= own.edition:
        raise SourceError(f"holds edition {handed.slip.edition}, the folder has {own.edition}")
    before = handed.trust.still(seen).edition.number
    if handed.slip.edition < before:
        told = f"is number {handed.slip.edition}, but {before} was seen"
        raise FormatError("6.6", "edition", told)
    if own.head:
        raise SourceError(
            f"is newer, but the folder is a whole copy of {own.edition}: name another"
        )
    lists = [one.head.withdrawn for one in offers if one.head] + [own.withdrawn]
    gone = {article.id: article.on for one in lists if one for article in one.articles}
    for path in await asyncio.to_thread(archive.withdrawn_pages, handed, gone, name):
        raise FormatError("5.3", path, "was withdrawn after this ZIP was made: get a newer one")
    await asyncio.to_thread(_unpack, handed, offer.body, name, tree)
    source = FolderSource(tree.part)
    listing = await source.listing()
    now = handed.trust.now
    laid, listed = await check_unpacked(source, listing, seen.root_id, now, seen)
    await asyncio.to_thread(tree.take_place)
    return verify.handed_report(laid, seen, len(listed.articles) if listed else 0)


def _unpack(handed: HandedOver, body: bytes, name: str, tree: Tree) -> None:
    """Write all members; the list of withdrawals that lay in the folder stays."""
    laid = {ARCHIVE}
    for path, member in archive.members(handed, name):
        tree.put(path, member)
        laid.add(path)
    tree.put(ARCHIVE, body)
    for old in tree.folder.glob(f"{WITHDRAWN}*"):
        tree.put(old.name, old.read_bytes())
        laid.add(old.name)
    tree.trim(laid)


def _leave(tree: Tree) -> None:
    """Leave no empty part behind."""
    if not any(tree.part.iterdir()):
        tree.drop()
