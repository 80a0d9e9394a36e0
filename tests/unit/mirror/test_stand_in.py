"""Which spare stands in for a mirror in trouble, how many come, and what becomes of them."""

from datetime import timedelta

import pytest

from mirror.reaction import TAKEN_BACK, plan, taken_back
from mirror.situation import EVERYWHERE
from tamizdat.incident import Course, Incident
from tamizdat.placement import Exposure, Mirror, MirrorId
from tamizdat.sighting import Round
from tamizdat.verdict import Board
from tests.unit.mirror.trouble import (
    DOWN,
    FORGED,
    NOTHING,
    NOW,
    OK,
    RETIRED,
    SERVER_SIDE,
    SLOW,
    SNI,
    SPARE,
    added,
    after,
    incident,
    known,
    look,
    looks,
    national,
    only,
    opened,
    situation,
    turn,
    waits,
)

AMBER, BIRCH, CEDAR = known("amber"), known("birch"), known("cedar")
DUNE, FERN = known("dune", SPARE), known("fern", SPARE)
TRIO = (AMBER, BIRCH, CEDAR)
BLOCKED = looks("amber", SNI, SNI)
WELL = [one for name in ("birch", "cedar", "dune") for one in looks(name, OK, OK)]
HOURS = timedelta(hours=1)


def standing_in(spare: str = "dune", **changes: object) -> Incident:
    """An incident that a spare answers since turn 3."""
    made = {"spare": MirrorId(spare), "turn": 3, "course": Course.ADDED}
    return incident(**{**made, **changes})  # type: ignore[arg-type]


# which spare comes


def test_a_suspicion_adds_one_spare_and_retires_nothing() -> None:
    before = situation([*TRIO, DUNE, FERN], BLOCKED + WELL)

    found = after(before)

    assert added(plan(before)) == ["dune"]
    assert [one.id for one in found.mirrors if one.state is not SPARE] == [
        "amber", "birch", "cedar", "dune",
    ]  # fmt: skip
    assert (only(found).course, only(found).spare, only(found).turn) == (Course.ADDED, "dune", 1)
    assert only(found).detail == "dune was added, and not read from IR yet"
    assert [(one.mirror, one.country, one.retired, one.automatic) for one in found.turns] == [
        ("amber", "IR", (), True)
    ]


LOST = known("amber", host="cloud")
ALIKE, APART = known("dune", SPARE, host="cloud"), known("fern", SPARE, backend="folder")
TOLD = known("dune", SPARE, exposure=Exposure.GROUP)
CHOICES = [
    # what                                 spares         looks at them                    chosen
    ("the first by id",                    [FERN, DUNE],  [],                              "dune"),
    ("one read from there first",          [DUNE, FERN],  looks("fern", OK),               "fern"),
    ("one read slowly before one unseen",  [DUNE, FERN],  looks("fern", SLOW, SLOW),       "fern"),
    ("one read before one read slowly",    [DUNE, FERN],
        looks("dune", SLOW, SLOW) + looks("fern", OK),                                     "fern"),
    ("another host before the same",       [ALIKE, FERN], [],                              "fern"),
    ("another backend before the same",    [DUNE, APART], [],                              "fern"),
    ("one read, though it is alike",       [ALIKE, FERN], looks("dune", OK),               "dune"),
    ("none that is bad there",             [DUNE, FERN],  looks("dune", SNI, SNI),         "fern"),
    ("none that failed there just now",    [DUNE, FERN],  looks("dune", OK, SNI),          "fern"),
    ("none that failed when last heard",   [DUNE, FERN],  looks("dune", OK, SNI, NOTHING), "fern"),
    ("none that is down", [DUNE, FERN],    looks("dune", DOWN, country="RU"),              "fern"),
    ("one turned away elsewhere",    [DUNE], looks("dune", SERVER_SIDE, country="RU"),     "dune"),
    ("one that is bad elsewhere",    [DUNE], looks("dune", SNI, SNI, country="RU"),        "dune"),
    ("a group's own one",                  [TOLD],        [],                              "dune"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "spares", "rounds", "chosen"), CHOICES)
