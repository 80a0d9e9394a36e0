"""Together: the next edition where several people must sign it.

It is composed, and waits. What was withdrawn does not wait. With the last signature that is needed
it goes out, and is only then recorded as an edition; ours is made last.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from feeds.composer import Pages, render
from service.anew import FROM_NOTHING
from service.bundling import Unsigned, finished, load_run, unsigned
from service.composing import (
    NAME_TAKEN_OUT,
    STALE,
    Plan,
    by_language,
    compose,
    draw,
    kept_bundles,
    plan_next,
    record,
)
from service.countersigning.countersignature import Countersignature, read_all, sealed
from service.countersigning.removing import is_lone, kept_objects, remove
from service.countersigning.waiting import (
    FINISHED,
    TAKEN,
    Waiting,
    drop_bundles,
    ready_bundles,
    shown,
    wait,
    wait_no_more,
    waiting,
)
from service.gathering import run
from service.keys.distrusting import distrusted, is_mute
from service.newsroom import Newsroom
from signing.trust import MAX_STEP
from tamizdat.edition import SealedEdition
from tamizdat.errors import SigningError
from tamizdat.ledgers import Record
from tamizdat.wire import BundleRef

HOLD = timedelta(days=1)
"""So long an edition that was shown to others is not replaced because more was released."""

RENEW = timedelta(days=7)
"""A waiting edition is issued anew after so long: its time runs from then on."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """An edition that waits: how many people signed it elsewhere, of how many that must."""

    edition: int
    signed: int
    needed: int

    @property
    def told(self) -> str:
        """The same in a sentence."""
        left = self.needed - self.signed
        people = "1 more person" if left == 1 else f"{left} more people"
        return f"edition {self.edition} waits until {people} signed it"


async def next_edition(room: Newsroom) -> SealedEdition | None:
    """The edition that goes out now, alone or together; None where none does."""
    if not room.keys.lacking:
        await wait_no_more(room.ledgers.facts)
        return await compose(room)
    if is_mute(room.keys, await distrusted(room.ledgers.facts, room.ledgers.editions)):
        return None
    out = await remove(room)
    if out is None:
        one = await waiting(room.ledgers.facts, room.blobs)
        out = await _go_out(room, one) if one else None
    await _renew(room)
    return out


async def waits(room: Newsroom) -> Waits | None:
    """What waits, None where nothing does."""
    one = await waiting(room.ledgers.facts, room.blobs) if room.keys.lacking else None
    if one is None:
        return None
    signed = len(await _others(room, one))
    return Waits(edition=one.manifest.edition, signed=signed, needed=room.keys.lacking)


async def _others(room: Newsroom, one: Waiting) -> Sequence[Countersignature]:
    """Signatures of other people over this edition that count today.

    Whoever carries our own key to the countersigning machine is no second person.
    """
    taken = read_all(await room.ledgers.facts.get(TAKEN) or "")
    gone = await distrusted(room.ledgers.facts, room.ledgers.editions)
    keys = set(room.keys.root.roles["release"].keys) - gone - room.keys.held
    return [made for made in taken if made.sha256 == one.sha256 and made.fingerprint in keys]


async def _go_out(room: Newsroom, one: Waiting) -> SealedEdition | None:
    """Sign and record it, where it has the other signatures and may still go out."""
    others = await _others(room, one)
    if len(others) < room.keys.lacking or not await _fits(room, one):
        return None
    needed = room.keys.root.roles["release"].threshold
    own = await room.keys.release.sign(one.body)
    made = sealed(one.body, others, own, needed)
    bundles = [ref for part in one.bundles if (ref := await _finished(room, part, others))]
    facts = room.ledgers.facts
    await facts.set(FINISHED, json.dumps([ref.plain() for ref in bundles]))
    edition = SealedEdition(manifest=one.manifest, sealed=made)
    languages = frozenset(ref.language for ref in bundles)
    await record(room, edition, one.rendered, one.changed, languages)
    if one.whole:
        await facts.set(FROM_NOTHING, "")
    await wait_no_more(facts)
    return edition


async def _fits(room: Newsroom, one: Waiting) -> bool:
    """Whether it follows the newest edition, by today's root, and has nothing taken back since."""
    newest = await room.ledgers.editions.newest()
    prev = one.manifest.prev
    follows = (prev.sha256 if prev else None) == (newest.sealed.sha256 if newest else None)
    changed = await room.ledgers.articles.changed()
    known = {made.id for made in one.changed if made.withdrawn}
    held = {made.id for made in one.rendered}
    gone = {made.id for made in changed if made.withdrawn}
    rooted = one.manifest.root_version == room.keys.root.version
    bears = await _takes_a_name_out(room) and _is_corrected(one, changed)
    return follows and rooted and not bears and not gone & held - known


