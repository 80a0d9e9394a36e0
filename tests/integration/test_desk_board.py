"""The operators' pages over HTTP: the board, what its cells rest on, and what can be done."""

import json
from dataclasses import replace

import pytest

from desk.desk import Desk
from tamizdat.board import Cell
from tamizdat.people import Role
from tests.kit.desk.board import view, wide_view
from tests.kit.desk.looks import GOOD, sighting
from tests.kit.desk.room import Room, opened, signed_in


async def test_the_board_shows_first_what_is_in_trouble() -> None:
    async with opened(room := Room()) as (_, base), signed_in(room, base) as visit:
        status, page, _ = await visit.get("/board")

    assert status == 200
    assert "fjord in Turkmenistan" in page
    assert page.count("aria-current=true") == 1


async def test_a_cell_rests_on_what_a_look_saw_step_by_step() -> None:
    async with opened(room := Room()) as (_, base), signed_in(room, base) as visit:
        _, page, _ = await visit.get("/board/cell/dune/IR")
        _, part, _ = await visit.get("/board/cell/dune/IR?part=1")

    for words in (
        "dune in Iran",
        "9 of 10 looks fail, 4 networks",
        "true answer, 41 ms",
        "open, 118 ms",
        "reset, 241 ms",
        "not reached",
        "So this is not our fault.",
        "AS64510 passes",
        "tls.sni",
        'href="/board/raw/4"',
    ):
        assert words in part
        assert words in page
    assert "<html" not in part


async def test_a_look_that_was_forgotten_is_said_to_be() -> None:
    room = Room()
    room.evidence.sightings.clear()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, part, _ = await visit.get("/board/cell/dune/IR?part=1")

    assert status == 200
    assert "was forgotten" in part


async def test_evidence_is_read_once_for_a_board() -> None:
    async with opened(room := Room()) as (desk, base), signed_in(room, base) as visit:
        _, before, _ = await visit.get("/board/cell/dune/IR?part=1")
        room.evidence.sightings.clear()
        _, again, _ = await visit.get("/board/cell/dune/IR?part=1")
        desk.show_board(replace(view()))
        _, after, _ = await visit.get("/board/cell/dune/IR?part=1")

    assert again == before
    assert "was forgotten" in after


async def test_raw_evidence_is_json_of_all_that_was_seen() -> None:
    room = Room()
    room.evidence.sightings[3] = sighting(*GOOD, number=3)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, text, headers = await visit.get("/board/raw/3")

    told = json.loads(text)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert told["number"] == 3
    assert len(told["here"]["steps"]) == 5
    assert "<script>" not in text


async def test_only_an_operator_is_offered_to_turn_mirrors() -> None:
    room = Room()
    async with (
        opened(room) as (_, base),
        signed_in(room, base) as editor,
        signed_in(room, base, Role.BOTH) as operator,
    ):
        _, seen, _ = await editor.get("/board/cell/dune/IR?part=1")
        _, offered, _ = await operator.get("/board/cell/dune/IR?part=1")
        plan, _, _ = await editor.get("/board/cell/dune/IR/rotate")

    assert ("/rotate" in seen, "false-alarm" in seen, "/look" in seen) == (False, False, True)
    assert ("/rotate" in offered, "false-alarm" in offered) == (True, True)
    assert plan == 403


async def test_rotating_shows_the_plan_and_acts_only_when_confirmed() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        _, plan, _ = await visit.get("/board/cell/dune/IR/rotate")
        planned = list(room.operations.asked)
        status, _, headers = await visit.post("/board/cell/dune/IR/rotate")
        _, page, _ = await visit.get(headers["Location"])
        _, again, _ = await visit.get(headers["Location"])

    assert "heron would take over" in plan
    assert planned == [("plan",)]
    assert room.operations.asked[1:] == [("rotate", "dune")]
    assert (status, "heron took over for dune." in page) == (303, True)
    assert "heron took over for dune." not in again


async def test_a_plan_that_cannot_be_offers_no_button() -> None:
    room = Room()
    room.operations.refuses = "dune: no spare of its group is ready"
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        _, plan, _ = await visit.get("/board/cell/dune/IR/rotate")
        _, _, headers = await visit.post("/board/cell/dune/IR/rotate")
        _, page, _ = await visit.get(headers["Location"])

    assert "no spare of its group is ready" in plan
    assert "Rotate now" not in plan
    assert "no spare of its group is ready" in page


async def test_an_editor_may_ask_for_another_look() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, _, _ = await visit.post("/board/cell/dune/IR/look")

    assert status == 303
    assert room.operations.asked == [("look", "dune")]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
async def test_a_false_alarm_takes_a_reason(reason: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        status, _, _ = await visit.post("/incidents/213/false-alarm", {"reason": reason})

    assert status == 400
    assert not room.operations.asked


async def test_incidents_have_a_page_with_what_can_be_done() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        await visit.post("/incidents/213/false-alarm", {"reason": "our own test"})
        _, page, _ = await visit.get("/incidents")

    assert room.operations.asked == [("false alarm", "213", "our own test")]
    assert "Incident 213 was closed." in page
    assert "dune blocked by its name in the TLS handshake in Iran" in page
    assert "/turns/17/undo" in page


async def test_a_board_of_many_rows_shows_those_in_trouble() -> None:
    room = Room()
    async with opened(room) as (desk, base), signed_in(room, base) as visit:
        desk.show_board(wide_view(200))
        _, few, _ = await visit.get("/board")
        _, all_rows, _ = await visit.get("/board?rows=all")

    assert few.count("<th scope=row>") == 8
    assert all_rows.count("<th scope=row>") == 200


async def test_a_fresh_install_says_what_will_stand_there() -> None:
    room = Room()
    async with opened(room) as (desk, base), signed_in(room, base) as visit:
        nothing = Desk(room.office())
        desk.show_board(nothing.board)
        _, page, _ = await visit.get("/board")
        _, incidents, _ = await visit.get("/incidents")

    assert "No mirror yet" in page
    assert "None so far." in incidents


async def test_words_of_a_view_are_text_and_never_markup() -> None:
    odd = "<b>x</b>"
    shown = view()
    first = shown.mirrors[0]
    cells = tuple(
        replace(cell, code=odd) if isinstance(cell, Cell) else None for cell in first.cells
    )
    made = replace(shown, mirrors=(replace(first, name=odd, note=odd, cells=cells),))
    async with opened(room := Room()) as (desk, base), signed_in(room, base) as visit:
        desk.show_board(made)
        _, page, _ = await visit.get("/board")

    assert odd not in page
