"""A watch: who votes where, what silence means, and that only news is judged again."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reach.watch import CLOSE, WINDOW, Watch, assess
from tamizdat.board import CONTROL
from tamizdat.placement import MirrorId
from tamizdat.sighting import Round
from tamizdat.verdict import Board, Finding, Ruling
from tests.kit.sights import NOW, later

AMBER = MirrorId("amber")
EVERY = 300.0
OK, RESET, DOWN = Finding.OK, Finding.TLS_SNI, Finding.SERVER_DOWN
NUMBERS = count(1)


def look(
    minute: float,
    finding: Finding = OK,
    vantage: str = "in-1",
    *,
    mirror: str = "amber",
    country: str = "IR",
    network: str = "",
) -> Round:
    return Round(
        number=next(NUMBERS),
        mirror=MirrorId(mirror),
        vantage=vantage,
        country=country,
        network=network or f"net of {vantage}",
        at=later(minute),
        ruling=Ruling(finding=finding, rule="a.rule", rules_version=1, failure=None),
    )


def run(*findings: Finding, vantage: str = "in-1", network: str = "") -> list[Round]:
    """One look every five minutes, the last one now."""
    first = -5 * (len(findings) - 1)
    return [
        look(first + 5 * n, finding, vantage, network=network) for n, finding in enumerate(findings)
    ]


def test_each_pair_of_mirror_and_country_has_its_verdict() -> None:
    rounds = [*run(RESET, RESET), look(0, country="RU"), look(0, mirror="birch")]

    said = assess(rounds, NOW, EVERY)

    assert {cell: one.state for cell, one in said.items()} == {
        ("amber", "IR"): Board.SUSPECTED,
        ("amber", "RU"): Board.REACHABLE,
        ("birch", "IR"): Board.REACHABLE,
    }


def test_a_verdict_tells_what_was_found_and_which_look_shows_it() -> None:
    rounds = run(OK, RESET, RESET)

    (said,) = assess(rounds, NOW, EVERY).values()

    assert (said.finding, said.sighting, said.national) == (RESET, rounds[-1].number, False)


def test_two_networks_over_hours_prove_a_block_of_the_country() -> None:
    hours = [look(-60 * n, RESET, vantage) for n in range(5) for vantage in ("in-1", "in-2")]

    (said,) = assess(hours, NOW, EVERY).values()

    assert (said.state, said.national) == (Board.BLOCKED, True)


def test_controls_are_no_votes_and_stand_in_a_column_of_their_own() -> None:
    rounds = [*run(OK, OK), *run(DOWN, DOWN, vantage="out")]

    said = assess(rounds, NOW, EVERY, controls={"out"})

    assert {cell: one.state for cell, one in said.items()} == {
        (AMBER, "IR"): Board.REACHABLE,
        (AMBER, CONTROL): Board.DOWN,
    }


@pytest.mark.parametrize(
    ("after", "state"),
    [(timedelta(seconds=600), Board.BLOCKED), (timedelta(seconds=601), Board.NO_DATA)],
)
def test_two_intervals_without_a_round_leave_no_data(after: timedelta, state: Board) -> None:
    hours = [look(-60 * n, RESET, vantage) for n in range(5) for vantage in ("in-1", "in-2")]

    (said,) = assess(hours, NOW + after, EVERY).values()

    assert said.state is state
    assert (said.finding is RESET) is (state is Board.BLOCKED)


def test_what_is_silent_speaks_again_with_the_next_round() -> None:
    watch = Watch(controls=(), every=EVERY)
    watch.add(run(RESET, RESET))
    silent = watch.verdicts(later(60))
    watch.add([look(60, RESET)])

    heard = watch.verdicts(later(60))

    assert silent[AMBER, "IR"].state is Board.NO_DATA
    assert heard[AMBER, "IR"].state is Board.SUSPECTED


def test_what_a_wrong_clock_put_far_ahead_is_dropped() -> None:
    rounds = [*run(RESET, RESET), look(40 * 24 * 60)]

    said = assess(rounds, NOW, EVERY)

    assert [one.state for one in said.values()] == [Board.SUSPECTED]


def test_a_pair_that_only_a_wrong_clock_saw_is_no_pair() -> None:
    watch = Watch(controls=(), every=EVERY)
    watch.add([look(40 * 24 * 60)])
    ahead = watch.verdicts(later(40 * 24 * 60))

    back = watch.verdicts(NOW)

    assert len(ahead) == 1
    assert not back
    assert not watch.looks


def test_a_round_that_is_known_counts_once() -> None:
    (first,) = run(RESET)
    watch = Watch(controls=(), every=EVERY)
    watch.add([first])
    watch.add([first])

    (said,) = watch.verdicts(NOW).values()

    assert said.state is Board.NO_DATA
    assert len(watch.looks[AMBER, "IR"]) == 1


def test_rounds_without_a_number_all_count() -> None:
    watch = Watch(controls=(), every=EVERY)
    watch.add([replace(one, number=0) for one in run(RESET, RESET)])

    (said,) = watch.verdicts(NOW).values()

    assert said.state is Board.SUSPECTED


def test_what_is_old_is_forgotten() -> None:
    watch = Watch(controls=(), every=EVERY)
    watch.add([look(-12 * 60 - 1), look(-12 * 60), look(-5, RESET), look(0, RESET)])

    said = watch.verdicts(NOW)

    assert said[AMBER, "IR"].state is Board.SUSPECTED
    assert len(watch.looks[AMBER, "IR"]) == 3
    assert not watch.verdicts(NOW + WINDOW + timedelta(minutes=1))


def test_only_pairs_with_a_new_round_are_judged_again() -> None:
    watch = Watch(controls=(), every=EVERY)
    watch.add([look(0, mirror=name) for name in ("amber", "birch", "cedar")])
    before = watch.verdicts(NOW)
    watch.add([look(2, mirror="birch")])

    after = watch.verdicts(later(2))

    judged = [mirror for (mirror, _), said in after.items() if said not in before.values()]
    kept = [one for one in after.values() if any(one is said for said in before.values())]
    assert judged == ["birch"]
    assert len(kept) == 2


@given(
    st.lists(
        st.builds(
            look,
            st.integers(-600, 0),
            st.sampled_from([OK, RESET, DOWN]),
            st.sampled_from(["in-1", "in-2", "out"]),
            mirror=st.sampled_from(["amber", "birch"]),
        ),
        max_size=60,
    ),
    st.integers(0, 60),
)
def test_rounds_that_come_in_little_by_little_say_the_same(rounds: list[Round], cut: int) -> None:
    watch = Watch(controls={"out"}, every=EVERY)
    watch.add(rounds[:cut])
    watch.verdicts(NOW)
    watch.add(rounds[cut:])

    said = watch.verdicts(NOW)

    assert said == assess(rounds, NOW, EVERY, {"out"})


def test_times_far_apart_are_told_by_their_round() -> None:
    newest: datetime = later(-30)

    (said,) = assess([look(-30)], NOW, EVERY).values()

    assert (said.state, said.since, said.sighting) == (Board.NO_DATA, newest, 0)


def test_looks_that_end_alike_share_one_ruling() -> None:
    watch = Watch(controls=(), every=EVERY)
    for number in range(3):
        watch.add([replace(look(number, OK), number=number + 1)])

    (rounds,) = watch.looks.values()
    assert len(rounds) == 3
    assert len({id(one.ruling) for one in rounds}) == 1


def test_shared_rulings_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reach.watch.RULINGS", 2)
    watch = Watch(controls=(), every=EVERY)

    for number in range(6):
        here = look(number, OK)
        other = replace(here.ruling, evidence=(f"speed {number}",))
        watch.add([replace(here, number=number + 1, ruling=other)])

    assert len(watch._rulings) <= 2


# looks that are seconds apart

PACE = 5 / 60


def row(start: float, *findings: Finding, vantage: str = "in-1", network: str = "") -> list[Round]:
    """Looks five seconds apart, from a minute on."""
    return [
        look(start + PACE * n, finding, vantage, network=network)
        for n, finding in enumerate(findings)
    ]


def test_older_looks_that_found_the_same_stand_for_each_other() -> None:
    watch = Watch(controls=(), every=5)
    watch.add(row(-100, *[OK] * 1200))

    kept = watch.looks[AMBER, "IR"]

    assert sum(one.times for one in kept) == 1200
    assert all(one.times == 1 for one in kept[-CLOSE:])
    assert len(kept) <= CLOSE + 2 * 3  # the first of each hour, and one for all the others


def test_looks_that_came_one_by_one_are_thinned_alike() -> None:
    rounds = row(-100, *[OK] * 700, *[RESET] * 300)
    little, once = Watch(controls=(), every=5), Watch(controls=(), every=5)
    for one in rounds:
        little.add([one])

    once.add(rounds)

    assert little.looks == once.looks


@pytest.mark.parametrize("open_of_ten", [0, 3, 6, 7, 10])
def test_thinned_looks_prove_what_all_of_them_do(
    open_of_ten: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pattern = [*[OK] * open_of_ten, *[RESET] * (10 - open_of_ten)] * 240
    rounds = [one for vantage in ("in-1", "in-2") for one in row(-200, *pattern, vantage=vantage)]
    thinned = assess(rounds, NOW, EVERY)
    monkeypatch.setattr("reach.watch.CLOSE", len(rounds))

    whole = assess(rounds, NOW, EVERY)

    assert thinned == whole


def test_a_vantage_that_moves_is_heard_for_each_network() -> None:
    watch = Watch(controls=(), every=5)
    watch.add(row(-40, *[OK] * 240, network="one"))
    watch.add(row(-20, *[OK] * 240, network="two"))

    kept = watch.looks[AMBER, "IR"]

    counts = {name: sum(o.times for o in kept if o.network == name) for name in ("one", "two")}
    assert counts == {"one": 240, "two": 240}


def test_what_one_vantage_says_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reach.watch.MOST", 100)
    watch = Watch(controls=(), every=5)

    watch.add(row(-90, *[OK, RESET] * 500))

    kept = watch.looks[AMBER, "IR"]
    assert len(kept) == 100
    assert kept[-1].at == max(one.at for one in kept)