async def _takes_a_name_out(room: Newsroom) -> bool:
    """Whether a byline was switched that the newest edition bears."""
    return await room.ledgers.facts.get(NAME_TAKEN_OUT) == "1"


def _is_corrected(one: Waiting, changed: Sequence[Record]) -> bool:
    """Whether a text was corrected since."""
    known = {(made.id, made.revision) for made in one.changed}
    return any(made.revision > 1 and (made.id, made.revision) not in known for made in changed)


async def _finished(
    room: Newsroom, part: Unsigned, others: Sequence[Countersignature]
) -> BundleRef | None:
    """The bundle with all signatures; None where they are longer than its body foresaw."""
    needed = room.keys.root.roles["release"].threshold
    own = await room.keys.release.sign(part.slip)
    made = sealed(part.slip, others, own, needed)
    try:
        return await asyncio.to_thread(finished, part, made, room.keys.roots, room.blobs)
    except SigningError as error:
        log.warning("bundle left out", extra={"why": str(error)})
        return None


async def _renew(room: Newsroom) -> None:
    """Let the right edition wait: that of the ledger as it is, or one that others look at."""
    plan = await plan_next(room)
    one = await waiting(room.ledgers.facts, room.blobs)
    named = set(plan.before.manifest.bundles) if plan.before else set()
    if await _takes_a_name_out(room):  # bundles that wait may bear it
        await drop_bundles(room.ledgers.facts, _corrected(plan))
    ready = [ref for ref in await ready_bundles(room.ledgers.facts) if ref not in named]
    lone = plan.before is not None and is_lone(room, plan.before)
    reason = plan.reasons.beside_bundles or bool(ready) or lone
    if not reason or (plan.before is None and not plan.material.lengths):
        await wait_no_more(room.ledgers.facts)
        return
    highest = await shown(room.ledgers.facts)
    if one and await _may_stay(room, one, plan, ready, is_shown=highest >= one.manifest.edition):
        return
    number = max(plan.number, highest + 1)
    if plan.before and number - plan.before.number > MAX_STEP:
        log.warning("no more editions are shown until one is signed", extra={"edition": number})
        return
    made = await _composed(room, plan, ready, number)
    if await shown(room.ledgers.facts) >= number:
        return  # the one before was shown meanwhile: other bytes get another number
    await wait(room.ledgers.facts, room.blobs, made)


async def _may_stay(
    room: Newsroom, one: Waiting, plan: Plan, ready: Sequence[BundleRef], *, is_shown: bool
) -> bool:
    if not await _fits(room, one):
        return False
    manifest, age = one.manifest, plan.now - one.manifest.issued
    same = one.is_of(plan.material.changed) and manifest.build == plan.build
    has_all = set(ready) <= set(manifest.bundles)
    return (same and has_all and age < RENEW) or (is_shown and age < HOLD)


async def _composed(room: Newsroom, plan: Plan, ready: Sequence[BundleRef], number: int) -> Waiting:
    pages = await asyncio.to_thread(render, plan.material, room.blobs, plan.now.year)
    if plan.before and is_lone(room, plan.before):
        pages.gone.update(await asyncio.to_thread(kept_objects, room, plan.before))
    bear_it = _corrected(plan) if await _takes_a_name_out(room) else set()
    kept = kept_bundles(plan, {ref.language for ref in ready} | bear_it)
    bundles = sorted([*kept, *ready], key=by_language)
    manifest = await draw(room, plan, pages, bundles, number=number)
    unsigned_bundles = await _unsigned(room, plan, pages, number)
    return Waiting(
        body=manifest.encode(),
        rendered=pages.rendered,
        changed=plan.material.changed,
        bundles=unsigned_bundles,
        whole=plan.reasons.whole,
    )


def _corrected(plan: Plan) -> set[str]:
    """The languages of texts that were corrected."""
    return {one.language for one in plan.material.changed if one.revision > 1}


async def _unsigned(room: Newsroom, plan: Plan, pages: Pages, number: int) -> Sequence[Unsigned]:
    """Bundles whose slips are signed with this edition; the one after it names them."""
    paper = plan.material.paper
    lagging = set((await room.ledgers.facts.get(STALE) or "").split())
    lagging |= {one.language for one in plan.material.changed}
    every = plan.reasons.whole or plan.reasons.rooted
    rendered = {one.id: one.page for one in pages.rendered if one.entry is not None}
    found: list[Unsigned] = []
    for language in sorted(paper.languages if every else lagging.intersection(paper.languages)):
        records = await run(room.ledgers.articles, language, plan.now)
        if records:
            loaded = await asyncio.to_thread(
                load_run, room.blobs, room.keys, paper, language, records, rendered
            )
            found += await unsigned(room.keys, room.blobs, loaded, number, plan.now)
    return found
