"""A season: the groups of one channel after some mirrors were lost, and others came. Pure.

Days are days since 1970.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from mirror.distributor.court import Watched
from mirror.distributor.growth import Growth, Policy, grown, planted
from mirror.distributor.tree import Tree
from mirror.radius import family
from mirror.situation import BAD, EVERYWHERE
from tamizdat.grove import Grove, Loss, Node, Regrouped
from tamizdat.incident import Course, Incident
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tamizdat.verdict import Board

LONGEST = 116
"""Characters of an address that a slot of the hint file holds (formats 10.2)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to ask for a mirror, and the mirrors for it: the secret ones of the group `name`.

    `country` is where those who ask by it live: what is blocked elsewhere is not lost to them; None
    where nobody knows. It begins with `width` groups.
    """

    name: str
    grove: Grove
    width: int
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """What has become of the pool. `incidents` are the open ones.

    An edition was read back on those that are `whole`: no group is sent to another.
    """

    mirrors: Sequence[Mirror]
    incidents: Sequence[Incident]
    whole: Collection[MirrorId]
    day: int
    policy: Policy

    def told_on(self, channel: Channel, had: Collection[MirrorId]) -> frozenset[MirrorId]:
        """Mirrors that are blocked where the channel's readers live, or that a spare stands in for.

        A suspicion is enough where another mirror waits. One that is down, with everybody, was not
        blocked: it is waited for.
        """
        enough = BAD if self.stock(channel, had) else {Board.BLOCKED}
        return frozenset(
            one.mirror
            for one in self.incidents
            if _concerns(channel, one) and (one.state in enough or one.spare is not None)
        )

    def gone(self) -> frozenset[MirrorId]:
        """Mirrors that readers are told of no more, for reasons of our own."""
        active = (one for one in self.mirrors if one.state is MirrorState.ACTIVE)
        return frozenset(one.id for one in self.mirrors) - {one.id for one in active if fit(one)}

    def stock(self, channel: Channel, had: Collection[MirrorId]) -> tuple[MirrorId, ...]:
        """Active mirrors of the channel that no group has, stand-ins first, none in trouble."""
        stand_ins = {one.spare for one in self.incidents}
        bad = {one.mirror for one in self.incidents if _concerns(channel, one)}
        ours = (one for one in self.mirrors if one.group == channel.name and fit(one))
        ready = {one.id for one in ours if one.state is MirrorState.ACTIVE and one.id in self.whole}
        free = ready.difference(had, bad)
        return tuple(sorted(free, key=lambda name: (name not in stand_ins, name)))


def day_of(moment: datetime) -> int:
    """Days since 1970."""
    return (moment - _EPOCH).days


def fit(mirror: Mirror) -> bool:
    """Whether groups may be given this mirror, once it is active."""
    base = mirror.base or ""
    told = mirror.exposure is Exposure.SECRET and not mirror.canary
    return told and base.isascii() and 0 < len(base) <= LONGEST


def sown(nodes: Sequence[Node], channels: Sequence[Channel], day: int) -> Regrouped:
    """The groups, with those of each channel whose grove was not planted yet."""
    known = {(one.grove.channel, one.grove.cohort) for one in nodes}
    fresh = [
        node
        for channel in channels
        if (channel.grove.channel, channel.grove.cohort) not in known
        for node in planted(channel.grove, channel.width, day=day).nodes.values()
    ]
    return Regrouped(nodes=(*nodes, *fresh))


def regrouped(nodes: Sequence[Node], channels: Sequence[Channel], season: Season) -> Regrouped:
    """The groups after the season: halved where they lost mirrors, given those that wait.

    Call it again whenever anything changed: else nothing does. Channels that left the config keep
    what they have.
    """
    after: list[Node] = []
    losses: list[Loss] = []
    named = {one.name: one for one in channels}
    for name in dict.fromkeys(one.grove.channel for one in nodes):
        ours = [one for one in nodes if one.grove.channel == name]
        if name in named:
            growth = _grown(ours, named[name], season)
            had = {one.mirror for one in ours if one.mirror is not None}
            lost = season.told_on(named[name], had)
            losses += [_loss(one, season.day) for one in ours if one.mirror in lost]
            ours = list(growth.tree.nodes.values())
        after += ours
    return Regrouped(nodes=tuple(after), losses=tuple(losses))


def waiting(nodes: Sequence[Node], channel: Channel) -> int:
    """How many groups of a channel have no mirror."""
    return sum(one.mirror is None for one in nodes if one.grove.channel == channel.name)


def watched(nodes: Sequence[Node], losses: Sequence[Loss], day: int) -> Mapping[str, Watched]:
    """What each channel lost, and in how many mirror-days: evidence for the court."""
    held = [(one.grove.channel, day - one.since) for one in nodes if one.mirror is not None]
    held += [(one.channel, one.day - one.since) for one in losses if one.channel]
    names = sorted({one.grove.channel for one in nodes} | {name for name, _ in held})
    return {
        name: Watched(
            lost=sum(one.channel == name for one in losses),
            days=float(sum(days for whose, days in held if whose == name)),
        )
        for name in names
    }


def quiet(canaries: Mapping[MirrorId, int], losses: Sequence[Loss], day: int) -> Watched:
    """What canaries show: how fast mirrors are lost that nobody told on."""
    lost = [one for one in losses if not one.channel]
    days = sum(day - since for since in canaries.values()) + sum(o.day - o.since for o in lost)
    return Watched(lost=len(lost), days=float(days))


def unwatched(mirrors: Sequence[Mirror]) -> Sequence[str]:
    """Families of names, each with the kind of place, in which secret mirrors have no canary.

    What falls there cannot be told from what somebody told on.
    """
    living = [one for one in mirrors if one.state is not MirrorState.RETIRED]
    kept = {_kin(one) for one in living if one.canary}
    return sorted({_kin(one) for one in living if fit(one)} - kept)


def _kin(mirror: Mirror) -> str:
    return f"{mirror.backend} {family(urlsplit(mirror.base or '').hostname or '')}"


def _grown(nodes: Sequence[Node], channel: Channel, season: Season) -> Growth:
    mine = {one.mirror for one in nodes if one.mirror is not None}
    told_on = season.told_on(channel, mine)
    gone = season.gone() - told_on
    known = {one.id for one in season.mirrors}
    kept = [
        replace(one, mirror=None, since=season.day)
        if one.mirror is not None and (one.mirror in gone or one.mirror not in known)
        else one
        for one in nodes
    ]
    had = {one.mirror for one in kept if one.mirror is not None}
    stock = season.stock(channel, had)
    return grown(Tree().with_nodes(kept), told_on & had, stock, season.policy, season.day)


def _loss(node: Node, day: int) -> Loss:
    mirror = node.mirror or MirrorId("")
    return Loss(channel=node.grove.channel, mirror=mirror, since=node.since, day=day)


def _concerns(channel: Channel, incident: Incident) -> bool:
    """Whether an incident is felt by those who ask by a channel."""
    felt = channel.country in {None, incident.country} or incident.country == EVERYWHERE
    return felt and incident.course is not Course.FALSE_ALARM
