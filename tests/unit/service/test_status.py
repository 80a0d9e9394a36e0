"""What monitoring is told: Prometheus' format, no address, never good where there is no data."""

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp

from service.door import door
from service.running.status import Metric, Sources, answering, exposition, metrics
from service.running.strips import COUNT, Strips
from tamizdat.board import BoardView, Cell, Column, Delivery, Leg, Line
from tamizdat.placement import MirrorId
from tamizdat.verdict import Board, Finding
from tests.kit.desk.thefts import stolen
from tests.unit.service.test_boarding import NOW, looked

AMBER = MirrorId("amber")


def view(state: Board = Board.BLOCKED) -> BoardView:
    cell = Cell(mirror=AMBER, country="IR", state=state, code="SNI")
    leg = Leg(name="On mirrors", done=1, wanted=2)
    return BoardView(
        at=NOW,
        newsroom="The Heron",
        columns=(Column(country="IR", ways=0, offered=1),),
        mirrors=(Line(name="amber", note="public", state="active", cells=(cell,)),),
        others=(),
        incidents=(),
        open_incidents=1,
        spares=2,
        spare_days=None,
        round_seconds=None,
        delivery=Delivery(edition=7, began=NOW, legs=(leg,)),
        every=300,
    )


def test_the_exposition_is_prometheus_text() -> None:
    text = exposition([Metric(name="m", help="H.", kind="gauge", values={(("a", 'q"\\\n'),): 1.5})])

    assert text == '# HELP m H.\n# TYPE m gauge\nm{a="q\\"\\\\ "} 1.5\n'


def test_a_board_is_told_in_numbers() -> None:
    text = exposition(metrics(view(), ["looking"]))

    assert 'tamizdat_cell{mirror="amber",country="IR",state="blocked"} 1' in text
    assert 'tamizdat_ways_in{country="IR"} 0' in text
    assert 'tamizdat_delivered{leg="On mirrors"} 1' in text
    assert "tamizdat_edition 7" in text
    assert "tamizdat_late_parts 1" in text


def test_no_data_is_no_value() -> None:
    assert 'state="no data"' not in exposition(metrics(view(Board.NO_DATA), []))


def test_before_the_first_board_only_the_service_is_told() -> None:
    assert [one.name for one in metrics(None, [])] == ["tamizdat_up", "tamizdat_late_parts"]


async def test_health_fails_while_a_part_is_late() -> None:
    late: list[str] = []
    sources = Sources(view=view, late=lambda: tuple(late))

    async with (
        asyncio.timeout(10),
        answering(sources, door("status", "127.0.0.1:0")) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        good = await session.get("/health")
        late.append("looking")
        bad = await session.get("/health")
        told = await session.get("/metrics")

        assert (good.status, bad.status) == (200, 503)
        assert (await bad.json())["late"] == ["looking"]
        assert "tamizdat_up 1" in await told.text()


async def test_health_fails_while_a_key_theft_is_open() -> None:
    async with (
        asyncio.timeout(10),
        answering(Sources(view=stolen, late=tuple), door("status", "127.0.0.1:0")) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        health = await session.get("/health")
        told = await session.get("/metrics")

        assert health.status == 503
        assert await health.json() == {"status": "key theft", "late": [], "key_thefts": 3}
        assert "tamizdat_key_thefts_open 3" in await told.text()


async def test_on_loopback_it_answers_under_no_name_of_a_strangers() -> None:
    sources = Sources(view=view, late=tuple)

    async with (
        asyncio.timeout(10),
        answering(sources, door("status", "127.0.0.1:0")) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        named = ["rebound.example", f"rebound.example:{port}", f"localhost:{port}"]
        answers = [await session.get("/metrics", headers={"Host": name}) for name in named]
        texts = [await one.text() for one in answers]

    assert [one.status for one in answers] == [421, 421, 200]
    assert ["tamizdat_up" in text for text in texts] == [False, False, True]


def test_a_strip_counts_mirrors_by_half_hour_and_knows_where_nobody_looked() -> None:
    strips = Strips()
    strips.add([looked(minutes=1), looked(minutes=2), looked(Finding.TLS_SNI, minutes=61)])

    strip = strips.strip("IR", NOW)

    assert len(strip) == COUNT
    assert strip[-2:] == (1, None)
    assert strip[-4] == 0
    assert set(strips.strip("RU", NOW)) == {None}


def test_a_strip_forgets_what_is_older_than_a_day() -> None:
    strips = Strips()
    strips.add([looked(minutes=1)])
    tomorrow = datetime(2026, 11, 26, 13, tzinfo=UTC)

    assert set(strips.strip("IR", tomorrow)) == {None}
    assert set(strips.strip("IR", NOW + timedelta(seconds=1))) == {None}
