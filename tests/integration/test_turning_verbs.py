"""Turns of the pool at the terminal: rotate, take back, list, and what is said where it cannot."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit.printshop import PrintShop
from tests.kit.program import Answer, inside
from tests.kit.standby import NAMES, edition, named, on_the_web, published, twin


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PrintShop:
    return asyncio.run(published(tmp_path_factory.mktemp("standby") / "room"))


@pytest.fixture
async def shop(made: PrintShop, tmp_path: Path) -> AsyncIterator[PrintShop]:
    copied = twin(made, tmp_path / "room")
    async with on_the_web(copied):
        yield copied


async def say(folder: Path, *words: str) -> Answer:
    """A verb for mirrors; the web server of the test goes on meanwhile."""
    return await asyncio.to_thread(inside, "-C", folder, "mirror", *words)


async def test_a_terminal_rotates_lists_and_takes_back(shop: PrintShop) -> None:
    before = {name: named(shop, name) for name in NAMES}
    tried = await say(shop.folder, "rotate", "amber", "--dry-run", "--json")
    rotated = await say(shop.folder, "rotate", "amber", "--json")
    during = {name: named(shop, name) for name in NAMES}
    undone = await say(shop.folder, "rotate", "--undo", "--json")
    listed = await say(shop.folder, "turns", "--json")
    shown = await say(shop.folder, "turns")
    after = {name: named(shop, name) for name in NAMES}

    assert (tried.json["promoted"], tried.json["turn"]) == (["dune"], None)
    assert (rotated.json["promoted"], rotated.json["turn"]) == (["dune"], 1)
    assert undone.json == {"turn": 1, "active": ["amber"], "spare": ["dune"], "refusals": []}
    assert [one["undone"] is not None for one in listed.json] == [True]
    assert listed.json[0] == {
        "turn": 1,
        "at": listed.json[0]["at"],
        "mirror": "amber",
        "country": None,
        "retired": ["amber"],
        "promoted": ["dune"],
        "automatic": False,
        "undone": listed.json[0]["undone"],
    }
    assert "by hand" in shown.out
    assert not any("amber" in names for name, names in during.items() if name != "amber")
    assert after == before
    assert {edition(shop, name) for name in NAMES} == {1}


async def test_a_terminal_says_it_in_words(shop: PrintShop) -> None:
    done = await say(shop.folder, "rotate", "amber")
    undone = await say(shop.folder, "rotate", "--undo", "1")
    twice = await say(shop.folder, "rotate", "--undo", "1")
    wrong = [
        await say(shop.folder, "rotate"),
        await say(shop.folder, "rotate", "--undo", "amber"),
        await say(shop.folder, "rotate", "--undo", "--dry-run"),
        await say(shop.folder, "rotate", "dune"),
    ]

    assert done.out.splitlines() == [
        "amber is retired",
        "dune is active",
        "To take it back: tamizdat mirror rotate --undo 1",
    ]
    assert undone.out == "Turn 1 is taken back: amber is active again, dune is a spare again.\n"
    assert (twice.code, "undone already" in twice.err) == (1, True)
    assert [one.code for one in wrong] == [2, 2, 2, 2]
    assert all(len(one.err.splitlines()) == 1 for one in wrong)


async def test_a_terminal_without_a_spare_does_nothing(shop: PrintShop) -> None:
    for name in ("dune", "fern"):
        await say(shop.folder, "retire", name)

    answer = await say(shop.folder, "rotate", "amber", "--json")
    pool = await say(shop.folder, "list", "--json")

    assert answer.code == 1
    assert (answer.json["retired"], answer.json["wanted"]) == ([], 1)
    assert "no spare of its group is ready" in answer.err
    assert {one["id"]: one["state"] for one in pool.json}["amber"] == "active"


async def test_a_turn_before_the_first_edition_can_be_taken_back(tmp_path: Path) -> None:
    folder = tmp_path / "room"
    await asyncio.to_thread(inside, "init", folder)
    await say(folder, "retire", "amber")

    answer = await say(folder, "rotate", "--undo", "--json")

    assert (answer.code, answer.json["active"]) == (0, ["amber"])


async def test_a_mirror_that_does_not_follow_is_told(made: PrintShop, tmp_path: Path) -> None:
    shop = twin(made, tmp_path / "room")
    async with on_the_web(shop):
        await say(shop.folder, "rotate", "amber")
        await say(shop.folder, "rotate", "birch")

    told = await say(shop.folder, "rotate", "--undo", "2")
    as_json = await say(shop.folder, "rotate", "--undo", "1", "--json")

    assert (told.code, as_json.code) == (1, 1)
    assert "birch does not follow yet: " in told.err
    assert {one["mirror"] for one in as_json.json["refusals"]} == set(NAMES)
