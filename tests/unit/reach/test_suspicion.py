"""Suspicion: what two rounds show, and what only a count of networks does."""

from datetime import timedelta

import pytest

from reach.judge import judge
from reach.statistics import Ballot, Standing, standing
from reach.suspicion import suspected, verdict
from tamizdat.measurement import Step
from tamizdat.sighting import Round, Sighting
from tamizdat.verdict import Board, Vote
from tests.kit.sights import GOOD, NOW, PLAIN, check, dns, http, later, sight, tcp, tls, vantage

RESET = (dns("192.0.2.10"), tcp(), tls("connection_reset"))
ALTERED = (*GOOD[:-1], check("invalid"))
LINE_DEAD = (
    dns(code="generic_timeout_error"),
    http("generic_timeout_error", purpose=dns().purpose.CANARY),
)


def rounds(
    *kinds: tuple[Step, ...], control: tuple[Step, ...] = GOOD, by: str = "v1"
) -> list[Round]:
    found = []
    for number, steps in enumerate(kinds):
        here = sight(*steps, at=later(number * 5), by=vantage(by))
        beside = sight(*control, at=later(number * 5))
        found.append(Sighting(here=here, control=beside, ruling=judge(here, beside)).round)
    return found


def blocked(*networks: str, hours: int = 4) -> Standing:
    return standing(
        [
            Ballot(at=NOW + timedelta(hours=h), vantage=n, network=n, vote=Vote.BLOCKED)
            for n in networks
            for h in range(-hours, 0)
        ]
    )


CASES = [
    # rounds, oldest first                       suspected  board
    ((GOOD,), False, Board.REACHABLE),
    ((RESET,), False, Board.NO_DATA),
    ((GOOD, RESET), False, Board.REACHABLE),
    ((RESET, RESET), True, Board.SUSPECTED),
    ((GOOD, RESET, RESET), True, Board.SUSPECTED),
    ((RESET, RESET, GOOD), False, Board.REACHABLE),
    ((RESET, GOOD, RESET), False, Board.REACHABLE),
    ((ALTERED, ALTERED), True, Board.ALTERED),
    ((LINE_DEAD, LINE_DEAD), False, Board.NO_DATA),
]


@pytest.mark.parametrize(("kinds", "fear", "board"), CASES)
def test_rounds_of_one_vantage(
    *, kinds: tuple[tuple[Step, ...], ...], fear: bool, board: Board
) -> None:
    seen = rounds(*kinds)

    assert suspected(seen) is fear
    assert verdict(seen).state is board


def test_our_own_outage_raises_no_suspicion() -> None:
    down = (dns("192.0.2.10"), tcp("connection_refused"))

    seen = rounds(down, down, down, control=down)

    assert not suspected(seen)
    assert verdict(seen).state is Board.DOWN


def test_rounds_of_two_vantages_are_not_added_up() -> None:
    seen = rounds(RESET, by="v1") + rounds(RESET, by="v2")

    assert verdict(seen).state is Board.NO_DATA


def test_a_suspicion_is_as_old_as_its_first_bad_round() -> None:
    told = verdict(rounds(GOOD, RESET, RESET, RESET))

    assert told.since == later(5)
    assert told.rule == "suspicion.two_rounds"


def test_what_is_long_ago_says_nothing_now() -> None:
    old = rounds(RESET)[0]
    here = sight(*RESET, at=later(60 * 7))
    beside = sight(*GOOD, at=later(60 * 7))
    new = Sighting(here=here, control=beside, ruling=judge(here, beside)).round

    assert verdict([old, new]).state is Board.NO_DATA


def test_a_proven_block_stays_until_the_count_lifts_it() -> None:
    told = verdict(rounds(RESET, GOOD), blocked("AS1", "AS2", "AS3"))

    assert told.state is Board.BLOCKED
    assert told.rule == "statistics.national"


def test_a_block_on_one_network_is_a_suspicion_of_the_country() -> None:
    told = verdict(rounds(GOOD), blocked("AS1", hours=9))

    assert told.state is Board.SUSPECTED
    assert told.rule == "statistics.network"


def test_a_verdict_names_its_evidence_and_no_address() -> None:
    told = verdict(rounds(RESET, RESET))

    assert "reader: tls:connection_reset" in told.evidence
    assert not any("192.0.2" in line for line in told.evidence)


def test_without_rounds_there_is_nothing_to_say() -> None:
    with pytest.raises(ValueError, match="nothing to say"):
        verdict([])


def test_plain_mirrors_are_judged_alike() -> None:
    assert verdict(rounds(PLAIN)).state is Board.REACHABLE
