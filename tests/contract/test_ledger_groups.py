"""What every ledger of groups and of hint files keeps to."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from store.engine import Ledger
from store.groups import SqlGroups
from store.hint_files import SqlHintFiles
from tamizdat.grove import Grove, Laid, Loss, Node, Regrouped
from tamizdat.placement import MirrorId
from tests.contract.ledger_values import seal

MAIL, WEB = Grove(channel="mail", cohort="1", depth=7), Grove(channel="web", cohort="1", depth=8)
AMBER, BIRCH = MirrorId("amber"), MirrorId("birch")
FIRST = Node(grove=MAIL, bits="", holders=60, mirror=AMBER, since=3)
OTHER = Node(grove=WEB, bits="01", since=2, burnt=1)


@pytest.fixture
def groups(ledger: Ledger) -> SqlGroups:
    return SqlGroups(ledger)


@pytest.fixture
def files(ledger: Ledger) -> SqlHintFiles:
    return SqlHintFiles(ledger)


def planted(*nodes: Node) -> Regrouped:
    return Regrouped(nodes=nodes)


def one_more(nodes: Sequence[Node]) -> Regrouped:
    first, *others = nodes
    return Regrouped(nodes=(replace(first, holders=first.holders + 1), *others))


async def test_every_field_of_a_group_comes_back_in_order(groups: SqlGroups) -> None:
    await groups.change(lambda _: planted(OTHER, FIRST))

    assert await groups.all() == [FIRST, OTHER]


async def test_a_group_gives_way_to_its_halves(groups: SqlGroups) -> None:
    halves = [replace(FIRST, bits=bit, holders=30, mirror=None) for bit in "01"]
    lost = Loss(channel="mail", mirror=AMBER, since=3, day=9)
    await groups.change(lambda _: planted(FIRST, OTHER))

    told = await groups.change(lambda _: Regrouped(nodes=(*halves, OTHER), losses=(lost,)))

    assert told == await groups.all() == [*halves, OTHER]
    assert await groups.losses() == [lost]


async def test_a_step_that_fails_changes_nothing(groups: SqlGroups) -> None:
    await groups.change(lambda _: planted(FIRST))

    with pytest.raises(IndexError):
        await groups.change(lambda nodes: planted(nodes[7]))

    assert await groups.all() == [FIRST]


async def test_hand_outs_at_once_are_all_counted(groups: SqlGroups) -> None:
    await groups.change(lambda _: planted(FIRST))

    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(groups.change(one_more))

    assert [one.holders for one in await groups.all()] == [65]


async def test_a_canary_is_watched_until_it_is_lost_and_never_again(groups: SqlGroups) -> None:
    await groups.watch(AMBER, 5)
    await groups.watch(AMBER, 7)
    await groups.watch(BIRCH, 6)

    await groups.lose(AMBER, 9)
    await groups.lose(AMBER, 10)
    await groups.watch(AMBER, 11)

    assert await groups.canaries() == {BIRCH: 6}
    assert await groups.losses() == [Loss(channel="", mirror=AMBER, since=5, day=9)]


async def test_only_the_newest_hint_file_of_a_shard_is_kept(files: SqlHintFiles) -> None:
    await files.commit("00000001", seal(b"one"))
    await files.commit("00000002", seal(b"other"))
    await files.commit("00000001", seal(b"two"))

    assert await files.newest() == {"00000001": seal(b"two"), "00000002": seal(b"other")}


async def test_what_lies_on_a_mirror_is_replaced_as_a_whole(files: SqlHintFiles) -> None:
    old = [Laid(shard="00000001", sha256=seal(b"one").sha256, whole=True)]
    new = [Laid(shard="00000001", sha256=seal(b"two").sha256, whole=False), *old]
    await files.set_laid(AMBER, old)
    await files.set_laid(BIRCH, old)

    await files.set_laid(AMBER, new)

    assert await files.laid(AMBER) == new
    assert await files.laid(BIRCH) == old
