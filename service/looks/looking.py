"""Looking: one round from every vantage, each look judged beside what the controls agree on."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from reach.checking import measured
from reach.control import agreed
from reach.judge import judge
from reach.order import Proof
from reach.outpost import Answer, Outpost
from reach.patience import Patience
from reach.settings import VantageSettings
from service.looks.reaching import aims, prober, proof
from service.looks.witness import witness_of
from service.newsroom import Newsroom
from tamizdat.measurement import Aim, Kind, Measurement, Stage, Vantage
from tamizdat.placement import MirrorId, Phase
from tamizdat.sighting import Sighting

AT_ONCE = 32
"""So many vantages look at the same time."""

HERE = "local"
UNKNOWN_COUNTRY, UNKNOWN_NETWORK = "ZZ", "AS0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One vantage's part of a round, and why it is not all: no answer is no data, never a block.

    `said` is for whoever runs this by hand, never for a log or a page (reach/outpost.py).
    """

    vantage: Vantage
    sightings: tuple[Sighting, ...]
    fault: str | None = None
    said: str = ""


Tell = Callable[[Looked], Awaitable[None]]
_Look = Callable[[Sequence[Aim], Vantage], Awaitable[Answer]]
_Controls = Mapping[MirrorId, Measurement | None]


async def look(
    room: Newsroom,
    *,
    only: Collection[MirrorId] | None = None,
    inside: bool = True,
    tell: Tell | None = None,
    patience: Patience | None = None,
) -> Sequence[Sighting]:
    """Look at every mirror (or `only` at these) from everywhere, now.

    What inside vantages and controls see; controls alone where not `inside`. All start together.
    `tell` is given each vantage's part when it and the controls are done, one at a time; so the
    slowest vantage delays nobody, and the slowest control no longer than its own time. What failed
    is in there as well, with its fault.
    """
    wanted = await _wanted(room, only)
    posts = _posts(room, await proof(room), patience)
    posts = [one for one in posts if inside or one.vantage.kind is Kind.CONTROL]
    turns, telling = asyncio.Semaphore(AT_ONCE), asyncio.Lock()
    witness = witness_of(room)

    async def from_there(post: _Post) -> Answer:
        async with turns:
            return await post.look(wanted, post.vantage)

    async def part(post: _Post, answer: asyncio.Task[Answer]) -> Looked:
        await witness.recall((await answer).found)
        done = _judged(post.vantage, await answer, await beside)
        if tell is not None:
            async with telling:
                await tell(done)
        return done

    async with asyncio.TaskGroup() as group:
        answers = [(post, group.create_task(from_there(post))) for post in posts]
        controls = [task for post, task in answers if post.vantage.kind is Kind.CONTROL]
        beside = group.create_task(_settled(controls))
        parts = [group.create_task(part(post, answer)) for post, answer in answers]
    return tuple(sighting for task in parts for sighting in task.result().sightings)


def outrun(found: Measurement, told: int, newest: int) -> bool:
    """Whether an edition came out while a vantage looked that had been told of `told` only.

    What lies on the mirror may be of that edition, which the vantage must call unknown or altered:
    such a look says nothing, the next one will.
    """
    failure = found.failure
    return newest > told and failure is not None and failure.stage is Stage.SIGNATURE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Post:
    """A vantage, and the way to look from it."""

    vantage: Vantage
    look: _Look


async def _wanted(room: Newsroom, only: Collection[MirrorId] | None) -> tuple[Aim, ...]:
    """Aims by the states of now: a rotation may have set them since the newsroom was opened.

    A mirror that never held an edition is no place to look at yet.
    """
    here = await room.as_it_stands()
    mirrors = [
        mirror
        for mirror in here.mirrors
        if (only is None or mirror.id in only) and await _held(room, mirror.id)
    ]
    return aims(mirrors, room.config.mirror)


async def _held(room: Newsroom, mirror: MirrorId) -> bool:
    lying = await room.ledgers.pool.lying(mirror)
    return any(one.phase is not Phase.PUSHING for one in lying)


def _posts(room: Newsroom, told: Proof, patience: Patience | None) -> Sequence[_Post]:
    """Those of the config, controls first; this machine as the control where there is none."""
    settings = room.config.vantage
    posts = [_post(room, one, told, patience) for one in settings]
    if not any(one.kind == "control" for one in settings):
        taken = {one.id for one in settings}
        here = Vantage(
            id=HERE if HERE not in taken else f"{HERE}-control",
            country=UNKNOWN_COUNTRY,
            network=UNKNOWN_NETWORK,
            kind=Kind.CONTROL,
            groups=frozenset(outlet.mirror.group for outlet in room.outlets.values()),
        )
        posts.append(_Post(vantage=here, look=partial(_by_hand, room, patience, None)))
    return sorted(posts, key=lambda post: post.vantage.kind is not Kind.CONTROL)


def _post(
    room: Newsroom, settings: VantageSettings, told: Proof, patience: Patience | None
) -> _Post:
    authorities = room.folder / settings.authorities if settings.authorities else None
    by_hand: _Look = partial(_by_hand, room, patience, authorities)
    by_command: _Look = partial(_by_command, room, patience, told, settings.command)
    return _Post(vantage=settings.vantage, look=by_command if settings.command else by_hand)


async def _by_hand(
    room: Newsroom,
    patience: Patience | None,
    authorities: Path | None,
    wanted: Sequence[Aim],
    vantage: Vantage,
) -> Answer:
    """Look from this machine."""
    try:
        probe = prober(room, patience=patience, authorities=authorities)
    except OSError as error:
        return Answer(found=(), fault=f"its authorities cannot be used ({error.strerror})")
    return Answer(found=await measured(probe, wanted, vantage))


async def _by_command(
    room: Newsroom,
    patience: Patience | None,
    told: Proof,
    command: Sequence[str],
    wanted: Sequence[Aim],
    vantage: Vantage,
) -> Answer:
    """Look from elsewhere; what our own next edition made a riddle there is left out."""
    outpost = Outpost(command, told, room.clock, patience=patience, folder=room.folder)
    answer = await outpost.look(wanted, vantage)
    newest = await room.ledgers.editions.newest()
    known = max((number for number, _ in told.editions), default=0)
    now = newest.number if newest else 0
    return replace(answer, found=tuple(m for m in answer.found if not outrun(m, known, now)))


async def _settled(controls: Sequence[asyncio.Task[Answer]]) -> _Controls:
    """What the controls agree on, for each mirror that any of them saw."""
    seen: dict[MirrorId, list[Measurement]] = {}
    for task in controls:
        for found in (await task).found:
            seen.setdefault(found.mirror, []).append(found)
    return {mirror: agreed(found) for mirror, found in seen.items()}


def _judged(vantage: Vantage, answer: Answer, beside: _Controls) -> Looked:
    sightings = []
    for here in answer.found:
        control = beside.get(here.mirror)
        sightings.append(Sighting(here=here, control=control, ruling=judge(here, control)))
    return Looked(vantage=vantage, sightings=tuple(sightings), fault=answer.fault, said=answer.said)
