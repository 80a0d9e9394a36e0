"""Secret mirrors in trouble: each has a spare of its own, and what nobody knows has none."""

from dataclasses import replace

from mirror.planner import fits
from mirror.reaction import plan
from tamizdat.incident import Course
from tamizdat.placement import Exposure
from tests.unit.mirror.trouble import (
    ACTIVE,
    OK,
    SNI,
    SPARE,
    added,
    after,
    known,
    looks,
    only,
    situation,
)

AMBER = known("amber")
OAK, PINE, REED, SAGE = (
    known(name, state, exposure=Exposure.SECRET, group="mail")
    for name, state in (("oak", ACTIVE), ("pine", ACTIVE), ("reed", SPARE), ("sage", SPARE))
)


def test_each_secret_mirror_in_trouble_has_a_spare_of_its_own() -> None:
    rounds = looks("oak", SNI, SNI) + looks("pine", SNI, SNI) + looks("amber", OK, OK)

    found = plan(situation([AMBER, OAK, PINE, REED, SAGE], rounds))

    assert added(found) == ["reed", "sage"]


def test_nobody_misses_a_mirror_that_nobody_was_told_of() -> None:
    rounds = looks("oak", SNI, SNI) + looks("amber", OK, OK)
    there = situation([AMBER, OAK, PINE, REED], rounds, untold={OAK.id})

    assert added(plan(there)) == []
    assert only(after(there)).course is Course.WATCHING


def test_a_canary_stands_in_for_nobody() -> None:
    wren = replace(REED, canary=True)

    assert added(plan(situation([AMBER, OAK, wren], looks("oak", SNI, SNI)))) == []
    assert not fits(REED, replace(OAK, canary=True))
