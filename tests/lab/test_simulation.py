"""Hand-out at full size: twenty thousand readers for half a year, against each kind of censor."""

from dataclasses import replace
from statistics import fmean

import pytest

from mirror.simulator.run import Course, run
from mirror.simulator.scenario import Channel, Manner, Scenario, Spread

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]
SEEDS = range(12)
HALF_A_YEAR = Scenario(readers=20_000, days=180, daily=4)
WIDE = (Channel(name="mail", share=1.0, width=256),)
FOUR = tuple(Channel(name=name, share=0.25, width=16) for name in "abcd")


def courses(scenario: Scenario) -> list[Course]:
    found = [run(scenario, seed) for seed in SEEDS]
    print(  # noqa: T201 - the figures are the point
        f"{scenario.informers} {scenario.manner} {scenario.spread} {scenario.lands} lands:",
        f"served {fmean(one.mean for one in found):.1%},",
        f"last 60 days {fmean(one.over(121, 180) for one in found):.1%},",
        f"crisis week {fmean(one.over(120, 126) for one in found):.1%},",
        f"public {fmean(one.public for one in found):.1%},",
        f"made {fmean(one.made for one in found):.0f}",
    )
    return found


@pytest.mark.parametrize("falls_back", [True, False])
def test_twenty_informers_leave_ninety_six_percent_served(*, falls_back: bool) -> None:
    found = courses(replace(HALF_A_YEAR, informers=20, falls_back=falls_back))

    assert fmean(one.mean for one in found) >= 0.96


@pytest.mark.parametrize("falls_back", [True, False])
def test_a_hundred_informers_leave_ninety_percent_served_in_the_end(*, falls_back: bool) -> None:
    found = courses(replace(HALF_A_YEAR, informers=100, falls_back=falls_back))

    assert fmean(one.mean for one in found) >= 0.73
    assert fmean(one.over(121, 180) for one in found) >= 0.90


def test_a_patient_censor_takes_a_tenth_in_its_week() -> None:
    patient = replace(HALF_A_YEAR, manner=Manner.PATIENT, channels=WIDE, stock=456)

    found = courses(replace(patient, informers=20))

    assert fmean(one.over(120, 126) for one in found) >= 0.90


@pytest.mark.parametrize("informers", [400, 2000])
def test_where_mirrors_run_out_readers_are_served_no_worse_than_by_a_public_list(
    informers: int,
) -> None:
    for one in courses(replace(HALF_A_YEAR, informers=informers)):
        assert one.mean >= one.public


def test_a_censor_who_waits_for_a_loss_to_look_like_chance_gains_little() -> None:
    found = courses(replace(HALF_A_YEAR, informers=100, manner=Manner.ADAPTIVE))

    assert fmean(one.mean for one in found) >= 0.95


def test_a_leaking_channel_leaves_the_others_alone() -> None:
    clustered = replace(HALF_A_YEAR, spread=Spread.CLUSTERED, channels=FOUR)

    found = courses(replace(clustered, informers=100))

    assert fmean(one.mean for one in found) >= 0.90


def test_two_countries_do_not_block_for_each_other() -> None:
    halves = (Channel(name="mail", share=1.0, width=32),)

    found = courses(replace(HALF_A_YEAR, informers=40, lands=2, channels=halves))

    assert fmean(one.over(121, 180) for one in found) >= 0.93
