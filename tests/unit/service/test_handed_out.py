"""What hand-outs give away: what bytes on mirrors name, what a stolen token opens, what sizes tell.

All of it by the functions that the service itself uses.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.page import ways_page
from feeds.paper import Paper
from mirror.distributor.growth import Policy
from mirror.distributor.season import Channel, Season, regrouped, sown
from mirror.hints import hints as hints_for
from service.handing.hinting import Shard, shards
from signing.hints import opened, slots
from signing.token import LEAVES, Token
from tamizdat.grove import Grove, Node
from tamizdat.incident import Incident
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tamizdat.verdict import Board
from tamizdat.wire import SPEC, Hints
from tests.unit.mirror.trouble import NOW, incident

MASTER, PAPER = bytes(range(32)), Paper(name="The Tideline", languages=("en",), channel="0" * 32)
MANY = 400
WIDE = Channel(name="mail", grove=Grove(channel="mail", cohort="1", depth=9), width=256)
SMALL = Channel(name="mail", grove=Grove(channel="mail", cohort="1", depth=7), width=1)


def mirror(number: int, exposure: Exposure, group: str = "mail") -> Mirror:
    return Mirror(
        id=MirrorId(f"m{number}"),
        backend="s3",
        base=f"https://m{number}.example/",
        folder=None,
        state=MirrorState.ACTIVE,
        exposure=exposure,
        group=group,
    )


PUBLIC = [mirror(number, Exposure.PUBLIC, "open") for number in range(MANY, MANY + 4)]
POOL = [*(mirror(number, Exposure.SECRET) for number in range(MANY)), *PUBLIC]


def season(day: int, pool: Sequence[Mirror], incidents: Sequence[Incident] = ()) -> Season:
    whole = frozenset(one.id for one in pool)
    policy = Policy(chances=2)
    return Season(mirrors=pool, incidents=incidents, whole=whole, day=day, policy=policy)


def file_of(shard: Shard, salt: bytes = bytes(16)) -> Hints:
    addresses = {token.key: address for token, address in shard.addresses.items()}
    return Hints(
        spec=SPEC,
        channel="0" * 32,
        issued=NOW,
        version=1,
        root_version=1,
        shard=shard.name,
        salt=salt.hex(),
        slots=slots(addresses, salt),
        expires=NOW,
    )


def bytes_of(one: Mirror, pool: Sequence[Mirror], files: Sequence[Hints]) -> bytes:
    """All that names mirrors in what lies on one, hint files also as the octets that they hold."""
    named = hints_for(one, pool)
    sealed = b"".join(file.encode() + base64.b64decode(file.slots) for file in files)
    return ways_page(PAPER, one.base, named) + " ".join(named).encode() + sealed


GROUPS = st.sampled_from(["open", "mail", "web"])
KINDS = st.sampled_from(list(Exposure))


@given(st.lists(st.tuples(KINDS, GROUPS), min_size=1, max_size=12), st.integers(0, 7))
@settings(max_examples=40, deadline=None)
def test_no_placement_s_bytes_name_more_than_three_mirrors(
    kinds: list[tuple[Exposure, str]], width: int
) -> None:
    pool = [mirror(number, kind, group) for number, (kind, group) in enumerate(kinds)]
    channel = replace(SMALL, width=1 << width)
    nodes = regrouped(sown((), (channel,), 1).nodes, (channel,), season(1, pool)).nodes
    files = [file_of(one) for one in shards(pool, nodes, (), MASTER)]

    for one in pool:
        told = bytes_of(one, pool, files)
        named = {other.id for other in pool if f"//{other.id}.example/".encode() in told}
        secret = {other.id for other in pool if other.exposure is Exposure.SECRET}
        assert len(named) <= 3
        assert named & secret <= {one.id}


def halved(cuts: Sequence[int]) -> tuple[Node, ...]:
    """A grove in which, one after the other, groups are halved."""
    nodes = [Node(grove=SMALL.grove, bits="")]
    for cut in cuts:
        one = nodes.pop(cut % len(nodes))
        deep = len(one.bits) == SMALL.grove.depth
        nodes += [one] if deep else [replace(one, bits=one.bits + bit) for bit in "01"]
    return tuple(
        replace(one, mirror=MirrorId(f"m{number}") if number % 3 else None)
        for number, one in enumerate(nodes)
    )


@given(st.lists(st.integers(0, 127), max_size=60), st.binary(min_size=16, max_size=16))
@settings(max_examples=40, deadline=None)
def test_a_hint_file_s_size_and_shape_tell_nothing_of_how_groups_are_divided(
    cuts: list[int], salt: bytes
) -> None:
    (shard,) = shards(POOL, halved(cuts), (), MASTER)
    plain = file_of(shards(POOL, halved(()), (), MASTER)[0])

    file = file_of(shard, salt)

    body = base64.b64decode(file.slots)
    found = [body[at : at + 141] for at in range(0, len(body), 141)]
    assert len(file.encode()) == len(plain.encode())
    assert len(set(found)) == len({one[:8] for one in found}) == len(found) == LEAVES
    assert found == sorted(found)


def open_to(token: Token, pool: Sequence[Mirror], nodes: Sequence[Node]) -> set[str]:
    """The mirrors, by id, that a token opens in all hint files together."""
    files: Mapping[str, Hints] = {one.name: file_of(one) for one in shards(pool, nodes, (), MASTER)}
    told = [opened(replace(one, shard=token.shard), token) for one in files.values()]
    ids = {one.base: one.id for one in pool}
    return {ids[address] for address in told if address}


@pytest.mark.parametrize("holders", [5, 60, 400])
def test_a_stolen_token_opens_under_one_percent_of_the_secret_mirrors(holders: int) -> None:
    sowed = sown((), (WIDE,), 1).nodes
    crowded = [replace(one, holders=holders) for one in sowed]
    nodes = regrouped(crowded, (WIDE,), season(1, POOL)).nodes
    stolen = list(shards(POOL, nodes, (), MASTER)[2].addresses)[77]
    secret = {one.id for one in POOL if one.exposure is Exposure.SECRET}

    at_once, in_all = set[str](), set[str]()  # who stole it blocks what it opens, day by day
    for day in range(2, 60):
        seen = open_to(stolen, POOL, nodes)
        at_once = max(at_once, seen & secret, key=len)
        in_all |= seen & secret
        blocked = [replace(incident(one), state=Board.BLOCKED, country="IR") for one in in_all]
        nodes = regrouped(nodes, (WIDE,), season(day, POOL, blocked)).nodes

    held = {one.mirror for one in nodes if one.mirror}
    assert len(held) >= 250
    assert len(at_once) == 1
    assert 2 <= len(in_all) < MANY / 100
