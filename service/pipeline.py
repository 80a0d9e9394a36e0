"""The river: article -> edition -> signature -> mirrors. Who reads this file knows the system."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.backup.catching_up import catch_up
from service.budgets import held_back, weigh
from service.composing import NEWEST_REMOVAL
from service.countersigning.together import Waits, next_edition, waits
from service.handing.tending import tend
from service.keys.distrusting import silence
from service.newsroom import Newsroom, Outlet
from service.placing import Desired, Progress, kept, place
from service.pointing import point, withdrawals
from service.sweeping import sweep, sweep_is_due
from tamizdat.edition import SealedEdition
from tamizdat.errors import LedgerError
from tamizdat.placement import MirrorState, Placement, Refusal
from tamizdat.theft import Theft


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of a publish. `silence` says why no edition could be made, where none could.

    `waits` is an edition that other people must sign first; `thefts` are
    open: what our keys signed and we did not make.
    """

    edition: int
    placements: tuple[Placement, ...]
    refusals: tuple[Refusal, ...]
    silence: str = ""
    waits: Waits | None = None
    thefts: tuple[Theft, ...] = ()


class EmptyError(LedgerError):
    """No article was ever released here: there is nothing to publish."""


class HeldBackError(LedgerError):
    """Mirrors stay as they are: the root asks for signatures that edition `edition` has not."""

    def __init__(self, edition: int, waits: Waits | None) -> None:
        super().__init__(
            "mirrors get the new root with an edition that has its signatures: "
            f"{waits.told if waits else 'none waits'}"
        )
        self.edition = edition


async def publish(room: Newsroom, progress: Progress | None = None) -> Published:
    """Make the next edition if anything changed, and bring every mirror to the newest.

    Safe to kill at any instant and to run again: what is done is not done twice.
    """
    await weigh(room)
    try:
        desired = await prepare(room)
    except HeldBackError as error:
        published = Published(edition=error.edition, placements=(), refusals=())
    else:
        published = await _placed(room, desired, progress)
        if (await tend(room)).shards:  # groups are given what lies whole there only now
            published = await _placed(await room.as_it_stands(), desired, progress)
        await tidy(room, desired)
    thefts = await room.ledgers.thefts.unclosed()
    return replace(
        published,
        silence=await silence(room),
        waits=await waits(room),
        thefts=tuple(thefts),
    )


async def follow(room: Newsroom, progress: Progress | None = None) -> Published:
    """Bring every mirror to the newest edition, and make none.

    After a turn of the pool, only what is local to each mirror (`here.json`, `ways.html`) changes.
    LedgerError as in `prepare`.
    """
    if await catch_up(room):  # what was adopted has files that are not here: a next one goes out
        return await publish(room, progress)
    newest = await _newest(room)
    if newest.manifest.root_version != room.keys.root.version:  # its key may count no more
        return await publish(room, progress)
    await tend(room)
    here = await room.as_it_stands()
    return await _placed(here, await _desired(here, newest), progress)


async def prepare(room: Newsroom, before: Desired | None = None) -> Desired:
    """What every mirror should hold now: the newest edition, made if anything changed.

    `before` is what was desired until now: what it holds is not read again.
    EmptyError where there is nothing to publish yet; LedgerError where a restored ledger may not
    go on.
    """
    await catch_up(room)
    await tend(room)
    edition = await next_edition(room) or await _newest(room)
    if room.keys.lacking and not stands(room, edition):
        raise HeldBackError(edition.number, await waits(room))
    return await _desired(room, edition, before)


def stands(room: Newsroom, edition: SealedEdition) -> bool:
    """Whether readers who know our newest root take this edition (formats 4.5, 5.7)."""
    role = room.keys.root.roles["release"]
    signers = {one.fingerprint for one in edition.sealed.signatures}
    # a removal of before this root was judged by another: it may say new things (formats 5.8)
    alone = edition.manifest.removal and edition.manifest.root_version == room.keys.root.version
    return len(signers.intersection(role.keys)) >= (1 if alone else role.threshold)


async def wanted(room: Newsroom) -> Sequence[Outlet]:
    """Active mirrors and spares; retired ones too while something must disappear from them.

    So it is with those whose provider's budget is spent.
    """
    removal = int(await room.ledgers.facts.get(NEWEST_REMOVAL) or 0)
    kept_back = await held_back(room)
    found = []
    for outlet in room.outlets.values():
        if outlet.mirror.state is MirrorState.RETIRED or outlet.mirror.id in kept_back:
            lying = await room.ledgers.pool.lying(outlet.mirror.id)
            if not any(entry.edition < removal for entry in lying):
                continue
        found.append(outlet)
    return found


async def tidy(room: Newsroom, desired: Desired) -> None:
    """Sweep where that is due, and forget editions that no mirror needs."""
    await _sweep_where_due(room)
    await room.ledgers.editions.forget_below(desired.edition.manifest.oldest)


async def _desired(
    room: Newsroom, edition: SealedEdition, before: Desired | None = None
) -> Desired:
    withdrawn = await withdrawals(room)
    return Desired(
        edition=edition,
        kept=await kept(room, edition, before),
        pointer=await point(room, edition, withdrawn),
        withdrawn=withdrawn,
    )


async def _placed(room: Newsroom, desired: Desired, progress: Progress | None) -> Published:
    before = await room.ledgers.thefts.open_numbers()
    outcomes = await place(room, await wanted(room), room.mirrors, desired, progress)
    if await room.ledgers.thefts.open_numbers() != before:
        # found on the way: our versions must be above those that the thief signed
        desired = await _desired(room, desired.edition)
        outcomes = await place(room, await wanted(room), room.mirrors, desired, progress)
    return Published(
        edition=desired.edition.number,
        placements=tuple(o for o in outcomes if isinstance(o, Placement)),
        refusals=(
            *(o for o in outcomes if isinstance(o, Refusal)),
            *await _over_budget(room, outcomes),
        ),
    )


async def _over_budget(
    room: Newsroom, outcomes: Sequence[Placement | Refusal]
) -> Sequence[Refusal]:
    """Those that were left out because of what they would cost."""
    tried = {one.mirror for one in outcomes}
    return [
        Refusal(mirror=mirror, detail=why, retry=True)
        for mirror, why in (await held_back(room)).items()
        if mirror not in tried and room.outlets[mirror].mirror.state is not MirrorState.RETIRED
    ]


async def _newest(room: Newsroom) -> SealedEdition:
    edition = await room.ledgers.editions.newest()
    if edition is None:
        await _sweep_where_due(room)  # drafts may have been dropped
        waiting = await waits(room)
        if waiting:
            raise LedgerError(f"nothing is out yet: {waiting.told}")
        raise EmptyError("the ledger has neither articles nor an edition: import some first")
    return edition


async def _sweep_where_due(room: Newsroom) -> None:
    if await sweep_is_due(room):
        await sweep(room)
