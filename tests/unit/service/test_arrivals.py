"""Arrivals: what an editor sees of a story's way out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.stories.arrivals import MOST, Arrivals
from tamizdat.article import Article, ArticleId
from tamizdat.board import Leg
from tamizdat.letter import LetterState
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tamizdat.story import Arrival
from tests.unit.tamizdat.test_article import ARTICLE

START = datetime(2026, 11, 23, 18, tzinfo=UTC)
AMBER, BIRCH, CEDAR = MirrorId("amber"), MirrorId("birch"), MirrorId("cedar")
GATEWAYS = {"post": None, "persian": "fa", "english": "en"}
ENGLISH = replace(ARTICLE, language="en", revision=1)


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def mirror(
    name: MirrorId,
    *,
    base: str | None = None,
    state: MirrorState = MirrorState.ACTIVE,
    exposure: Exposure = Exposure.PUBLIC,
) -> Mirror:
    return Mirror(
        id=name,
        backend="folder",
        base=base,
        folder=None,
        state=state,
        exposure=exposure,
        group="open",
    )


class Hall:
    """Arrivals over a pool that a test may change, and all that was told."""

    def __init__(self, *pool: Mirror) -> None:
        self.pool = list(pool or (mirror(AMBER), mirror(BIRCH)))
        self.told: list[Arrival] = []
        self.arrivals = Arrivals(
            mirrors=lambda: self.pool, gateways=GATEWAYS, tell=self.told.append
        )

    def out(self, article: Article = ENGLISH) -> None:
        """Release it, and build it into edition 7 two seconds later."""
        self.arrivals.released(article, START)
        self.arrivals.built(7, at(2))

    def shown(self, article: ArticleId = ENGLISH.id) -> Arrival:
        found = self.arrivals.of(article)
        assert found
        return found


def test_a_release_waits_for_everything() -> None:
    hall = Hall()

    hall.arrivals.released(ENGLISH, START)

    assert hall.told == [hall.shown()]
    assert hall.shown().legs == (
        Leg(name="released", done=1, wanted=1, seconds=0.0),
        Leg(name="built and signed", done=0, wanted=1),
        Leg(name="on mirrors", done=0, wanted=2),
        Leg(name="in gateways' feeds", done=0, wanted=2),
    )
    assert hall.shown().places == (
        ("amber", None),
        ("birch", None),
        ("post", None),
        ("english", None),
    )


def test_each_leg_tells_how_long_it_took_once_it_is_done() -> None:
    hall = Hall()
    hall.out()

    hall.arrivals.placed(AMBER, 7, at(5))
    half = hall.shown().legs[2]
    hall.arrivals.placed(BIRCH, 7, at(9))
    hall.arrivals.placed(AMBER, 7, at(30))
    hall.arrivals.mailed("post", ENGLISH.id, 1, LetterState.SEEN, at(15))
    hall.arrivals.mailed("post", ENGLISH.id, 1, LetterState.VERIFIED, at(20))
    hall.arrivals.mailed("english", ENGLISH.id, 1, LetterState.VERIFIED, at(40))

    assert half == Leg(name="on mirrors", done=1, wanted=2)
    assert [leg.seconds for leg in hall.shown().legs] == [0.0, 2.0, 9.0, 40.0]
    assert dict(hall.shown().places) == {"amber": 5.0, "birch": 9.0, "post": 20.0, "english": 40.0}
    assert len(hall.told) == 6


def test_a_mirror_without_the_storys_edition_does_not_hold_the_story() -> None:
    hall = Hall()
    hall.out()

    hall.arrivals.placed(AMBER, 6, at(3))
    hall.arrivals.placed(BIRCH, 8, at(4))

    assert dict(hall.shown().places)["amber"] is None
    assert dict(hall.shown().places)["birch"] == 4.0


def test_an_edition_that_was_begun_before_the_release_does_not_count() -> None:
    hall = Hall()
    hall.arrivals.released(ENGLISH, START)

    hall.arrivals.built(7, at(1), but=[ENGLISH.id])
    hall.arrivals.placed(AMBER, 7, at(2))
    early = hall.shown()
    hall.arrivals.built(8, at(4))

    assert (early.legs[1].done, early.legs[2].done) == (0, 0)
    assert hall.shown().legs[1].seconds == 4.0


def test_a_refusal_is_named_until_the_mirror_has_it() -> None:
    hall = Hall()
    hall.out()
    before = len(hall.told)

    hall.arrivals.refused(BIRCH, "the disk is full")
    hall.arrivals.refused(BIRCH, "the disk is full")
    named = hall.shown().refusals
    hall.arrivals.placed(BIRCH, 7, at(60))
    hall.arrivals.refused(BIRCH, "the disk is full again")

    assert named == (("birch", "the disk is full"),)
    assert hall.shown().refusals == ()
    assert len(hall.told) == before + 2


LETTERS = [
    (LetterState.ALTERED, "stands in its feed with other words"),
    (LetterState.LOST, "given up"),
]


@pytest.mark.parametrize(("state", "said"), LETTERS)
def test_a_letter_that_ended_badly_is_told(state: LetterState, said: str) -> None:
    hall = Hall()
    hall.out()

    hall.arrivals.mailed("post", ENGLISH.id, 1, state, at(9))
    hall.arrivals.mailed("post", ENGLISH.id, 1, state, at(10))

    assert hall.shown().refusals == (("post", said),)
    assert dict(hall.shown().places)["post"] is None


FOREIGN = [
    ("persian", ENGLISH.id, 1),  # wants another language
    ("post", ENGLISH.id, 2),  # another revision
    ("post", ArticleId("aaaaaaaaaaaaa"), 1),  # nobody waits for it
]


@pytest.mark.parametrize(("gateway", "article", "revision"), FOREIGN)
def test_a_letter_that_nobody_waits_for_changes_nothing(
    gateway: str, article: ArticleId, revision: int
) -> None:
    hall = Hall()
    hall.out()
    before = len(hall.told)

    hall.arrivals.mailed(gateway, article, revision, LetterState.VERIFIED, at(9))

    assert len(hall.told) == before


def test_a_story_that_no_gateway_wants_has_no_such_leg() -> None:
    hall = Hall()
    arrivals = Arrivals(
        mirrors=lambda: hall.pool, gateways={"persian": "fa"}, tell=hall.told.append
    )

    arrivals.released(ENGLISH, START)

    assert [leg.name for leg in hall.told[0].legs] == ["released", "built and signed", "on mirrors"]


def test_a_correction_begins_anew() -> None:
    hall = Hall()
    hall.out()
    hall.arrivals.placed(AMBER, 7, at(5))

    hall.arrivals.released(replace(ENGLISH, revision=2), at(100))
    hall.arrivals.placed(AMBER, 7, at(101))

    assert (hall.shown().revision, hall.shown().began) == (2, at(100))
    assert [leg.done for leg in hall.shown().legs] == [1, 0, 0, 0]


def test_a_withdrawal_waits_for_mirrors_only() -> None:
    hall = Hall(mirror(AMBER, base="https://amber.example/"), mirror(BIRCH))
    hall.out()

    hall.arrivals.withdrawn(ENGLISH.id, 1, at(100))
    hall.arrivals.built(8, at(101))
    hall.arrivals.placed(AMBER, 8, at(103))
    hall.arrivals.placed(BIRCH, 8, at(104))

    assert hall.shown().legs == (
        Leg(name="taken back", done=1, wanted=1, seconds=0.0),
        Leg(name="built and signed", done=1, wanted=1, seconds=1.0),
        Leg(name="gone from mirrors", done=2, wanted=2, seconds=4.0),
    )
    assert hall.shown().address is None


OFFERED = mirror(BIRCH, base="https://birch.example/")
ADDRESSES = [
    # the first mirror                                              where a reader finds it
    (mirror(AMBER, base="https://amber.example/"), f"https://amber.example/{ENGLISH.path}"),
    (mirror(AMBER), f"https://birch.example/{ENGLISH.path}"),
    (
        mirror(AMBER, base="https://amber.example/", exposure=Exposure.SECRET),
        f"https://birch.example/{ENGLISH.path}",
    ),
    (
        mirror(AMBER, base="https://amber.example/", state=MirrorState.SPARE),
        f"https://birch.example/{ENGLISH.path}",
    ),
]


@pytest.mark.parametrize(("first", "address"), ADDRESSES)
def test_the_address_is_one_that_anyone_may_know(first: Mirror, address: str) -> None:
    hall = Hall(first, OFFERED)
    hall.out()

    hall.arrivals.placed(AMBER, 7, at(5))
    hall.arrivals.placed(BIRCH, 7, at(6))

    assert hall.shown().address == address


def test_there_is_no_address_before_a_mirror_holds_it() -> None:
    hall = Hall(OFFERED)
    hall.out()

    assert hall.shown().address is None


def test_what_is_waited_for_follows_the_pool() -> None:
    hall = Hall(mirror(AMBER), mirror(BIRCH))
    hall.out()
    hall.arrivals.placed(AMBER, 7, at(5))

    retired = [replace(one, state=MirrorState.RETIRED) for one in hall.pool]
    hall.pool[:] = [*retired, mirror(CEDAR, state=MirrorState.SPARE)]
    rotated = hall.shown().places
    hall.pool[:] = [hall.pool[-1]]

    assert [name for name, _ in rotated] == ["amber", "cedar", "post", "english"]
    assert [name for name, _ in hall.shown().places] == ["cedar", "amber", "post", "english"]


def test_only_the_newest_stories_are_remembered() -> None:
    hall = Hall()
    stories = [replace(ENGLISH, id=ArticleId(f"{n:013d}")) for n in range(MOST + 1)]

    for story in stories:
        hall.arrivals.released(story, START)
    hall.arrivals.released(stories[1], at(1))
    hall.arrivals.released(ENGLISH, at(1))

    assert hall.arrivals.of(stories[0].id) is None
    assert hall.arrivals.of(stories[1].id) is not None
    assert hall.arrivals.of(stories[2].id) is None
