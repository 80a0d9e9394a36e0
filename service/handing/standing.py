"""Standing: how the hand-out stands, as counts and odds, for whoever runs the newsroom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mirror.distributor.court import Suspect, Watched, heard
from mirror.distributor.growth import Policy, informers
from mirror.distributor.season import day_of, fit, quiet, watched
from mirror.distributor.tree import Tree
from service.newsroom import Glance
from tamizdat.grove import Node
from tamizdat.placement import Mirror, MirrorState

BUDGET_DAYS = 7
"""Days over which losses are held against the budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStanding:
    """A channel: groups, hand-outs and mirrors as counts, and the court's odds.

    `told` is the likeliest share of informers among its holders. It is `starving` where groups go
    without a mirror and no secret mirror waits for one: they have the slow lane.
    """

    channel: str
    groups: int
    served: int
    handed_out: int
    active: int
    spare: int
    told: float
    starving: bool
    suspect: Suspect


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOut:
    """How the hand-out stands, the likeliest leak first."""

    channels: tuple[ChannelStanding, ...]
    canaries: Watched
    watching: int
    burnt: int
    """Mirrors that groups lost of late."""


async def standing(room: Glance, now: datetime) -> HandOut:
    """How the hand-out stands now."""
    groups = room.ledgers.groups
    nodes, losses = await groups.all(), await groups.losses()
    canaries = await groups.canaries()
    day = day_of(now)
    control = quiet(canaries, losses, day)
    suspects = heard(watched(nodes, losses, day), control)
    return HandOut(
        channels=tuple(_channel(one, nodes, room.mirrors) for one in suspects),
        canaries=control,
        watching=len(canaries),
        burnt=sum(bool(one.channel) and day - one.day < BUDGET_DAYS for one in losses),
    )


def _channel(suspect: Suspect, nodes: Sequence[Node], mirrors: Sequence[Mirror]) -> ChannelStanding:
    name = suspect.channel
    ours = [one for one in nodes if one.grove.channel == name]
    own = [one for one in mirrors if one.group == name and fit(one)]
    served = sum(one.mirror is not None for one in ours)
    holders = sum(one.holders for one in ours)
    shares = informers(Tree().with_nodes(ours))
    told = sum(shares.get(one.grove, 0.0) * one.holders / holders for one in ours if holders)
    active = sum(one.state is MirrorState.ACTIVE for one in own)
    spare = sum(one.state is MirrorState.SPARE for one in own)
    wanting = any(one.mirror is None and one.holders >= Policy().worth for one in ours)
    return ChannelStanding(
        channel=name,
        groups=len(ours),
        served=served,
        handed_out=holders,
        active=active,
        spare=spare,
        told=told,
        starving=wanting and active <= served and not spare,
        suspect=suspect,
    )