def test_the_spare_that_fits_best_is_added(
    what: str, spares: list[Mirror], rounds: list[Round], chosen: str
) -> None:
    found = situation([LOST, BIRCH, CEDAR, *spares], BLOCKED + rounds)

    assert added(plan(found))[:1] == [chosen], what


LACKS = [
    # what                          spares                                     looks, reason
    ("there is none",               [],                                        [],
        "no spare in group open"),
    ("another group's",             [known("dune", SPARE, group="vip")],       [],
        "no spare in group open"),
    ("a secret one",                [known("dune", SPARE, exposure=Exposure.SECRET)], [],
        "no spare in group open"),
    ("one without an address",      [known("dune", SPARE, base=False)],        [],
        "no spare in group open"),
    ("a retired one",               [known("dune", RETIRED)],                  [],
        "no spare in group open"),
    ("one that is bad there",       [DUNE], looks("dune", SNI, SNI),
        "no spare in group open can be read from IR"),
    ("one that failed just now",    [DUNE], looks("dune", OK, SNI),
        "no spare in group open can be read from IR"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "spares", "rounds", "reason"), LACKS)
def test_without_a_spare_that_fits_it_waits_for_a_person(
    what: str, spares: list[Mirror], rounds: list[Round], reason: str
) -> None:
    before = situation([*TRIO, *spares], BLOCKED + rounds)

    found = after(before)

    assert waits(plan(before)) == [reason], what
    assert (only(found).course, only(found).detail) == (Course.WAITING, reason)
    assert plan(found) == ()


def test_a_spare_that_does_not_hold_the_edition_is_passed_over() -> None:
    both = situation([*TRIO, DUNE, FERN], BLOCKED, unready={DUNE.id})
    one = situation([*TRIO, DUNE], BLOCKED, unready={DUNE.id})

    assert added(plan(both)) == ["fern"]
    assert waits(plan(one)) == ["no spare in group open holds the newest edition"]


def test_a_secret_mirror_is_replaced_by_a_secret_one_of_its_group() -> None:
    secret = Exposure.SECRET
    mirrors = [
        known("amber", exposure=secret, group="vip"),
        DUNE,
        known("fern", SPARE, exposure=secret, group="vip"),
    ]

    assert added(plan(situation(mirrors, BLOCKED))) == ["fern"]


def test_what_waited_for_a_spare_gets_one_when_there_is_one() -> None:
    waiting = incident(course=Course.WAITING, detail="no spare in group open")

    found = after(situation([*TRIO, DUNE], BLOCKED, incidents=[waiting]))

    assert (only(found).course, only(found).spare) == (Course.ADDED, "dune")


# how many


def fallen(count: int, *, of: int, spares: int) -> tuple[list[Mirror], list[Round]]:
    names = [f"m{n}" for n in range(of)]
    mirrors = [known(name) for name in names] + [known(f"s{n}", SPARE) for n in range(spares)]
    rounds = [one for name in names[:count] for one in looks(name, SNI, SNI)]
    rounds += [one for name in names[count:] for one in looks(name, OK, OK)]
    return mirrors, rounds


NUMBERS = [
    # fallen, of, spares, added
    (1, 8, 9, 1),  # the first of a group in a country always gets one
    (5, 8, 9, 1),  # three can still be read: one serves all
    (5, 7, 9, 1),  # two can still be read, and the spare makes three
    (5, 6, 9, 2),
    (5, 5, 9, 3),
    (2, 3, 9, 2),
    (3, 3, 9, 3),
    (3, 3, 2, 2),
    (1, 1, 9, 1),
]


@pytest.mark.parametrize(("count", "of", "spares", "expected"), NUMBERS)
def test_spares_are_added_until_three_mirrors_can_be_read(
    count: int, of: int, spares: int, expected: int
) -> None:
    mirrors, rounds = fallen(count, of=of, spares=spares)

    before = situation(mirrors, rounds, budget=9)

    assert len(added(plan(before))) == expected
    assert len(opened(plan(before))) == count


