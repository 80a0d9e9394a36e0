"""What people do to the pool: rotate, take back, retire, call a false alarm, from the board too."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from reach.judge import judge
from service.newsroom import Newsroom
from service.running.operations import Operating
from service.turning import FalseAlarm, false_alarm, retire, rotate, take_back
from tamizdat.errors import ConfigError, LedgerError
from tamizdat.incident import Course, Incident
from tamizdat.measurement import Step
from tamizdat.placement import MirrorId, MirrorState
from tamizdat.sighting import Sighting
from tamizdat.verdict import Finding
from tests.kit.printshop import PrintShop
from tests.kit.sights import GOOD, RIGHT, dns, sight, tcp, tls, vantage
from tests.kit.standby import (
    AMBER,
    DUNE,
    FERN,
    NAMES,
    Standby,
    edition,
    on_the_web,
    published,
    standing_by,
    twin,
)

OK, SNI = Finding.OK, Finding.TLS_SNI
ACTIVE, SPARE, RETIRED = MirrorState.ACTIVE, MirrorState.SPARE, MirrorState.RETIRED
BIRCH = MirrorId("birch")
RESET = (dns(RIGHT), tcp(), tls("connection_reset"))


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


async def suspected(standby: Standby, **findings: Finding) -> int:
    """Amber is suspected twice: the number of the incident that a spare answers."""
    await standby.see(amber=SNI, **findings)
    await standby.see(amber=SNI, **findings)
    return (await standby.incident()).number


# the pool


async def test_a_turn_that_is_taken_back_leaves_every_mirror_as_it_was(standby: Standby) -> None:
    before = standby.named()
    await suspected(standby)
    await standby.follow()
    during = standby.named()

    undone = await take_back(standby.room, None)
    await standby.follow()

    assert during != before
    assert standby.named() == before
    assert (undone.promoted, undone.undone) == ((DUNE,), standby.clock.at)
    assert standby.states()[DUNE] is SPARE
    assert {edition(standby.shop, name) for name in NAMES} == {1}


async def test_what_was_taken_back_waits_for_a_person(standby: Standby) -> None:
    await suspected(standby)

    await take_back(standby.room, 1)
    at_once = await standby.incident()
    later = await standby.see(amber=SNI)

    assert (at_once.course, at_once.spare, at_once.turn) == (Course.WAITING, None, 1)
    assert not later.turned
    assert standby.states()[FERN] is SPARE


async def test_a_rotation_by_hand_retires_and_promotes(standby: Standby) -> None:
    rotated = await rotate(standby.room, AMBER)
    put = await standby.follow()

    assert (rotated.retired, rotated.promoted, rotated.turn) == ((AMBER,), (DUNE,), 1)
    assert (standby.states()[AMBER], standby.states()[DUNE]) == (RETIRED, ACTIVE)
    assert not any("amber" in names for name, names in standby.named().items() if name != "amber")
    assert "amber" not in put


async def test_a_spare_that_was_added_before_takes_over_and_no_other_comes(
    standby: Standby,
) -> None:
    await suspected(standby)

    rotated = await rotate(standby.room, AMBER)
    reaction = await standby.see(amber=SNI)

    assert (rotated.retired, rotated.promoted, rotated.stand_ins) == ((AMBER,), (), (DUNE,))
    assert standby.states()[FERN] is SPARE
    assert [(one.course, one.detail) for one in reaction.incidents] == [
        (Course.ADDED, "amber is retired now")
    ]


async def test_a_spare_that_fails_where_the_mirror_fails_does_not_take_over(
    standby: Standby,
) -> None:
    await suspected(standby)
    await take_back(standby.room, 1)
    await keep_look(standby, "dune", RESET)

    rotated = await rotate(standby.room, AMBER)

    assert rotated.promoted == (FERN,)


async def test_without_a_spare_that_is_ready_nothing_is_done(standby: Standby) -> None:
    for name in ("dune", "fern"):
        (standby.shop.mirror(name) / "latest.json").unlink()

    rotated = await rotate(standby.room, AMBER)

    assert (rotated.retired, rotated.promoted, rotated.wanted) == ((), (), 1)
    assert rotated.turn is None
    assert await standby.room.ledgers.turns.newest(1) == []


@pytest.mark.parametrize(("name", "why"), [("dune", "dune is spare"), ("elm", "no such mirror")])
async def test_only_an_active_mirror_is_rotated(standby: Standby, name: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        await rotate(standby.room, MirrorId(name))


async def test_what_was_retired_can_be_taken_back(standby: Standby) -> None:
    active, spare = await retire(standby.room, AMBER), await retire(standby.room, DUNE)

    undone = await take_back(standby.room, None)

    assert (active.turn, spare.turn) == (1, None)
    assert undone.retired == (AMBER,)
    assert (await standby.room.as_it_stands()).outlets[AMBER].mirror.state is ACTIVE
    assert (await standby.room.as_it_stands()).outlets[DUNE].mirror.state is RETIRED


async def test_nothing_to_take_back_is_said(standby: Standby) -> None:
    with pytest.raises(ConfigError, match="no turn to take back"):
        await take_back(standby.room, None)
    with pytest.raises(LedgerError, match="no turn 7"):
        await take_back(standby.room, 7)


# false alarms


async def test_a_false_alarm_returns_the_spare_and_stays_quiet(standby: Standby) -> None:
    number = await suspected(standby)

    alarm = await false_alarm(standby.room, number)
    reaction = await standby.see(amber=SNI)
    standby.clock.at += timedelta(hours=6)
    await standby.see(amber=SNI)
    later = await standby.see(amber=SNI)

    assert alarm.incident.course is Course.FALSE_ALARM
    assert alarm.undone is not None
    assert reaction.incidents == ()
    assert [one.promoted for one in later.turns] == [(DUNE,)]


async def test_a_spare_that_others_need_stays(standby: Standby) -> None:
    await standby.see(amber=SNI, birch=OK, cedar=OK, dune=OK)
    await standby.see(amber=SNI, birch=OK, cedar=OK, dune=OK)
    first = await standby.incident()
    ledger = standby.room.ledgers.incidents
    second = await ledger.open(_beside(first))

    alarm = await false_alarm(standby.room, first.number)

    assert alarm == FalseAlarm(
        incident=alarm.incident, undone=None, kept=f"incident {second.number} needs it"
    )
    assert (await standby.room.as_it_stands()).outlets[DUNE].mirror.state is ACTIVE


async def test_a_spare_on_which_a_later_turn_rests_stays(standby: Standby) -> None:
    number = await suspected(standby)
    await rotate(standby.room, BIRCH)
    await retire(standby.room, DUNE)

    alarm = await false_alarm(standby.room, number)

    assert alarm.undone is None
    assert "undo that one first" in alarm.kept


async def test_an_alarm_without_a_spare_is_only_closed(standby: Standby) -> None:
    await standby.see(amber=Finding.SERVER_DOWN)
    number = (await standby.incident()).number

    alarm = await false_alarm(standby.room, number)

    assert (alarm.undone, alarm.kept) == (None, "")
    with pytest.raises(ConfigError, match="closed already"):
        await false_alarm(standby.room, number)
    with pytest.raises(ConfigError, match="no incident 9"):
        await false_alarm(standby.room, 9)


# from the board


@dataclass
class Board:
    """Operations on a newsroom, and what the running service was told."""

    standby: Standby
    turned: list[Newsroom] = field(default_factory=list)
    asked: list[MirrorId] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    @property
    def operations(self) -> Operating:
        return Operating(
            room=lambda: self.standby.room,
            look=self.asked.append,
            turned=self.turned.append,
            changed=lambda: self.changes.append("changed"),
        )


async def test_an_operator_plans_rotates_and_takes_back(standby: Standby) -> None:
    board = Board(standby)

    plan = await board.operations.plan(AMBER)
    done = await board.operations.rotate(AMBER)
    undone = await board.operations.undo(1)

    assert plan == "amber would be retired, and dune would take over."
    assert done == "amber is retired, and dune took over (turn 1)."
    assert undone == "Turn 1 is taken back: amber is active again, dune is a spare again."
    assert [room.outlets[DUNE].mirror.state for room in board.turned] == [ACTIVE, SPARE]
    assert board.changes == ["changed", "changed"]


async def test_an_operator_is_told_of_a_spare_that_stands_in_already(standby: Standby) -> None:
    board = Board(standby)
    await suspected(standby)

    plan = await board.operations.plan(AMBER)
    done = await board.operations.rotate(AMBER)

    assert plan == "amber would be retired, and dune would stay in its place."
    assert done == "amber is retired, and dune stays in its place (turn 2)."


async def test_an_operator_calls_a_false_alarm(standby: Standby) -> None:
    board, number = Board(standby), await suspected(standby)

    told = await board.operations.false_alarm(number, "the line was cut")

    assert told == (
        "Incident 1 was a false alarm: it is not raised again for six hours, "
        "and dune is a spare again."
    )
    assert "the line was cut" not in repr(await standby.room.ledgers.incidents.get(number))


async def test_an_operator_asks_for_a_look(standby: Standby) -> None:
    board = Board(standby)

    told = await board.operations.look_again(AMBER)

    assert (told, board.asked) == ("amber is being looked at from everywhere.", [AMBER])


async def test_an_operator_is_told_why_not(standby: Standby) -> None:
    operations = Board(standby).operations
    await retire(standby.room, FERN)
    await rotate(standby.room, AMBER)

    refused = [
        (operations.plan(BIRCH), "no spare of its group is ready"),
        (operations.rotate(BIRCH), "no spare of its group is ready"),
        (operations.rotate(AMBER), "amber is retired"),
        (operations.undo(9), "no turn 9"),
        (operations.look_again(MirrorId("elm")), "no such mirror"),
        (operations.look_again(AMBER), "it is retired"),
        (operations.false_alarm(9, "why"), "no incident 9"),
        (operations.false_alarm(9, " "), "say why"),
    ]

    for act, why in refused:
        with pytest.raises(ConfigError, match=why):
            await act


def _beside(one: Incident) -> Incident:
    """The same trouble of another mirror, answered by the same spare."""
    return replace(one, number=0, mirror=BIRCH)


async def keep_look(standby: Standby, name: str, steps: tuple[Step, ...]) -> None:
    """Keep a look from IR, beside a control that saw the mirror well."""
    there = replace(vantage(), country="IR")
    here = sight(*steps, at=standby.clock.at, by=there, mirror=name)
    control = sight(*GOOD, at=standby.clock.at, mirror=name)
    kept = Sighting(here=here, control=control, ruling=judge(here, control))
    await standby.room.ledgers.sightings.keep([kept])
