"""What a cell rests on: each layer of a look, in words."""

from dataclasses import replace

import pytest

from desk.evidence import basis, find
from desk.layers import layers
from desk.words import failed
from tamizdat.board import CONTROL
from tamizdat.measurement import CODES, Failure, Stage
from tamizdat.verdict import Board
from tests.kit.desk.board import cell, incident, view
from tests.kit.desk.looks import (
    GOOD,
    RESET,
    check,
    dial,
    handshake,
    look,
    lookup,
    page,
    sighting,
)

LOOKS = [
    # what was seen                                      DNS   TCP   TLS   HTTP  SIG
    (GOOD,                                              "ok    ok    ok    ok    ok"),
    (RESET,                                             "ok    ok    no    na    na"),
    ((lookup(), dial("connection_refused")),            "ok    no    na    na    na"),
    ((lookup(), dial(), page(), check()),               "ok    ok    na    ok    ok"),
    ((dial(), handshake(), page(), check("invalid")),   "na    ok    ok    ok    no"),
    ((lookup(), dial("connection_refused"), *GOOD[1:]), "ok    ok    ok    ok    ok"),
    ((),                                                "na    na    na    na    na"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "hows"), LOOKS)
def test_layers_hold_fail_or_are_not_reached(steps: tuple[object, ...], hows: str) -> None:
    made = layers(look(*steps))  # type: ignore[arg-type]

    assert [layer.name for layer in made] == ["DNS", "TCP", "TLS", "HTTP", "SIG"]
    assert [layer.how for layer in made] == hows.split()


def test_a_good_look_in_words() -> None:
    words = [f"{layer.words} {layer.took}" for layer in layers(look(*GOOD))]

    assert words == [
        "true answer 41 ms",
        "open 118 ms",
        "handshake good, TLSv1.3 241 ms",
        "200, 9.1 KB 1.2 s",
        "ours, edition 2041 100 ms",
    ]


def test_layers_that_were_not_needed_are_told_from_those_not_reached() -> None:
    plain = layers(look(dial(), page(), check()))
    cut = layers(look(lookup(), dial("connection_refused")))

    assert [layer.words for layer in plain[:3:2]] == ["not needed", "not used here"]
    assert [layer.words for layer in cut[2:]] == ["not reached"] * 3


def test_an_answer_that_is_not_ours_is_seen() -> None:
    lied = layers(look(lookup("192.0.2.66"), dial("connection_refused")))
    unknown = layers(replace(look(lookup()), expected=()))

    assert lied[0].words == "another address than ours"
    assert unknown[0].words == "an answer"


def test_tries_and_stalls_are_told() -> None:
    tried = layers(look(lookup(), dial("connection_refused"), dial("generic_timeout_error")))
    stalled = layers(look(lookup(), dial(), page(stalled=16384)))

    assert tried[1].words == "no answer in time, 2 tries"
    assert stalled[3].words == "200, 9.1 KB, then stood still"


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_failure_has_words(code: str) -> None:
    words = failed(Failure(stage=Stage.TCP, code=code))

    assert words
    assert "_" not in words


CONTROLS = [
    (sighting(), "So this is not our fault."),
    (sighting(*GOOD), "Control: good at the same time, too."),
    (
        sighting(control=look(lookup(), dial("connection_refused"), country="SE")),
        "Control fails too, at TCP: refused. So it is the server, not the censor.",
    ),
    (replace(sighting(), control=None), "No control looked at the same time"),
    (None, ""),
]


@pytest.mark.parametrize(("seen", "words"), CONTROLS)
def test_the_control_decides_whose_fault_it_is(seen: object, words: str) -> None:
    dune = cell("dune", "IR", Board.BLOCKED, "TLS")

    assert words in basis(view(), dune, seen).control  # type: ignore[arg-type]


def test_the_controls_own_cell_says_so() -> None:
    made = basis(view(), cell("dune", CONTROL, Board.REACHABLE, "0.3s"), sighting(*GOOD))

    assert "control itself" in made.control


def test_looks_are_counted_over_networks() -> None:
    made = basis(view(), cell("dune", "IR", Board.BLOCKED, "TLS"), sighting())

    assert (made.bad, made.looks) == (9, 10)
    assert made.networks[0] == "AS64496 fails 4 of 4"
    assert made.networks[-1] == "AS64510 passes"


def test_the_open_incident_of_a_cell_is_found() -> None:
    everywhere = replace(view(), incidents=(incident(1, "dune", "ZZ", 5),))
    dune = cell("dune", "IR", Board.BLOCKED, "TLS")

    here, over_all, none = (
        basis(one, dune, None).incident
        for one in (view(), everywhere, replace(view(), incidents=()))
    )

    assert here is not None
    assert here.number == 213
    assert over_all is not None
    assert over_all.number == 1
    assert none is None


def test_only_a_mirror_can_be_rotated() -> None:
    made = view()
    mirror, other = find(made, "dune", "IR"), find(made, "onion", "IR")

    assert mirror is not None
    assert other is not None
    assert basis(made, mirror, None).rotatable
    assert not basis(made, other, None).rotatable
    assert find(made, "dune", "XX") is None
