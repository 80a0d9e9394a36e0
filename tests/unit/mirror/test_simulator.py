"""The simulator: the hand-out of this program, against censors that do not exist."""

from dataclasses import replace

import pytest
from lxml import etree

from mirror.distributor.growth import Policy
from mirror.simulator.plot import drawn
from mirror.simulator.run import run
from mirror.simulator.scenario import Channel, Manner, Scenario, Spread

FEW = (Channel(name="mail", share=1.0, width=8),)
SMALL = Scenario(readers=2000, informers=10, days=60, stock=12, daily=1, channels=FEW)
SEED = 7


def test_the_same_seed_gives_the_same_course_and_another_another() -> None:
    assert run(SMALL, SEED) == run(SMALL, SEED)
    assert run(SMALL, SEED) != run(SMALL, SEED + 1)


def test_without_informers_and_chance_everybody_is_served_and_nothing_is_burnt() -> None:
    course = run(replace(SMALL, informers=0, hazard=0.0), SEED)

    assert set(course.served) == {1.0}
    assert (course.burnt, course.made) == (0, 8)


def test_without_any_mirrors_readers_have_what_a_public_list_gives() -> None:
    course = run(replace(SMALL, stock=0, daily=0), SEED)

    assert course.served == course.slow


@pytest.mark.parametrize("informers", [10, 100, 1000])
@pytest.mark.parametrize("manner", Manner)
def test_readers_are_never_served_worse_than_by_a_public_list(
    informers: int, manner: Manner
) -> None:
    scenario = replace(SMALL, informers=informers, manner=manner, until=30)

    course = run(scenario, SEED)

    assert all(ours >= public for ours, public in zip(course.served, course.slow, strict=True))


def test_a_patient_censor_strikes_on_its_day() -> None:
    course = run(replace(SMALL, manner=Manner.PATIENT, until=30, hazard=0.0), SEED)

    assert set(course.served[:29]) == {1.0}
    assert course.served[29] < 1.0


def test_a_leaking_channel_takes_little_from_the_others() -> None:
    four = tuple(Channel(name=name, share=0.25, width=4) for name in "abcd")
    clustered = replace(SMALL, informers=40, spread=Spread.CLUSTERED, channels=four)

    course = run(clustered, SEED)

    assert course.over(31, 60) > 0.75


def test_countries_have_censors_of_their_own() -> None:
    course = run(replace(SMALL, lands=2, channels=FEW, stock=24), SEED)

    assert course.groups >= 16
    assert 0.5 < course.mean < 1.0


def test_each_day_is_told() -> None:
    told: list[tuple[int, float]] = []

    course = run(SMALL, SEED, lambda day, share: told.append((day, share)))

    assert told == list(enumerate(course.served, start=1))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"channels": (Channel(name="mail", share=0.5, width=8),)}, "add up to 1"),
        ({"informers": 3000}, "informers are readers"),
        ({"days": 0}, "a day and a country"),
        ({"lands": 0}, "a day and a country"),
    ],
)
def test_what_cannot_be_simulated_is_refused(keys: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(SMALL, **keys)  # type: ignore[arg-type]


def test_a_picture_has_a_line_for_us_and_one_for_a_public_list() -> None:
    courses = [run(SMALL, seed) for seed in range(3)]

    picture = etree.fromstring(drawn("ten <informers>", courses).encode())

    kinds = [one.get("class") for one in picture.iter() if one.tag.endswith("line")]
    points = [one.get("points", "").split() for one in picture.iter() if one.get("points")]
    assert kinds == ["public", "ours"]
    assert [len(one) for one in points] == [120, 60, 60]
    assert Policy() == SMALL.policy
