"""Standing: how the hand-out stands, as counts and odds, for whoever runs the newsroom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mirror.distributor.court import Suspect, Watched, heard
from mirror.distributor.growth import Policy, informers
from mirror.distributor.season import day_of, fit, quiet, unwatched, watched
from mirror.distributor.tree import Tree
from service.newsroom import Ledgers
from tamizdat.board import HandOut
from tamizdat.grove import Node
from tamizdat.placement import Mirror, MirrorState

WEEK = 7
"""Days over which losses are told."""


class Seen(Protocol):
    """A newsroom, or a glance at one."""

    @property
    def ledgers(self) -> Ledgers:
        """The ledger, by noun."""
        ...

    @property
    def mirrors(self) -> Sequence[Mirror]:
        """The pool."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the hand-out stands, the likeliest leak first.

    `watching` canaries are left; `canaries` says what all of them showed. `burnt` is how many
    mirrors groups lost within a week, `unwatched` the families of names without a canary.
    """

    channels: tuple[HandOut, ...]
    canaries: Watched
    watching: int
    unwatched: tuple[str, ...]
    burnt: int


async def standing(room: Seen, now: datetime) -> Standing:
    """How the hand-out stands now."""
    groups = room.ledgers.groups
    nodes, losses = await groups.all(), await groups.losses()
    canaries = await groups.canaries()
    day = day_of(now)
    control = quiet(canaries, losses, day)
    suspects = heard(watched(nodes, losses, day), control)
    return Standing(
        channels=tuple(_channel(one, nodes, room.mirrors) for one in suspects),
        canaries=control,
        watching=len(canaries),
        unwatched=tuple(unwatched(room.mirrors)),
        burnt=sum(bool(one.channel) and day - one.day < WEEK for one in losses),
    )


def _channel(suspect: Suspect, nodes: Sequence[Node], mirrors: Sequence[Mirror]) -> HandOut:
    name = suspect.channel
    ours = [one for one in nodes if one.grove.channel == name]
    own = [one for one in mirrors if one.group == name and fit(one)]
    served = sum(one.mirror is not None for one in ours)
    holders = sum(one.holders for one in ours)
    shares = informers(Tree().with_nodes(ours))
    active = sum(one.state is MirrorState.ACTIVE for one in own)
    spare = sum(one.state is MirrorState.SPARE for one in own)
    wanting = any(one.mirror is None and one.holders >= Policy().worth for one in ours)
    return HandOut(
        channel=name,
        groups=len(ours),
        served=served,
        handed_out=holders,
        active=active,
        spare=spare,
        told=sum(shares.get(one.grove, 0.0) * one.holders for one in ours) / max(1, holders),
        starving=wanting and active <= served and not spare,
        odds=suspect.odds,
        named=suspect.is_named,
        lost=suspect.watched.lost,
        days=suspect.watched.days,
    )