def test_a_spare_serves_others_as_long_as_three_can_be_read() -> None:
    mirrors, rounds = fallen(2, of=6, spares=2)

    found = after(situation(mirrors, rounds))

    assert [(one.spare, one.turn) for one in found.open] == [("s0", 1), ("s0", 1)]


def test_no_data_is_no_way_in() -> None:
    mirrors, rounds = fallen(2, of=6, spares=3)
    unseen = [one for one in rounds if one.ruling.finding is not OK]

    assert len(added(plan(situation(mirrors, unseen)))) == 2


def test_a_spare_added_for_one_country_serves_another_that_reads_it() -> None:
    rounds = BLOCKED + looks("amber", SNI, SNI, country="RU") + looks("dune", OK, country="RU")
    rounds += [one for name in ("birch", "cedar") for one in looks(name, OK, country="RU")]

    found = after(situation([*TRIO, DUNE, FERN], rounds + WELL))

    assert [(one.country, one.spare) for one in found.open] == [("IR", "dune"), ("RU", "dune")]


def test_a_spare_added_for_one_country_does_not_serve_where_nobody_read_it() -> None:
    rounds = BLOCKED + looks("amber", SNI, SNI, country="RU")

    found = after(situation([*TRIO, DUNE, FERN], rounds + WELL))

    assert [(one.country, one.spare) for one in found.open] == [("IR", "dune"), ("RU", "fern")]


def test_the_budget_of_a_day_is_kept() -> None:
    mirrors, rounds = fallen(3, of=3, spares=3)
    old = turn("s0", number=1, at=NOW - timedelta(days=1))
    late = turn("s1", number=2, at=NOW - 23 * HOURS, undone=NOW - 22 * HOURS)
    by_hand = turn("s2", number=3, automatic=False, country=None)

    actions = plan(situation(mirrors, rounds, budget=2, turns=[old, late, by_hand]))

    assert len(added(actions)) == 1
    assert waits(actions) == ["the day's budget of 2 is spent"] * 2


def test_a_budget_of_nothing_adds_nothing() -> None:
    actions = plan(situation([*TRIO, DUNE], BLOCKED, budget=0))

    assert waits(actions) == ["the day's budget of 0 is spent"]


# what adds none


NONE_ADDED = [
    ("our own outage", looks("amber", DOWN, DOWN)),
    ("a server that turns a country away", looks("amber", SERVER_SIDE, SERVER_SIDE)),
    ("one look at a forgery", looks("amber", OK, FORGED)),
    ("two looks at a forgery, by two", looks("amber", FORGED) + looks("amber", FORGED, by="v2")),
]


@pytest.mark.parametrize(("what", "rounds"), NONE_ADDED)
def test_some_trouble_is_only_watched(what: str, rounds: list[Round]) -> None:
    before = situation([*TRIO, DUNE], rounds)

    found = after(before)

    assert not added(plan(before)), what
    assert only(found).course is Course.WATCHING


def test_a_forgery_for_everybody_adds_one_spare_for_all() -> None:
    rounds = looks("amber", FORGED, FORGED) + looks("amber", FORGED, FORGED, country="RU")
    rounds += looks("dune", SNI, SNI) + looks("fern", OK, country="RU")

    before = situation([*TRIO, DUNE, FERN], rounds)

    assert added(plan(before)) == ["fern"]
    assert (only(after(before)).country, only(after(before)).state) == (EVERYWHERE, Board.ALTERED)


# what becomes of it


def test_a_later_look_that_reads_the_spare_verifies_it() -> None:
    dune = known("dune")
    rounds = [*BLOCKED, look("dune", OK, ago=20), look("dune", OK, ago=10), look("dune", OK)]
    before = situation([*TRIO, dune], rounds, incidents=[standing_in()], turns=[turn("dune")])

    made = only(after(before))

    assert (made.course, made.verified) == (Course.VERIFIED, NOW - timedelta(minutes=10))
    assert made.detail == "dune was read from IR 900 s later"


