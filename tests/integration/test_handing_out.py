"""Handing out in a real newsroom: what tokens open, what blocks change, what lies on mirrors."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.handing.giving import give
from service.handing.master import FILE as MASTER
from service.newsroom import Newsroom
from service.pipeline import follow
from service.running.house import House
from service.running.operations import Operating
from service.tried import Tried
from service.wiring import opened
from tamizdat.errors import ConfigError
from tamizdat.placement import MirrorId, MirrorState
from tamizdat.verdict import Finding
from tests.kit.orchard import (
    CANARY,
    NAMES,
    PUBLIC,
    SECRET,
    SPARE,
    Orchard,
    on_the_web,
    planted,
    tended,
)
from tests.kit.printshop import PrintShop
from tests.kit.program import inside
from tests.kit.standby import twin

OK, SNI = Finding.OK, Finding.TLS_SNI
PINE, BIRCH = MirrorId("pine"), MirrorId("birch")
MANY, PATIENCE = 10_000, 120.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PrintShop:
    return asyncio.run(planted(tmp_path_factory.mktemp("orchard") / "room"))


@pytest.fixture
def shop(made: PrintShop, tmp_path: Path) -> PrintShop:
    return twin(made, tmp_path / "room")


@pytest.fixture
async def orchard(shop: PrintShop) -> AsyncIterator[Orchard]:
    async with tended(shop) as opened:
        yield opened


async def test_a_token_opens_a_secret_mirror_on_every_mirror(orchard: Orchard) -> None:
    token = await give(orchard.shop.folder, "mail", "reader@post.example")

    assert {orchard.hint(token, name) for name in NAMES} == {"oak"}
    assert [one.holders for one in await orchard.nodes()] == [1]
    assert await orchard.strange() == []


async def test_who_asks_again_gets_the_same_token_in_any_spelling(orchard: Orchard) -> None:
    folder = orchard.shop.folder
    asked = [await give(folder, "mail", who) for who in ("a.b+x@gmail.com", "AB@gmail.com", None)]

    assert asked[0] == asked[1] != asked[2]


async def test_nothing_of_who_asked_lies_anywhere(orchard: Orchard) -> None:
    await give(orchard.shop.folder, "mail", "quite-a-name@post.example")

    files = [path for path in orchard.shop.folder.rglob("*") if path.is_file()]
    assert len(files) > 100
    assert not [path for path in files if b"quite-a-name" in path.read_bytes()]


async def test_no_mirror_s_bytes_name_a_secret_mirror_but_itself(orchard: Orchard) -> None:
    named = {
        (path.split("/")[0], secret)
        for path, body in orchard.files().items()
        for secret in (*SECRET, *SPARE, CANARY)
        if f"/{secret}/".encode() in body
    }

    assert named <= {(name, name) for name in NAMES}


async def test_a_blocked_mirror_is_replaced_for_the_same_token_in_the_same_round(
    orchard: Orchard,
) -> None:
    token = await give(orchard.shop.folder, "mail", None)
    await orchard.see(oak=SNI, amber=OK, pine=OK, reed=OK)
    second = await orchard.see(oak=SNI, amber=OK, pine=OK, reed=OK)

    done = await orchard.tend()
    put = await orchard.follow()

    assert second.turned
    assert done.shards == (token.shard,)
    assert {orchard.hint(token, name) for name in NAMES} == {"reed"}
    # formats 4.10: the hint file and its signature, and no byte that release signed
    path = f"hints/{token.shard}.json"
    for name in PUBLIC:
        fresh = [one for one in put[name] if not one.startswith(("here.json", "ways.html"))]
        assert [one for one in fresh if not one.startswith(path)] == []
        assert len(fresh) == 2
    assert await orchard.strange() == []


async def test_a_running_service_answers_a_block_with_hints_on_every_mirror(
    orchard: Orchard,
) -> None:
    token = await give(orchard.shop.folder, "mail", None)
    moved = asyncio.Event()
    async with House.furnished(orchard.uncounted()) as house:
        house.press.told = moved.set
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            task = group.create_task(house.press.run())
            await moved.wait()
            for _ in range(2):
                await house.lookout._react(orchard.rounds(oak=SNI, amber=OK, reed=OK))
            while {orchard.hint(token, name) for name in NAMES} != {"reed"}:
                moved.clear()
                await moved.wait()
            task.cancel()

    assert await orchard.strange() == []


async def test_what_people_do_to_a_secret_mirror_is_followed_by_hints(orchard: Orchard) -> None:
    token = await give(orchard.shop.folder, "mail", None)
    turned: list[Newsroom] = []
    looks: list[MirrorId] = []
    desk = Operating(
        room=lambda: orchard.room, look=looks.append, turned=turned.append, changed=lambda: None
    )

    said = await desk.rotate(MirrorId("oak"))
    await orchard.follow()
    after = orchard.hint(token)
    await desk.undo(1)
    await orchard.follow()

    assert said == "oak is retired, and reed took over (turn 1)."
    assert (after, orchard.hint(token)) == ("pine", "pine")
    assert len(turned) == 2
    assert await orchard.room.ledgers.groups.losses() == []


async def test_secret_mirrors_that_were_filled_are_given_out_together(orchard: Orchard) -> None:
    async with House.furnished(orchard.room) as house, asyncio.timeout(PATIENCE):
        press = house.press
        press.giving = 0.0
        woken = press._news

        press._given(MirrorId("amber"))
        public = press._giving
        press._given(PINE)
        press._given(MirrorId("oak"))
        waits = press._giving
        await woken.wait()

    assert (public, waits, press._giving) == (False, True, False)


async def test_a_small_group_that_loses_two_mirrors_has_the_public_ones(orchard: Orchard) -> None:
    token = await give(orchard.shop.folder, "mail", None)
    for _ in range(2):
        await orchard.see(oak=SNI, amber=OK, pine=OK, reed=OK)
    await orchard.tend()
    for _ in range(2):
        await orchard.see(oak=SNI, amber=OK, pine=OK, reed=SNI, sage=OK)

    await orchard.tend()
    await orchard.follow()

    assert orchard.hint(token) in PUBLIC
    assert len(await orchard.room.ledgers.groups.losses()) == 2
    assert (await orchard.incident()).spare == "sage"


async def test_a_crowded_group_is_halved_and_each_half_has_another_mirror(
    orchard: Orchard,
) -> None:
    await orchard.crowd(60)
    await orchard.see(oak=SNI, amber=OK, pine=OK, reed=OK)
    await orchard.see(oak=SNI, amber=OK, pine=OK, reed=OK)

    await orchard.tend()

    nodes = await orchard.nodes()
    assert [(one.bits, one.holders, one.mirror) for one in nodes] == [
        ("0", 30, "reed"),
        ("1", 30, "pine"),
    ]
    losses = await orchard.room.ledgers.groups.losses()
    assert [(one.channel, one.mirror) for one in losses] == [("mail", "oak")]


async def test_a_half_without_a_mirror_takes_a_spare_within_the_budget(orchard: Orchard) -> None:
    await orchard.crowd(60)
    await orchard.room.ledgers.pool.set_state(PINE, MirrorState.RETIRED)
    await orchard.see(oak=SNI, amber=OK, reed=OK, sage=OK)
    await orchard.see(oak=SNI, amber=OK, reed=OK, sage=OK)

    done = await orchard.tend()

    assert [one.promoted for one in done.turns] == [("sage",)]
    assert {one.mirror for one in await orchard.nodes()} == {"reed", "sage"}


async def test_a_starving_group_has_the_public_mirrors(orchard: Orchard) -> None:
    token = await give(orchard.shop.folder, "mail", None)
    for name in (*SECRET, *SPARE):
        await orchard.room.ledgers.pool.set_state(MirrorId(name), MirrorState.RETIRED)

    await orchard.tend()
    await orchard.follow()

    assert orchard.hint(token) in PUBLIC
    assert [one.mirror for one in await orchard.nodes()] == [None]
    told = await asyncio.to_thread(inside, "-C", orchard.shop.folder, "ways", "status", "--json")
    status = told.json["channels"][0]
    assert (status["with_a_mirror"], status["mirrors"], status["spares"]) == (0, 0, 0)


async def test_a_canary_is_watched_and_never_handed_out(orchard: Orchard) -> None:
    await orchard.see(wren=SNI, amber=OK, oak=OK)
    await orchard.see(wren=SNI, amber=OK, oak=OK)

    reaction = await orchard.see(wren=SNI, amber=OK, oak=OK)

    assert not reaction.turned
    assert set(await orchard.room.ledgers.groups.canaries()) == {CANARY}
    assert CANARY not in {one.mirror for one in await orchard.nodes()}


async def test_hint_files_are_sealed_anew_at_half_time_and_old_signatures_go(
    orchard: Orchard,
) -> None:
    token = await give(orchard.shop.folder, "mail", None)
    path = orchard.shop.mirror("amber") / f"hints/{token.shard}.json"
    before = path.read_bytes()
    orchard.clock.at += timedelta(days=4)

    await orchard.follow()
    first = orchard.beside_hints()
    await orchard.follow()

    assert path.read_bytes() != before
    assert len(path.read_bytes()) == len(before)
    assert set(first.values()) == {2}
    assert set(orchard.beside_hints().values()) == {1}
    assert orchard.hint(token) == "oak"


async def test_a_push_of_hint_files_that_is_killed_anywhere_leaves_what_verifies(
    orchard: Orchard,
) -> None:
    token = await give(orchard.shop.folder, "mail", None)
    wrong: list[str] = []

    for name in ("pine", "oak", "pine", "oak", "pine"):
        await orchard.give_all(name)
        for most in range(3):
            wrong += await orchard.cut_short("birch", most)
            await orchard.give_all("oak" if most else "pine")

    assert wrong == []
    await orchard.give_all("pine")
    await orchard.follow()
    assert await orchard.strange() == []
    assert orchard.hint(token, "birch") == "pine"


async def test_a_mirror_that_is_left_in_mid_push_again_and_again_verifies(
    orchard: Orchard,
) -> None:
    wrong: list[str] = []

    for _ in range(2):
        orchard.clock.at += timedelta(days=2)  # here.json, the pointer and hints are made anew
        for most in (1, 2, 3, 5):
            wrong += await orchard.cut_short("birch", most)
            orchard.clock.at += timedelta(days=2)

    assert wrong == []  # formats 2.2
    assert await orchard.cut_short("birch", MANY) == []
    assert await orchard.cut_short("birch", MANY) == []


async def test_where_nothing_changed_nothing_is_made_or_put(orchard: Orchard) -> None:
    await orchard.follow()

    done = await orchard.tend()
    put = await orchard.follow()

    assert (done.shards, done.turns) == ((), ())
    assert [name for name, paths in put.items() if paths] == []


async def test_a_lost_hint_file_is_put_again_by_an_audit(shop: PrintShop) -> None:
    token = await give(shop.folder, "mail", None)
    path = shop.mirror("birch") / f"hints/{token.shard}.json"
    body = path.read_bytes()
    path.unlink()

    async with on_the_web(shop), opened(shop.folder) as room:
        placed = await room.ledgers.pool.placed(BIRCH)
        await room.ledgers.pool.set_placed(BIRCH, Tried.read(placed).doubted().write())
        done = await follow(room)

    assert done.refusals == ()
    assert path.read_bytes() == body


async def test_without_the_master_key_nothing_is_handed_out_again(orchard: Orchard) -> None:
    (orchard.shop.folder / "keys" / MASTER).unlink()

    with pytest.raises(ConfigError, match="put it back from a backup"):
        await orchard.tend()
    with pytest.raises(ConfigError, match="put it back from a backup"):
        await give(orchard.shop.folder, "mail", None)


def test_a_channel_that_is_not_in_the_config_gives_nothing(shop: PrintShop) -> None:
    answer = inside("-C", shop.folder, "ways", "give", "web")

    assert (answer.code, "have: mail" in answer.err) == (2, True)
