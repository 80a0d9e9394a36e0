"""Which parts are late, and how patient looks are."""

import pytest

from reach.patience import Patience
from service.running.beats import SLACK, Beats
from service.running.patience import LONGEST, SHORTEST, patience


def test_a_part_is_late_after_two_turns_and_some_slack() -> None:
    beats = Beats()
    beats.beat("looking", 100, 300)
    beats.beat("publishing", 100, 3600)

    assert beats.late(100 + 2 * 300 + SLACK) == ()
    assert beats.late(101 + 2 * 300 + SLACK) == ("looking",)
    assert beats.late(101 + 2 * 3600 + SLACK) == ("looking", "publishing")


def test_a_part_that_beats_again_is_late_no_more() -> None:
    beats = Beats()
    beats.beat("looking", 0, 300)
    beats.beat("looking", 5000, 300)

    assert beats.late(5001) == ()


def test_rounds_of_minutes_are_as_patient_as_the_notes_say() -> None:
    assert patience(300) == Patience()


@pytest.mark.parametrize("every", [1, 2, 5, 15, 60, 299, 3600, 86400])
def test_a_step_is_never_too_short_to_pass_nor_longer_than_usual(every: float) -> None:
    found = patience(every)

    assert SHORTEST <= found.tcp <= LONGEST
    assert found.dns <= Patience().dns
    assert found.exchange <= Patience().exchange
    assert found.whole <= Patience().whole


def test_rounds_that_follow_soon_have_short_steps() -> None:
    assert patience(5).tcp == SHORTEST
    assert patience(50).tcp == 5
