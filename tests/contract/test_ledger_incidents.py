"""What every ledger of incidents keeps to."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from store.engine import Ledger, open_ledger
from store.incidents import SqlIncidents
from tamizdat.errors import LedgerError
from tamizdat.incident import Course, Incident
from tamizdat.placement import MirrorId
from tamizdat.verdict import Board, Finding
from tests.contract.ledger_values import START

HOUR = timedelta(hours=1)
AMBER, BERYL = MirrorId("amber"), MirrorId("beryl")


@pytest.fixture
def incidents(ledger: Ledger) -> SqlIncidents:
    return SqlIncidents(ledger)


def trouble(
    mirror: MirrorId = AMBER,
    country: str = "RU",
    opened: datetime = START,
    closed: datetime | None = None,
) -> Incident:
    return Incident(
        number=0,
        mirror=mirror,
        country=country,
        state=Board.SUSPECTED,
        finding=Finding.TLS_SNI,
        rule="sni",
        since=opened - HOUR,
        opened=opened,
        course=Course.WATCHING,
        closed=closed,
    )


async def opened_or_not(incidents: SqlIncidents) -> Incident | None:
    try:
        return await incidents.open(trouble())
    except LedgerError:
        return None


async def test_an_incident_comes_back_with_its_number(incidents: SqlIncidents) -> None:
    first = await incidents.open(trouble())
    second = await incidents.open(trouble(BERYL))

    assert (first, second) == (replace(trouble(), number=1), replace(trouble(BERYL), number=2))
    assert await incidents.get(1) == first
    assert await incidents.get(2) == second
    assert await incidents.get(3) is None


async def test_every_field_is_recorded(incidents: SqlIncidents) -> None:
    opened = await incidents.open(trouble())
    changed = Incident(
        number=opened.number,
        mirror=AMBER,
        country="ZZ",
        state=Board.BLOCKED,
        finding=Finding.BLOCKPAGE,
        rule="page",
        since=START - 2 * HOUR,
        opened=START + HOUR,
        course=Course.VERIFIED,
        sighting=2**40,
        closed=START + 3 * HOUR,
        spare=BERYL,
        turn=7,
        verified=START + 2 * HOUR,
        detail="read from there",
    )

    await incidents.update(changed)

    assert await incidents.get(opened.number) == changed


async def test_every_course_is_known_again(incidents: SqlIncidents) -> None:
    courses = list(Course)

    for course in courses:
        await incidents.open(replace(trouble(closed=START), course=course))

    assert [one.course for one in await incidents.since(START)] == courses


async def test_an_update_of_an_unknown_incident_is_refused(incidents: SqlIncidents) -> None:
    with pytest.raises(LedgerError, match=r"^there is no incident 7$"):
        await incidents.update(replace(trouble(), number=7))

    assert await incidents.since(START) == []


async def test_a_second_open_incident_of_the_same_mirror_and_country_is_refused(
    incidents: SqlIncidents,
) -> None:
    await incidents.open(trouble())
    await incidents.open(trouble(BERYL))
    await incidents.open(trouble(country="BY"))

    says = r"^incident 1 of amber in RU is open: update that one$"
    with pytest.raises(LedgerError, match=says):
        await incidents.open(trouble(opened=START + HOUR))

    assert len(await incidents.unclosed()) == 3


async def test_of_two_that_open_the_same_incident_at_once_one_does(
    incidents: SqlIncidents,
) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(opened_or_not(incidents)) for _ in range(4)]

    opened = [task.result() for task in tasks if task.result()]
    assert len(opened) == 1
    assert await incidents.since(START) == opened


async def test_the_same_trouble_may_come_again(incidents: SqlIncidents) -> None:
    first = await incidents.open(trouble())
    await incidents.update(replace(first, closed=START + HOUR, course=Course.LIFTED))

    again = await incidents.open(trouble(opened=START + 2 * HOUR))

    assert await incidents.unclosed() == [again]


async def test_a_closed_incident_is_not_opened_again_beside_an_open_one(
    incidents: SqlIncidents,
) -> None:
    first = await incidents.open(trouble(closed=START))
    second = await incidents.open(trouble())

    with pytest.raises(LedgerError, match=r"^incident 2 of amber in RU is open"):
        await incidents.update(replace(first, closed=None))

    assert await incidents.unclosed() == [second]


async def test_incidents_are_given_in_order(incidents: SqlIncidents) -> None:
    late = await incidents.open(trouble(opened=START + 2 * HOUR))
    early = await incidents.open(trouble(BERYL))
    closed = await incidents.open(trouble(BERYL, "BY", START + HOUR, closed=START + 3 * HOUR))

    assert await incidents.unclosed() == [early, late]
    assert await incidents.newest(2) == [closed, early]
    assert await incidents.since(START + HOUR) == [closed, late]
    assert await incidents.since(START) == [early, closed, late]


async def test_incidents_are_there_after_a_restart(ledger_address: str) -> None:
    first = await open_ledger(ledger_address)
    opened = await SqlIncidents(first).open(trouble())
    await first.close()

    second = await open_ledger(ledger_address)

    assert await SqlIncidents(second).unclosed() == [opened]
    assert (await SqlIncidents(second).open(trouble(BERYL))).number == opened.number + 1
    await second.close()
