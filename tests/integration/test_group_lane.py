"""Who asks by mail learns the mirror of their group; what is kept of it are sums."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mirror.distributor.season import Channel, sown
from service.post.group_lane import GroupLane
from service.post.lanes import SlowLane
from signing.token import read as token_in
from store.engine import open_ledger
from store.groups import SqlGroups
from tamizdat.errors import LedgerError
from tamizdat.grove import Grove, Node, Regrouped
from tamizdat.placement import Exposure, Mirror, MirrorId
from tests.integration.test_responder_shelf import POOL

MAIL = Channel(name="mail", grove=Grove(channel="mail", cohort="1", depth=7), width=4)
SECRETS = {f"oak{number}": f"https://oak{number}.example/" for number in range(3)}
ANNA, BORIS = "a" * 64, "b" * 64
DAY = 20_000


@dataclass
class Hall:
    """Four groups, three of them with a mirror, and a lane to them."""

    groups: SqlGroups
    pool: Sequence[Mirror]

    def lane(self, pool: Sequence[Mirror] | None = None) -> GroupLane:
        async def seen() -> Sequence[Mirror]:
            return self.pool if pool is None else pool

        return GroupLane(
            channel=MAIL,
            master=b"m" * 32,
            groups=self.groups,
            pool=seen,
            public=SlowLane(pool=seen),
        )

    async def holders(self) -> int:
        return sum(one.holders for one in await self.groups.all())


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    ledger = await open_ledger(f"sqlite:{tmp_path / 'ledger.db'}")
    groups = SqlGroups(ledger)
    names = [*map(MirrorId, SECRETS), None]

    def planted(nodes: Sequence[Node]) -> Regrouped:
        fresh = sorted(sown(nodes, (MAIL,), DAY).nodes, key=lambda one: one.place)
        return Regrouped(
            nodes=tuple(replace(n, mirror=m) for n, m in zip(fresh, names, strict=True))
        )

    await groups.change(planted)
    hidden = [
        replace(POOL[0], id=MirrorId(name), base=base, exposure=Exposure.SECRET)
        for name, base in SECRETS.items()
    ]
    yield Hall(groups, [*POOL, *hidden])
    await ledger.close()


async def test_everybody_learns_one_secret_mirror_at_most_and_always_the_same(hall: Hall) -> None:
    lane, askers = hall.lane(), [f"{number:064x}" for number in range(60)]

    first = [await lane.for_asker(one, DAY) for one in askers]
    again = [await lane.for_asker(one, DAY) for one in askers]
    others = [await lane.for_asker(one, DAY + 1) for one in askers]

    secrets = [[way for way in ways if way in SECRETS.values()] for ways in first]
    assert first == again
    assert {len(ways) for ways in first} == {3}
    assert {len(one) for one in secrets} == {0, 1}
    assert {one[0] for one in secrets if one} == set(SECRETS.values())
    assert [ways[0] for ways in others if ways[0] in SECRETS.values()] == [
        way for one in secrets for way in one
    ]


async def test_they_hold_a_link_that_opens_what_comes_after(hall: Hall) -> None:
    ways = await hall.lane().for_asker(ANNA, DAY)

    page, _, letters = ways[-1].partition("#")
    assert page.endswith("/ways.html")
    assert page.removesuffix("ways.html") in {one.base for one in POOL}
    assert token_in(letters).letters == letters


async def test_a_group_without_a_mirror_learns_public_ones(hall: Hall) -> None:
    askers = [f"{number:064x}" for number in range(60)]

    told = [await hall.lane().for_asker(one, DAY) for one in askers]

    starving = [ways for ways in told if not set(ways) & set(SECRETS.values())]
    assert starving
    assert {len(set(ways)) for ways in starving} == {3}


async def test_without_public_mirrors_their_own_is_all(hall: Hall) -> None:
    hidden = [one for one in hall.pool if one.exposure is Exposure.SECRET]
    lane = hall.lane(hidden)

    told = {tuple(await lane.for_asker(f"{number:064x}", DAY)) for number in range(60)}

    assert told == {(), *((base,) for base in SECRETS.values())}


async def test_hand_outs_are_written_down_as_sums_and_once(hall: Hall) -> None:
    lane = hall.lane()
    for asker in (ANNA, BORIS, ANNA):
        await lane.for_asker(asker, DAY)
    before = await hall.holders()

    await lane.settle(DAY)
    after = await hall.holders()
    await lane.settle(DAY)

    assert (before, after, await hall.holders()) == (0, 3, 3)


async def test_a_busy_ledger_forgets_no_sum(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    lane = hall.lane()
    await lane.for_asker(ANNA, DAY)

    async def busy(_: object) -> Sequence[Node]:
        raise LedgerError("ledger is busy")

    with monkeypatch.context() as patch:
        patch.setattr(hall.groups, "change", busy)
        with pytest.raises(LedgerError):
            await lane.settle(DAY)
    await lane.settle(DAY)

    assert await hall.holders() == 1
