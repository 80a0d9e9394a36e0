"""Hinting: hint files made anew where groups, mirrors or time ask for it, and signed."""

import asyncio
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mirror.distributor.leaf import Leaf
from mirror.distributor.season import LONGEST
from mirror.distributor.tree import Tree
from mirror.situation import BAD
from service.fading import fading
from service.newsroom import Newsroom
from signing.hint_files import path_of
from signing.hints import opened, slots
from signing.seal import seal
from signing.token import Token, leaves
from tamizdat.edition import Sealed
from tamizdat.grove import SHARD_DEPTH, Grove, Node
from tamizdat.incident import Incident
from tamizdat.placement import Exposure, Mirror, MirrorState
from tamizdat.wire import SPEC, Hints

LIFETIME = timedelta(days=7)
"""A hint file holds so long; after half of it, it is sealed and signed anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """What a hint file is to say: the address of each leaf, by its token."""

    name: str
    addresses: Mapping[Token, str]


async def renew(room: Newsroom, nodes: Sequence[Node], master: bytes) -> tuple[str, ...]:
    """Make each hint file anew that says another thing, or is half over; gives their shards."""
    incidents = await room.ledgers.incidents.unclosed()
    there = await room.ledgers.hint_files.newest()
    wanted = await asyncio.to_thread(shards, room.mirrors, nodes, incidents, master)
    made = []
    version = max((_version(one) for one in there.values()), default=0)
    for one in wanted:
        if await asyncio.to_thread(_holds, room, there.get(one.name), one):
            continue
        version += 1
        await room.ledgers.hint_files.commit(one.name, await _sealed(room, one, version))
        made.append(one.name)
    return tuple(made)


async def hint_files(room: Newsroom) -> Mapping[str, Sealed]:
    """What lies on every mirror, by path; nothing where the config names no channel."""
    if not room.config.channel:
        return {}
    newest = await room.ledgers.hint_files.newest()
    return {path_of(shard): sealed for shard, sealed in newest.items()}


def shards(
    mirrors: Sequence[Mirror], nodes: Sequence[Node], incidents: Sequence[Incident], master: bytes
) -> Sequence[Shard]:
    """What the hint files are to say: to each leaf its group's mirror, or else a public one."""
    tree, lanes = Tree().with_nodes(nodes), _slow_lanes(mirrors, incidents)
    bases = {one.id: one.base for one in mirrors}
    found = []
    for grove in dict.fromkeys(one.grove for one in nodes):
        for prefix in _prefixes(grove):
            addresses: dict[Token, str] = {}
            for number, (bits, token) in enumerate(leaves(master, grove.name, prefix)):
                node = tree.of(Leaf(grove=grove, bits=bits))
                base = bases.get(node.mirror) if node and node.mirror else None
                addresses[token] = base or _lane(lanes, number)
            found.append(Shard(name=next(iter(addresses)).shard, addresses=addresses))
    return found


async def _sealed(room: Newsroom, shard: Shard, version: int) -> Sealed:
    now, salt = room.clock.now(), secrets.token_bytes(16)
    addresses = {token.key: address for token, address in shard.addresses.items()}
    body = Hints(
        spec=SPEC,
        channel=room.keys.root.channel,
        issued=now,
        version=version,
        root_version=room.keys.root.version,
        shard=shard.name,
        salt=salt.hex(),
        slots=slots(addresses, salt),
        expires=now + LIFETIME,
    ).encode()
    return await seal(body, room.keys.mirrors)


def _holds(room: Newsroom, last: Sealed | None, wanted: Shard) -> bool:
    """Whether a hint file says what it must, under our newest root, and for long enough."""
    if last is None:
        return False
    hints = Hints.parse(last.body, path_of(wanted.name))
    if hints.root_version != room.keys.root.version:
        return False
    if fading(hints.issued, hints.expires, room.clock.now()):
        return False
    return all(opened(hints, token) == address for token, address in wanted.addresses.items())


def _version(sealed: Sealed) -> int:
    return Hints.parse(sealed.body, "hints").version


def _prefixes(grove: Grove) -> Iterator[str]:
    """The first turns of each shard of a grove."""
    turns = grove.depth - SHARD_DEPTH
    return (f"{number:0{turns}b}" if turns else "" for number in range(1 << turns))


def _slow_lanes(mirrors: Sequence[Mirror], incidents: Sequence[Incident]) -> Sequence[str]:
    """Public mirrors, for groups that have none of their own; those in trouble only for want."""
    bad = {one.mirror for one in incidents if one.state in BAD}
    public = [
        one
        for one in mirrors
        if one.exposure is Exposure.PUBLIC
        and one.state is MirrorState.ACTIVE
        and one.base is not None
        and len(one.base) <= LONGEST
    ]
    well = [one for one in public if one.id not in bad] or public
    return [one.base for one in sorted(well, key=lambda one: one.id) if one.base is not None]


def _lane(lanes: Sequence[str], number: int) -> str:
    return lanes[number % len(lanes)] if lanes else ""