NOT_READ = [
    ("it was before the turn", [look("dune", OK, ago=20)]),
    ("it was from elsewhere", [look("dune", OK, ago=1, country="RU")]),
    ("it failed", [look("dune", SNI, ago=1)]),
    ("it was of another mirror", [look("birch", OK, ago=1)]),
]


@pytest.mark.parametrize(("why", "rounds"), NOT_READ)
def test_a_look_that_proves_nothing_verifies_nothing(why: str, rounds: list[Round]) -> None:
    mirrors = [*TRIO, known("dune")]
    before = situation(mirrors, BLOCKED + rounds, incidents=[standing_in()], turns=[turn("dune")])

    assert only(after(before)).course is Course.ADDED, why


def test_a_spare_for_all_is_verified_from_anywhere() -> None:
    rounds = looks("amber", FORGED, FORGED) + looks("dune", OK, country="RU")
    made = standing_in(country=EVERYWHERE, state=Board.ALTERED)

    found = after(situation([*TRIO, known("dune")], rounds, incidents=[made]))

    assert only(found).detail == "dune was read from anywhere 1500 s later"


def test_only_a_national_verdict_with_a_verified_spare_proposes_to_retire() -> None:
    mirrors = [*TRIO, known("dune")]
    unread = situation(mirrors, national("amber"), incidents=[standing_in()])
    read = situation(mirrors, national("amber") + looks("dune", OK), incidents=[standing_in()])

    assert only(after(unread)).course is Course.ADDED
    assert only(after(read)).course is Course.WAITING
    assert only(after(read)).detail == "blocked in all of IR: tamizdat mirror rotate amber"
    assert all(one.state is not RETIRED for one in after(read).mirrors)


def test_a_proposal_stays_while_nobody_looks() -> None:
    proposed = standing_in(course=Course.WAITING, verified=NOW - timedelta(minutes=9))

    made = only(after(situation([*TRIO, known("dune")], [], incidents=[proposed])))

    assert made.course is Course.WAITING


def test_a_spare_that_falls_too_is_replaced_and_its_own_trouble_told() -> None:
    dune = known("dune")
    rounds = BLOCKED + looks("dune", SNI, SNI) + looks("birch", OK) + looks("cedar", OK)
    before = situation([*TRIO, dune, FERN], rounds, incidents=[standing_in()], turns=[turn("dune")])

    found = after(before)

    assert added(plan(before)) == ["fern"]
    assert [(one.mirror, one.spare, one.turn) for one in found.open] == [
        ("amber", "fern", 4),
        ("dune", "fern", 4),
    ]


def test_a_spare_that_a_person_retired_is_replaced() -> None:
    before = situation([*TRIO, known("dune", RETIRED), FERN], BLOCKED, incidents=[standing_in()])

    assert added(plan(before)) == ["fern"]


def test_a_spare_that_a_person_took_back_is_not_added_again() -> None:
    before = situation([*TRIO, DUNE, FERN], BLOCKED, incidents=[standing_in()])

    found = after(before)

    assert not added(plan(before))
    assert only(found) == taken_back(only(found))
    assert (only(found).spare, only(found).turn) == (None, 3)
    assert (only(found).course, only(found).detail) == (Course.WAITING, TAKEN_BACK)


def test_a_turn_whose_incident_was_not_written_is_not_taken_twice() -> None:
    """The program was killed between the two."""
    before = situation(
        [*TRIO, known("dune"), FERN], BLOCKED, incidents=[incident()], turns=[turn("dune")]
    )

    found = after(before)

    assert not added(plan(before))
    assert (only(found).spare, only(found).turn) == ("dune", 3)


def test_a_block_that_comes_back_finds_its_spare_still_there() -> None:
    earlier = turn("dune", at=NOW - 5 * HOURS)

    found = after(situation([*TRIO, known("dune"), FERN], BLOCKED, turns=[earlier]))

    assert only(found).spare == "dune"


# what only groups learn
