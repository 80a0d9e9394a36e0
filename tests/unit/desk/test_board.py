"""The board as mark-up: cells, strips, numbers, and what changes from one view to the next."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from markupsafe import Markup

from desk import cells
from desk.countries import name_of, place_of
from desk.evidence import foremost
from desk.face import changes, chosen, face, many, page, snapshot
from desk.headline import numbers
from desk.strips import drawing
from desk.words import FINDINGS, LETTERS, SHORT, STATES, TROUBLE
from tamizdat.board import CONTROL, BoardView, HandOut, Leg
from tamizdat.incident import Course
from tamizdat.verdict import Board, Finding
from tests.kit.desk.board import NOW, cell, delivery, incidents, view, wide_view, with_cell

TURNED = with_cell(view(), cell("birch", "IR", Board.BLOCKED, "TLS"))


def told(before: BoardView, after: BoardView) -> dict[str, Any]:
    payload = changes(face(before), face(after))
    assert payload is not None
    return dict(json.loads(payload))


def test_every_state_has_words_a_letter_and_a_place_in_the_key() -> None:
    assert set(STATES) == set(LETTERS) == set(SHORT) == set(Board)
    assert len(set(LETTERS.values())) == len(Board)
    assert set(FINDINGS) == set(Finding)


def test_no_data_is_neither_good_nor_trouble() -> None:
    assert LETTERS[Board.NO_DATA] != LETTERS[Board.REACHABLE]
    assert Board.NO_DATA not in TROUBLE
    assert Board.DOWN in TROUBLE


def test_a_cell_is_a_link_that_can_be_heard() -> None:
    made = cells.mark_up(cell("du/ne", "IR", Board.BLOCKED, "TLS"))

    assert 'href="/board/cell/du%2Fne/IR"' in made
    assert 'aria-label="du/ne, Iran: blocked, TLS"' in made
    assert 'class="b"' in made


def test_a_cell_says_no_more_than_it_knows() -> None:
    assert cells.spoken(cell("dune", "XX", Board.NO_DATA, "")) == "dune, XX: no recent data"
    assert cells.news(cell("dune", "IR", Board.REACHABLE, "")) == "Iran: dune reachable"


@pytest.mark.parametrize(
    ("code", "name", "place"),
    [
        ("IR", "Iran", "in Iran"),
        ("XX", "XX", "in XX"),
        ("ZZ", "everywhere", "everywhere"),
        (CONTROL, "Control", "from the control"),
    ],
)
def test_countries_have_names(code: str, name: str, place: str) -> None:
    assert (name_of(code), place_of(code)) == (name, place)


def test_one_cell_that_turns_is_all_that_is_sent() -> None:
    change = told(view(), TURNED)

    assert list(change["cells"]) == ["birch/IR"]
    assert change["say"] == ["Iran: birch blocked, TLS"]
    assert change["at"] == "14:02:41"
    assert "p-matrix" not in change["parts"]


def test_another_code_is_shown_but_not_said() -> None:
    change = told(view(), with_cell(view(), cell("birch", "IR", Board.REACHABLE, "1.7s")))

    assert list(change["cells"]) == ["birch/IR"]
    assert not change["say"]


def test_trouble_is_said_first() -> None:
    better = with_cell(TURNED, cell("aster", "BY", Board.REACHABLE, "0.9s"))

    say = told(view(), better)["say"]

    assert say == ["Iran: birch blocked, TLS", "Belarus: aster reachable, 0.9s"]


def test_nothing_new_is_no_news() -> None:
    assert changes(face(view()), face(replace(view(), at=NOW + timedelta(seconds=5)))) is None


def test_a_country_more_brings_the_matrix_anew() -> None:
    fewer = replace(
        view(),
        columns=view().columns[1:],
        mirrors=tuple(replace(line, cells=line.cells[1:]) for line in view().mirrors),
        others=tuple(replace(line, cells=line.cells[1:]) for line in view().others),
    )

    change = told(fewer, view())

    assert "Belarus" in change["parts"]["p-matrix"]
    assert not change["cells"]


def test_a_snapshot_holds_every_part() -> None:
    made = face(view())

    assert set(json.loads(snapshot(made))["parts"]) == set(made.parts)


def test_a_row_that_gets_into_trouble_appears_among_those_shown() -> None:
    before = wide_view(80)
    after = with_cell(before, cell("m001", "IR", Board.BLOCKED, "TLS"))

    change = told(before, after)

    assert "m001" in change["parts"]["p-trouble"]
    assert "p-matrix" not in change["parts"]
    assert list(change["cells"]) == ["m001/IR"]


@pytest.mark.parametrize(("rows", "folded"), [(60, False), (61, True)])
def test_rows_are_folded_above_sixty(rows: int, folded: object) -> None:
    assert many(wide_view(rows)) is folded


def test_a_page_comes_in_three_pieces_and_a_cell_is_marked_once() -> None:
    head, middle, tail = page(face(view()), last="run1-0", whole=True)
    marked = chosen(middle, cell("dune", "IR", Board.BLOCKED, "TLS"))

    assert b"\0" not in head + middle + tail
    assert b"after=run1-0" in head
    assert marked.count(b"aria-current=true") == 1
    assert re.search(rb'aria-current=true data-cell="dune/IR"', marked)


def test_people_come_for_what_waits_for_them() -> None:
    watched = replace(
        view(), incidents=tuple(replace(one, course=Course.WATCHING) for one in incidents())
    )
    quiet = replace(view(), incidents=())

    firsts = [foremost(one) for one in (view(), watched, quiet)]

    assert [cells.key(one) for one in firsts if one] == ["fjord/TM", "fjord/TM", "aster/BY"]


def test_without_trouble_nobody_comes_for_anything() -> None:
    calm = replace(view(), mirrors=(), others=(), incidents=())

    assert foremost(calm) is None


def test_five_numbers_say_how_we_stand() -> None:
    countries, edition, open_ones, around, spares = numbers(view())

    assert (countries.value, countries.beside, countries.bad) == ("4", "of 7", True)
    assert countries.below == "Turkmenistan has none left"
    assert (edition.name, edition.value, edition.beside) == ("Edition 2041", "11", "of 12")
    assert (open_ones.value, open_ones.below) == ("4", "oldest 1 h 35 min")
    assert (around.value, spares.value) == ("6.8 min", "11")
    assert spares.below == "about 9 days at this pace"


def test_five_numbers_of_a_fresh_install_claim_nothing() -> None:
    fresh = replace(
        view(),
        columns=(),
        incidents=(),
        open_incidents=0,
        spares=0,
        spare_days=None,
        round_seconds=None,
        delivery=None,
    )

    values = [number.value for number in numbers(fresh)]

    assert values == ["–", "–", "0", "–", "0"]


def test_an_edition_that_is_everywhere_shows_its_seconds() -> None:
    legs = (Leg(name="on mirrors", done=3, wanted=3, seconds=41.2),)
    done = replace(view(), delivery=replace(delivery(), legs=legs))

    assert numbers(done)[1].value == "41 s"


def test_a_country_with_enough_is_not_alarming() -> None:
    calm = replace(view(), columns=tuple(c for c in view().columns if c.ways >= 3), spare_days=1.2)

    countries, *_, spares = numbers(calm)

    assert (countries.below, countries.bad) == ("all of them", False)
    assert spares.below == "about 1 day at this pace"


def test_a_strip_steps_and_leaves_gaps() -> None:
    made = drawing([3, 3, None, 0, 6], "IR")

    assert isinstance(made, Markup)
    line = re.search(r'class=line vector-effect=non-scaling-stroke d="([^"]*)"', made)
    assert line
    assert line[1] == "M0 15.5H96M144 29H192V2H240"


def test_an_unknown_day_draws_nothing() -> None:
    assert 'class=line vector-effect=non-scaling-stroke d=""' in drawing([None] * 48, "IR")


def test_a_strip_stays_small() -> None:
    counts = [(number * 7) % 5 for number in range(48)]

    assert len(drawing(counts, "IR: ways in, last 24 hours, now 3")) < 1300


LEAK = HandOut(
    channel="mail",
    groups=4,
    served=3,
    handed_out=120,
    active=3,
    spare=0,
    told=0.01,
    starving=True,
    odds=21.4,
    named=True,
    lost=2,
    days=31.0,
)


def test_where_mirrors_are_handed_out_the_board_tells_counts_and_odds() -> None:
    quiet = replace(LEAK, channel="web", odds=0.2, named=False, starving=False)

    text = face(replace(view(), hand_outs=(LEAK, quiet))).parts["p-ways"]

    assert "<b>21:1</b>" in text
    assert "2 lost in 31 mirror-days · 3 of 4 groups have a mirror · 120 tokens · 0 spares" in text
    assert text.count("leaks, likely") == text.count("starves") == 1
    assert face(view()).parts["p-ways"] == ""


@pytest.mark.parametrize(
    ("odds", "short"),
    [(0.25, "0.25:1"), (2.333, "2.3:1"), (214.4, "214:1"), (1e300, "over 1000:1")],
)
def test_odds_are_told_in_short(odds: float, short: str) -> None:
    assert replace(LEAK, odds=odds).chance == short


def test_a_channel_that_begins_to_leak_is_sent_to_who_looks() -> None:
    assert set(told(view(), replace(view(), hand_outs=(LEAK,)))["parts"]) == {"p-ways"}
