"""Statistics: when votes prove a block, and when they prove its end."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reach.statistics import (
    ARTEFACT,
    CAP,
    Ballot,
    Change,
    Standing,
    Turn,
    cell_weight,
    standing,
)
from tamizdat.verdict import Vote
from tests.kit.sights import NOW

BAD, GOOD, NONE = Vote.BLOCKED, Vote.OPEN, Vote.NONE


def ballot(
    hour: int, vote: Vote, network: str = "AS1", *, vantage: str = "", artefact: bool = False
) -> Ballot:
    return Ballot(
        at=NOW + timedelta(hours=hour),
        vantage=vantage or f"in {network}",
        network=network,
        vote=vote,
        artefact=artefact,
    )


def hours(
    first: int, last: int, vote: Vote, *networks: str, artefact: bool = False
) -> list[Ballot]:
    return [
        ballot(hour, vote, network, artefact=artefact)
        for hour in range(first, last)
        for network in networks
    ]


def turns(found: Standing, network: str | None = None) -> list[tuple[Turn, int]]:
    return [(c.turn, _hours(c.at)) for c in found.changes if c.network == network]


def _hours(at: datetime) -> int:
    return int((at - NOW) / timedelta(hours=1))


@pytest.mark.parametrize(
    ("votes", "artefact", "weight"),
    [
        ([BAD], False, CAP),
        ([BAD] * 50, False, CAP),
        ([BAD], True, CAP * ARTEFACT),
        ([GOOD], False, -CAP),
        ([GOOD] * 50, True, -CAP),
        ([NONE] * 50, True, 0.0),
        ([], False, 0.0),
    ],
)
def test_an_hour_of_one_line_says_no_more_than_its_cap(
    *,
    votes: list[Vote],
    artefact: bool,
    weight: float,
) -> None:
    assert cell_weight([ballot(0, v, artefact=artefact) for v in votes]) == pytest.approx(weight)


def test_one_network_proves_a_block_on_itself_after_six_hours_and_none_of_the_country() -> None:
    found = standing(hours(0, 40, BAD, "AS1"))

    assert turns(found, "AS1") == [(Turn.ONSET, 5)]
    assert found.blocked == ("AS1",)
    assert not found.national


def test_three_networks_prove_a_block_of_the_country_in_the_second_hour() -> None:
    found = standing(hours(0, 3, BAD, "AS1", "AS2", "AS3"))

    assert turns(found) == [(Turn.ONSET, 1)]
    assert found.national
    assert found.since == NOW + timedelta(hours=1)


def test_many_vantages_of_one_network_are_no_country() -> None:
    votes = [ballot(h, BAD, vantage=f"v{n}") for h in range(9) for n in range(5)]

    assert not standing(votes).national


def test_one_vantage_that_wanders_through_networks_is_no_country() -> None:
    votes = [ballot(h, BAD, f"AS{h % 3}", vantage="wanderer") for h in range(30)]

    assert not standing(votes).national


def test_a_hand_that_was_seen_proves_it_faster() -> None:
    slow = standing(hours(0, 9, BAD, "AS1"))
    fast = standing(hours(0, 9, BAD, "AS1", artefact=True))

    assert turns(fast, "AS1") == [(Turn.ONSET, 3)]
    assert turns(fast, "AS1") < turns(slow, "AS1")


def test_an_outage_of_some_hours_on_one_line_is_no_block() -> None:
    votes = hours(0, 20, GOOD, "AS1", "AS2") + hours(20, 24, BAD, "AS1")
    votes += hours(20, 24, GOOD, "AS2") + hours(24, 40, GOOD, "AS1", "AS2")

    assert standing(votes).changes == ()


def test_long_peace_does_not_hide_a_new_block() -> None:
    votes = hours(0, 500, GOOD, "AS1", "AS2") + hours(500, 504, BAD, "AS1", "AS2")

    assert turns(standing(votes)) == [(Turn.ONSET, 502)]


def test_a_lifting_takes_as_much_proof_as_an_onset() -> None:
    votes = hours(0, 10, BAD, "AS1", "AS2") + hours(10, 20, GOOD, "AS1", "AS2")

    found = standing(votes)

    assert turns(found) == [(Turn.ONSET, 2), (Turn.LIFTING, 12)]
    assert not found.national
    assert found.since is None


def test_one_good_hour_lifts_nothing() -> None:
    votes = hours(0, 10, BAD, "AS1", "AS2") + hours(10, 11, GOOD, "AS1", "AS2")

    assert standing(votes).national


def test_silence_lifts_nothing() -> None:
    votes = hours(0, 10, BAD, "AS1", "AS2") + hours(10, 200, NONE, "AS1", "AS2")

    assert standing(votes).national


@pytest.mark.parametrize("count", [0, 1, 2])
def test_below_three_votes_nothing_is_claimed(count: int) -> None:
    found = standing([ballot(0, BAD, f"AS{n}", artefact=True) for n in range(count)])

    assert not found.enough
    assert not found.national
    assert found.changes == ()


def votes() -> st.SearchStrategy[list[Ballot]]:
    one = st.builds(
        ballot,
        st.integers(0, 72),
        st.sampled_from(Vote),
        st.sampled_from(["AS1", "AS2", "AS3"]),
        artefact=st.booleans(),
    )
    return st.lists(one, max_size=150)


@given(votes(), st.randoms())
def test_the_order_in_which_votes_arrive_does_not_matter(
    cast: list[Ballot], chance: object
) -> None:
    shuffled = list(cast)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert standing(shuffled) == standing(cast)


@given(votes())
def test_open_votes_alone_prove_nothing(cast: list[Ballot]) -> None:
    peaceful = [one for one in cast if one.vote is not BAD]

    assert standing(peaceful).changes == ()


@given(votes())
def test_onset_and_lifting_take_turns(cast: list[Ballot]) -> None:
    found = standing(cast)

    for scope in (None, "AS1", "AS2", "AS3"):
        own: Iterable[Change] = [one for one in found.changes if one.network == scope]
        expected = [Turn.ONSET, Turn.LIFTING] * 99
        assert [one.turn for one in own] == expected[: len(list(own))]
