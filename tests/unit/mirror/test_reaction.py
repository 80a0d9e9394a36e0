"""What is done about mirrors in trouble: which incidents, which spare, and what is left alone."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from mirror.reaction import Action, CloseIncident, plan
from mirror.situation import EVERYWHERE
from tamizdat.board import CONTROL
from tamizdat.incident import Course, Incident
from tamizdat.placement import Mirror, MirrorId
from tamizdat.sighting import Round
from tamizdat.verdict import Board, Finding
from tests.unit.mirror.trouble import (
    CONTROL_VANTAGE,
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
    after,
    incident,
    known,
    look,
    looks,
    national,
    only,
    opened,
    situation,
)

AMBER, BIRCH, CEDAR = known("amber"), known("birch"), known("cedar")
DUNE, FERN = known("dune", SPARE), known("fern", SPARE)
TRIO = (AMBER, BIRCH, CEDAR)
BLOCKED = looks("amber", SNI, SNI)
WELL = [one for name in ("birch", "cedar", "dune") for one in looks(name, OK, OK)]
HOURS = timedelta(hours=1)


def closed(actions: Sequence[Action]) -> list[Incident]:
    return [one.incident for one in actions if isinstance(one, CloseIncident)]


# what opens an incident


HERE, ALL = [("amber", "IR")], [("amber", "ZZ")]
OPENINGS = [
    # what                            rounds                                             incidents
    ("nothing wrong",                 looks("amber", OK, OK),                            []),
    ("one look that failed",          looks("amber", OK, SNI),                           []),
    ("two looks that failed",         looks("amber", SNI, SNI),                          HERE),
    ("slow for everybody's eyes",     looks("amber", SLOW, SLOW),                        []),
    ("bad at a spare",                looks("dune", SNI, SNI),                           []),
    ("bad at a retired one",          looks("gone", SNI, SNI),                           []),
    ("bad at one we do not know",     looks("other", SNI, SNI),                          []),
    ("our own outage",                looks("amber", DOWN),                              ALL),
    ("our own outage, seen twice",
        looks("amber", DOWN) + looks("amber", DOWN, country="RU"),                       ALL),
    ("an outage that controls see",   looks("amber", DOWN, by=CONTROL_VANTAGE),          ALL),
    ("all turned away by the server", looks("amber", SERVER_SIDE, by=CONTROL_VANTAGE),   ALL),
    ("one country turned away",       looks("amber", SERVER_SIDE),                       HERE),
    ("a forgery that controls see too",
        looks("amber", FORGED) + looks("amber", FORGED, country="RU"),                   ALL),
    ("a block around a control",      looks("amber", SNI, SNI, by=CONTROL_VANTAGE),      []),
    ("a block in two countries",
        looks("amber", SNI, SNI) + looks("amber", SNI, SNI, country="RU"),
        [("amber", "IR"), ("amber", "RU")]),
    ("a block where the country is unknown, and an outage",
        looks("amber", SNI, SNI, country="ZZ") + looks("amber", DOWN),                   ALL),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rounds", "expected"), OPENINGS)
def test_trouble_of_an_active_mirror_opens_one_incident(
    what: str, rounds: list[Round], expected: list[tuple[str, str]]
) -> None:
    found = situation([*TRIO, DUNE, known("gone", RETIRED)], rounds)

    actions = plan(found)

    assert opened(actions) == expected, what


def test_an_incident_tells_what_is_seen_and_since_when() -> None:
    rounds = looks("amber", OK, SNI, SNI)

    made = only(after(situation(TRIO, rounds)))

    assert (made.state, made.finding, made.rule) == (Board.SUSPECTED, SNI, "suspicion.two_rounds")
    assert (made.since, made.opened) == (rounds[1].at, NOW)
    assert made.sighting == rounds[-1].number


def test_an_open_incident_is_kept_up_and_not_opened_again() -> None:
    rounds = national("amber")
    before = situation(TRIO, rounds, incidents=[incident()], budget=0)

    made = only(after(before))

    assert (made.number, made.state, made.rule) == (7, Board.BLOCKED, "statistics.national")
    assert made.sighting in {rounds[0].number, rounds[1].number}
    assert (made.since, made.opened) == (incident().since, incident().opened)


def test_a_block_that_only_the_count_remembers_keeps_its_finding() -> None:
    blocked = [look("amber", SNI, ago=60 * h, by=v) for h in range(7, 12) for v in ("v1", "v2")]
    rounds = [*blocked, look("amber", OK, by="v1"), look("amber", OK, by="v2")]

    made = only(after(situation(TRIO, rounds, incidents=[incident(finding=Finding.DNS)])))

    assert (made.state, made.finding) == (Board.BLOCKED, Finding.DNS)


# how it ends


ENDINGS = [
    # what                               looks since                                  lifted
    ("one good look",                    looks("amber", SNI, SNI, OK),                False),
    ("two good looks",                   looks("amber", SNI, SNI, OK, OK),            True),
    ("good, bad, good",                  looks("amber", OK, OK, SNI, OK),             False),
    ("slow looks",                       looks("amber", SNI, SLOW, SLOW),             False),
    ("nothing heard",                    [],                                          False),
    ("looks that say nothing",           looks("amber", SNI, OK, OK, NOTHING, NOTHING), False),
    ("good at one vantage of two",
        looks("amber", OK, OK) + looks("amber", SNI, SNI, OK, by="v2"),               False),
    ("good at both",
        looks("amber", OK, OK) + looks("amber", SNI, SNI, OK, OK, by="v2"),           True),
    ("one good look of each of two",
        looks("amber", OK) + looks("amber", OK, by="v2"),                             True),
    ("good looks from another country",  looks("amber", OK, OK, country="RU"),        False),
    ("nothing heard in between",         looks("amber", SNI, SNI, OK, NOTHING, OK),   True),
    ("our own outage in between",        looks("amber", SNI, SNI, DOWN, OK, OK),      True),
    ("turned away once more",            looks("amber", OK, OK, SERVER_SIDE, OK),     False),
    ("good looks from before",
        [look("amber", OK, ago=40), look("amber", OK, ago=35), look("amber", OK)],    False),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rounds", "lifted"), ENDINGS)
def test_an_incident_ends_after_two_good_looks(
    what: str, rounds: list[Round], *, lifted: bool
) -> None:
    actions = plan(situation(TRIO, rounds, incidents=[incident()], budget=0))

    assert [(one.course, one.closed) for one in closed(actions)] == (
        [(Course.LIFTED, NOW)] if lifted else []
    ), what


OUTAGES = [
    # what                             looks since                                       over
    ("one good look",                  looks("amber", DOWN, OK),                          False),
    ("two good looks",                 looks("amber", DOWN, OK, OK),                      True),
    ("still down for another",
        looks("amber", OK, OK) + looks("amber", DOWN, country="RU"),                      False),
    ("seen by a control",              looks("amber", DOWN, OK, OK, by=CONTROL_VANTAGE),  True),
    ("up, though somebody blocks it",  looks("amber", DOWN, SNI, SNI),                    True),
    ("nothing heard",                  [],                                                False),
    ("a control still turned away",
        looks("amber", OK, OK) + looks("amber", SERVER_SIDE, OK, by=CONTROL_VANTAGE),     False),
    ("a country still turned away",
        looks("amber", OK, OK) + looks("amber", SERVER_SIDE, country="RU"),               True),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rounds", "over"), OUTAGES)
def test_an_outage_ends_when_it_answers_twice(
    what: str, rounds: list[Round], *, over: bool
) -> None:
    outage = incident(country=EVERYWHERE, state=Board.DOWN, finding=DOWN)

    actions = plan(situation(TRIO, rounds, incidents=[outage], budget=0))

    assert bool(closed(actions)) is over, what


GONE = [
    ("retired", [known("amber", RETIRED)], "amber is retired now"),
    ("a spare again", [known("amber", SPARE)], "amber is spare now"),
    ("out of the config", [], "amber left the config"),
]


@pytest.mark.parametrize(("what", "mirrors", "detail"), GONE)
def test_an_incident_of_a_mirror_that_is_not_used_is_closed_as_it_stood(
    what: str, mirrors: list[Mirror], detail: str
) -> None:
    actions = plan(situation(mirrors, BLOCKED, incidents=[incident()]))

    assert [(one.course, one.detail) for one in closed(actions)] == [(Course.WATCHING, detail)], (
        what
    )


ALARMS = [
    # what                    the false alarm                                           opens again
    ("just now",              {},                                                       False),
    ("six hours ago",         {"closed": NOW - 6 * HOURS},                              True),
    ("of another finding",    {"finding": Finding.DNS},                                 True),
    ("in another country",    {"country": "RU"},                                        True),
    ("of another mirror",     {"mirror": MirrorId("birch")},                            True),
    ("lifted by itself",      {"course": Course.LIFTED},                                True),
]  # fmt: skip


@pytest.mark.parametrize(("what", "changes", "again"), ALARMS)
def test_a_false_alarm_mutes_the_same_finding_for_six_hours(
    what: str, changes: dict[str, object], *, again: bool
) -> None:
    alarm = incident(**{"course": Course.FALSE_ALARM, "closed": NOW, **changes})  # type: ignore[arg-type]

    actions = plan(situation(TRIO, BLOCKED, incidents=[alarm]))

    assert bool(opened(actions)) is again, what


def test_what_controls_see_is_no_country() -> None:
    found = situation(TRIO, looks("amber", SNI, SNI, by=CONTROL_VANTAGE))

    assert ("amber", CONTROL) in found.verdicts
    assert plan(found) == ()
