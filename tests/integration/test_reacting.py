"""From looks to a verified spare in a real newsroom: what is put where, and what heals a kill."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.pipeline import publish
from service.stories.correcting import Change, correct_in
from service.stories.withdrawing import withdraw
from tamizdat.incident import Course, Incident, Incidents
from tamizdat.placement import MirrorState
from tamizdat.verdict import Finding
from tests.kit.printshop import PrintShop
from tests.kit.standby import (
    ACTIVE,
    AMBER,
    DUNE,
    FERN,
    NAMES,
    Standby,
    edition,
    furnished,
    named,
    on_the_web,
    published,
    standing_by,
    twin,
)

OK, SNI = Finding.OK, Finding.TLS_SNI
MINUTES = timedelta(minutes=5)
LOCAL = {"here.json", "ways.html"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PrintShop:
    return asyncio.run(published(tmp_path_factory.mktemp("standby") / "room"))


@pytest.fixture
async def shop(made: PrintShop, tmp_path: Path) -> AsyncIterator[PrintShop]:
    copied = twin(made, tmp_path / "room")
    async with on_the_web(copied):
        yield copied


@pytest.fixture
async def standby(shop: PrintShop) -> AsyncIterator[Standby]:
    async with standing_by(shop) as opened:
        yield opened


class Cut:
    """Incidents in the ledger, until the program dies before it records what became of one."""

    def __init__(self, incidents: Incidents) -> None:
        self._incidents = incidents

    async def open(self, incident: Incident) -> Incident:
        return await self._incidents.open(incident)

    async def update(self, incident: Incident) -> None:
        raise SystemExit(f"killed before incident {incident.number} was recorded")

    async def get(self, number: int) -> Incident | None:
        return await self._incidents.get(number)

    async def unclosed(self) -> Sequence[Incident]:
        return await self._incidents.unclosed()

    async def newest(self, count: int) -> Sequence[Incident]:
        return await self._incidents.newest(count)

    async def since(self, start: datetime) -> Sequence[Incident]:
        return await self._incidents.since(start)


_: type[Incidents] = Cut


async def test_two_bad_looks_let_a_spare_take_over_and_only_local_files_follow(
    standby: Standby,
) -> None:
    await standby.see(amber=OK, birch=OK, cedar=OK, dune=OK, fern=OK)
    first = await standby.see(amber=SNI, birch=OK, cedar=OK, dune=OK, fern=OK)
    second = await standby.see(amber=SNI, birch=OK, cedar=OK, dune=OK, fern=OK)
    before, names = standby.files(), standby.named()

    put = await standby.follow()

    assert (first.turned, first.incidents) == (False, ())
    assert second.turned
    assert [one.course for one in second.incidents] == [Course.ADDED]
    assert second.awaited == ((DUNE, "IR"),)
    assert standby.states()[DUNE] is MirrorState.ACTIVE
    assert standby.states()[AMBER] is MirrorState.ACTIVE
    # formats 4.10: what is local to each mirror, of those whose hints changed, and no edition
    concerned = {name for name in NAMES if standby.named()[name] != names[name]}
    assert any("dune" in hinted for hinted in standby.named().values())
    assert len(concerned) == 2
    assert put.keys() == concerned
    for paths in put.values():
        assert {path for path in paths if not path.startswith("here.json.")} == LOCAL
        assert len(paths) == len(LOCAL) + 1
    after = standby.files()
    changed = {path for path in after if after[path] != before.get(path)}
    assert {path.split("/", 1)[0] for path in changed} == concerned
    assert {edition(standby.shop, name) for name in NAMES} == {1}


async def test_a_later_look_from_there_verifies_the_spare(standby: Standby) -> None:
    await standby.see(amber=SNI, dune=OK)
    await standby.see(amber=SNI, dune=OK)
    reaction = await standby.see(amber=SNI, dune=OK)
    quiet = await standby.see()

    incident = await standby.incident()

    assert (incident.course, incident.verified) == (Course.VERIFIED, incident.opened + MINUTES)
    assert incident.detail == "dune was read from IR 300 s later"
    assert reaction.awaited == ()
    assert (quiet.turned, quiet.incidents) == (False, ())


async def test_a_trouble_that_ends_leaves_the_spare_and_a_closed_incident(
    standby: Standby,
) -> None:
    for finding in (SNI, SNI, OK, OK):
        await standby.see(amber=finding)

    incident = await standby.incident()

    assert (incident.course, incident.closed) == (Course.LIFTED, standby.clock.at)
    assert standby.states()[DUNE] is MirrorState.ACTIVE


async def test_a_spare_that_does_not_answer_is_passed_over(standby: Standby) -> None:
    (standby.shop.mirror("dune") / "latest.json").unlink()

    await standby.see(amber=SNI)
    reaction = await standby.see(amber=SNI)

    assert [one.promoted for one in reaction.turns] == [(FERN,)]


async def test_a_spare_that_nobody_reaches_is_not_taken(made: PrintShop, tmp_path: Path) -> None:
    async with standing_by(twin(made, tmp_path / "room")) as standby:
        await standby.see(amber=SNI)

        reaction = await standby.see(amber=SNI)

    assert not reaction.turned


async def test_before_the_first_edition_no_spare_is_taken(tmp_path: Path) -> None:
    async with standing_by(await furnished(tmp_path / "room")) as standby:
        await standby.see(amber=SNI)

        reaction = await standby.see(amber=SNI)

    assert not reaction.turned


async def test_a_spare_that_answers_with_other_bytes_is_passed_over(standby: Standby) -> None:
    pointer = standby.shop.mirror("dune") / "latest.json"
    pointer.write_bytes(pointer.read_bytes().replace(b'"version":1', b'"version":9'))

    await standby.see(amber=SNI)
    reaction = await standby.see(amber=SNI)

    assert [one.promoted for one in reaction.turns] == [(FERN,)]


async def test_without_a_spare_that_holds_the_edition_a_person_is_asked(
    standby: Standby,
) -> None:
    for name in ("dune", "fern"):
        (standby.shop.mirror(name) / "latest.json").unlink()

    await standby.see(amber=SNI)
    reaction = await standby.see(amber=SNI)

    assert not reaction.turned
    assert (await standby.incident()).detail == "no spare in group open holds the newest edition"


async def test_spares_whose_pointer_is_stale_are_passed_over(standby: Standby) -> None:
    standby.clock.at += timedelta(hours=37)

    await standby.see(amber=SNI)
    reaction = await standby.see(amber=SNI)

    assert not reaction.turned


async def test_the_budget_outlives_the_program(shop: PrintShop) -> None:
    config = shop.folder / "tamizdat.toml"
    config.write_text(f"{config.read_text()}\n[serve]\nspares = 1\n")
    async with standing_by(shop) as before:
        await before.see(amber=SNI, birch=SNI)
        first = await before.see(amber=SNI, birch=SNI)
    async with standing_by(shop) as after:
        after.clock.at += timedelta(minutes=10)
        again = await after.see(amber=SNI, birch=SNI)
        incidents = await after.room.ledgers.incidents.unclosed()

    assert len(first.turns) == 1
    assert not again.turned
    assert [(one.mirror, one.spare, one.detail) for one in incidents] == [
        ("amber", "dune", "dune was added, and not read from IR yet"),
        ("birch", None, "the day's budget of 1 is spent"),
    ]


async def test_a_kill_between_turn_and_push_heals_at_the_next_publish(shop: PrintShop) -> None:
    async with standing_by(shop) as killed:
        await killed.see(amber=SNI)
        assert (await killed.see(amber=SNI)).turned
        before = killed.named()

    async with standing_by(shop) as again:
        done = await publish(again.room)

    assert not done.refusals
    assert done.edition == 1
    assert not any("dune" in names for names in before.values())
    assert any("dune" in named(shop, name) for name in NAMES)


async def test_a_kill_between_turn_and_incident_takes_no_second_turn(shop: PrintShop) -> None:
    async with standing_by(shop) as killed:
        await killed.see(amber=SNI)
        ledgers = killed.room.ledgers
        cut = replace(ledgers, incidents=Cut(ledgers.incidents))
        killed.room = replace(killed.room, ledgers=cut)
        with pytest.raises(SystemExit):
            await killed.see(amber=SNI)

    async with standing_by(shop) as again:
        await again.see(amber=SNI)
        await again.see(amber=SNI)
        incident = await again.incident()
        turns = await again.room.ledgers.turns.newest(9)

    assert [one.promoted for one in turns] == [(DUNE,)]
    assert (incident.spare, incident.turn, incident.course) == (DUNE, 1, Course.ADDED)


async def test_an_edition_on_its_way_does_not_hold_a_spare_back(standby: Standby) -> None:
    """The newest edition is in the ledger, and the spare still holds the one before."""
    room = standby.room
    article = (await room.ledgers.articles.texts())[0].id
    await standby.see(amber=SNI)
    change = Change(file=None, title="A new headline", replace=(), reason="a slip")
    await correct_in(room, article, change)
    first = {name: room.outlets[name] for name in room.outlets if name in ACTIVE}
    await publish(replace(room, outlets=first))

    reaction = await standby.see(amber=SNI)

    assert (edition(standby.shop, "amber"), edition(standby.shop, "dune")) == (2, 1)
    assert reaction.turned


async def test_what_a_withdrawal_left_on_a_spare_holds_it_back(standby: Standby) -> None:
    room = standby.room
    article = (await room.ledgers.articles.texts())[0].id
    await standby.see(amber=SNI)
    await withdraw(room, article, "editor")
    first = {name: room.outlets[name] for name in room.outlets if name in ACTIVE}
    await publish(replace(room, outlets=first))

    reaction = await standby.see(amber=SNI)

    assert not reaction.turned
