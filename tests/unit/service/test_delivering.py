"""How far an edition is: counted once, never backwards, and only for mirrors in use."""

from datetime import UTC, datetime, timedelta

from service.running.delivering import MAILED, PUT, SEEN, Delivering
from tamizdat.board import Delivery, Leg
from tamizdat.placement import MirrorId, Placement, Refusal

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
AMBER, BIRCH = MirrorId("amber"), MirrorId("birch")


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def placed(mirror: MirrorId, edition: int = 2) -> Placement:
    return Placement(mirror=mirror, edition=edition, url="", at=START, writes=1, readbacks=1)


def begun() -> Delivering:
    delivering = Delivering()
    delivering.begin(2, START, later(0.5))
    return delivering


def leg(delivering: Delivering, name: str) -> Leg:
    return next(one for one in shown(delivering).legs if one.name == name)


def shown(delivering: Delivering) -> Delivery:
    found = delivering.shown([AMBER, BIRCH], [AMBER, BIRCH])
    assert found is not None
    return found


def test_before_the_first_edition_there_is_nothing_to_show() -> None:
    assert Delivering().shown([AMBER], []) is None


def test_a_leg_is_timed_when_the_last_mirror_has_it() -> None:
    delivering = begun()

    delivering.placed(placed(AMBER), later(1))
    half = leg(delivering, PUT)
    delivering.placed(placed(BIRCH), later(3))
    delivering.placed(placed(AMBER), later(60))

    assert (half.done, half.wanted, half.seconds) == (1, 2, None)
    assert leg(delivering, PUT).seconds == 3


def test_an_older_edition_arriving_late_counts_for_nothing() -> None:
    delivering = begun()

    delivering.placed(placed(AMBER, edition=1), later(1))

    assert leg(delivering, PUT).done == 0


def test_a_refusal_is_named_until_the_mirror_has_the_edition() -> None:
    delivering = begun()

    delivering.placed(Refusal(mirror=AMBER, detail="no answer", retry=True), later(1))
    refused = shown(delivering).refusals
    delivering.placed(placed(AMBER), later(2))

    assert refused == (("amber", "no answer"),)
    assert shown(delivering).refusals == ()


def test_a_mirror_that_refuses_again_no_longer_counts() -> None:
    delivering = begun()
    delivering.placed(placed(AMBER), later(1))

    delivering.placed(Refusal(mirror=AMBER, detail="gone", retry=True), later(9))

    assert leg(delivering, PUT).done == 0


def test_only_a_look_after_the_placement_has_seen_it() -> None:
    delivering = begun()
    delivering.placed(placed(AMBER), later(5))

    delivering.looked([AMBER, BIRCH], later(4))
    early = leg(delivering, SEEN).done
    delivering.looked([AMBER, BIRCH], later(6))

    assert early == 0
    assert leg(delivering, SEEN).done == 1


def test_letters_are_timed_once_all_are_verified() -> None:
    delivering = begun()

    none = [one.name for one in shown(delivering).legs]
    delivering.letters(1, 2, later(3))
    half = leg(delivering, MAILED)
    delivering.letters(2, 2, later(4))
    delivering.letters(2, 2, later(50))

    assert MAILED not in none
    assert (half.done, half.wanted, half.seconds) == (1, 2, None)
    assert leg(delivering, MAILED).seconds == 4


def test_the_next_edition_begins_from_nothing_and_the_same_one_does_not() -> None:
    delivering = begun()
    delivering.placed(placed(AMBER), later(1))

    again = delivering.begin(2, later(9), later(9))
    kept = leg(delivering, PUT).done
    new = delivering.begin(3, later(9), later(10))

    assert (again, kept, new) == (False, 1, True)
    assert leg(delivering, PUT).done == 0


def test_mirrors_that_are_no_longer_in_use_are_not_counted() -> None:
    delivering = begun()
    delivering.placed(placed(AMBER), later(1))
    delivering.placed(Refusal(mirror=BIRCH, detail="gone", retry=True), later(1))

    found = delivering.shown([AMBER], [AMBER])

    assert found is not None
    assert found.refusals == ()
    assert found.legs[1].wanted == 1


def test_mirrors_without_an_address_are_not_waited_for_outside() -> None:
    delivering = begun()

    some = delivering.shown([AMBER, BIRCH], [AMBER])
    none = delivering.shown([AMBER, BIRCH], [])

    assert some is not None
    assert none is not None
    assert [one.wanted for one in some.legs if one.name == SEEN] == [1]
    assert [one for one in none.legs if one.name == SEEN] == []
