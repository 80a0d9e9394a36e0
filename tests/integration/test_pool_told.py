"""The pool as a whole at the terminal: what falls together, and how long mirrors live."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from service.looks.living import births, note_births, survival
from service.wiring import glanced
from tamizdat.incident import Course, Incident
from tamizdat.placement import MirrorId
from tamizdat.sighting import Sighting
from tamizdat.verdict import Board, Finding, Ruling
from tests.kit.printshop import PrintShop, set_up
from tests.kit.program import Answer, inside
from tests.kit.sights import GOOD, NOW, sight, vantage

DAY = timedelta(days=1)
OPEN = Ruling(finding=Finding.OK, rule="open", rules_version=1, failure=None)


@pytest.fixture
async def shop(tmp_path: Path) -> PrintShop:
    shop = await set_up(tmp_path / "room")
    for name in ("amber", "birch"):
        shop.add(
            name, backend="folder", folder=f"mirrors/{name}",
            url=f"https://{name}.paper.example/", account="ann",
        )  # fmt: skip
    return shop


async def say(shop: PrintShop, *words: str) -> Answer:
    return await asyncio.to_thread(inside, "-C", shop.folder, *words)


def looked(mirror: str, days: int) -> Sighting:
    here = sight(*GOOD, at=NOW + days * DAY, by=vantage("v1"), mirror=mirror)
    return Sighting(here=here, control=None, ruling=OPEN)


def blocked(mirror: str, days: int, finding: Finding, course: Course) -> Incident:
    at = NOW + days * DAY
    return Incident(
        number=0,
        mirror=MirrorId(mirror),
        country=vantage("v1").country,
        state=Board.BLOCKED,
        finding=finding,
        rule="sni",
        since=at,
        opened=at,
        course=course,
        closed=at,
    )


async def test_what_falls_together_is_told(shop: PrintShop) -> None:
    told = await say(shop, "mirror", "radius", "--json")
    shown = await say(shop, "mirror", "radius")

    assert told.json[0] == {
        "cause": "account",
        "name": "ann",
        "mirrors": ["amber", "birch"],
        "share": 1.0,
        "stranded": ["open"],
    }
    assert told.json[1]["name"] == "paper.example"
    assert "100%" in shown.out


async def test_lives_are_counted_until_a_block_that_was_one(shop: PrintShop) -> None:
    async with glanced(shop.folder) as room:
        await room.ledgers.sightings.keep([looked("amber", 0), looked("birch", 2)])
        incidents = room.ledgers.incidents
        await incidents.open(blocked("amber", 4, Finding.TLS_SNI, Course.LIFTED))
        await incidents.open(blocked("birch", 3, Finding.TLS_SNI, Course.FALSE_ALARM))
        await incidents.open(blocked("birch", 5, Finding.SERVER_DOWN, Course.LIFTED))

        (found,) = await survival(room.ledgers, room.mirrors, NOW + 10 * DAY)

    told = await say(shop, "mirror", "survival", "--json")
    assert (found.lives, found.blocked, found.median) == (2, 1, 4.0)
    assert found.curve == ((4.0, 0.5),)
    assert told.json[0]["kind"] == "folder"


async def test_a_birth_outlives_the_look_that_told_it(shop: PrintShop) -> None:
    async with glanced(shop.folder) as room:
        await room.ledgers.sightings.keep([looked("amber", 0)])
        later = NOW + 70 * DAY
        await note_births(room.ledgers, later)
        await room.ledgers.sightings.forget(raw_open=later, raw_bad=later, rounds=later)

        known = await births(room.ledgers, later)

    assert known == {"amber": NOW}
