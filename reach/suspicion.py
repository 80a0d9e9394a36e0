"""Suspicion: two bad rounds in a row, with all else well, are reason to add a spare. Pure.

It announces nothing and retires nothing: that takes a verdict (reach/statistics.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reach.statistics import Standing
from tamizdat.sighting import Round
from tamizdat.verdict import Board, Ruling, Verdict, Vote

ROUNDS = 2
"""So many rounds in a row must show it."""

MEMORY = timedelta(hours=6)
"""What is older says nothing of now."""

ROUNDS_RULE = "suspicion.two_rounds"
NATIONAL_RULE = "statistics.national"
LATEST_RULE = "latest.round"
NETWORK_RULE = "statistics.network"


def suspected(rounds: Sequence[Round]) -> bool:
    """Whether the newest rounds of one vantage and mirror agree that somebody blocks it.

    A ruling for a block already says that the control saw the mirror well; where an innocent name
    or an unrelated host was tried too, one of them must have passed.
    """
    newest = _in_order(rounds)[-ROUNDS:]
    return len(newest) == ROUNDS and all(_bad(one.ruling) for one in newest)


def verdict(rounds: Sequence[Round], standing: Standing | None = None) -> Verdict:
    """How the mirror of these rounds stands in their country; ValueError for no rounds.

    `rounds` are of one mirror and country, of any vantages; the newest moment is taken as now.
    """
    ordered = _in_order(rounds)
    if not ordered:
        raise ValueError("without a round there is nothing to say")
    now = ordered[-1].at
    fresh = [one for one in ordered if now - one.at <= MEMORY]
    said = _proven(fresh, standing) or _feared(fresh) or _latest(fresh)
    shown = said.shown.ruling
    return Verdict(
        mirror=said.shown.mirror,
        country=said.shown.country,
        state=said.state,
        since=said.since,
        evidence=(f"finding: {shown.finding} ({shown.rule})", *shown.evidence),
        rule=said.rule,
        rules_version=shown.rules_version,
        finding=shown.finding,
        sighting=said.shown.number,
        national=said.rule == NATIONAL_RULE,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    state: Board
    since: datetime
    rule: str
    shown: Round


def _proven(fresh: Sequence[Round], standing: Standing | None) -> _Said | None:
    """A block by the count of networks, which stays until the count lifts it."""
    if standing is None or standing.since is None or not standing.enough:
        return None
    bad = [one for one in fresh if _bad(one.ruling)]
    shown = (bad or fresh)[-1]
    if standing.national:
        state = shown.ruling.meaning.confirmed if bad else Board.BLOCKED
        return _Said(state=state, since=standing.since, rule=NATIONAL_RULE, shown=shown)
    return _Said(state=Board.SUSPECTED, since=standing.since, rule=NETWORK_RULE, shown=shown)


def _feared(fresh: Sequence[Round]) -> _Said | None:
    """A suspicion of one vantage."""
    for vantage in sorted({one.vantage for one in fresh}):
        own = [one for one in fresh if one.vantage == vantage]
        if suspected(own):
            first = _run(own)
            state = own[-1].ruling.meaning.board
            return _Said(state=state, since=first.at, rule=ROUNDS_RULE, shown=own[-1])
    return None


def _latest(fresh: Sequence[Round]) -> _Said:
    """What the newest round shows; a single bad one shows nothing yet."""
    settled = [one for one in fresh if not _bad(one.ruling)]
    shown = settled[-1] if settled else fresh[-1]
    state = shown.ruling.meaning.board if settled else Board.NO_DATA
    return _Said(state=state, since=shown.at, rule=LATEST_RULE, shown=shown)


def _run(own: Sequence[Round]) -> Round:
    """The first of the unbroken run of bad rounds at the end."""
    first = own[-1]
    for one in reversed(own):
        if not _bad(one.ruling):
            break
        first = one
    return first


def _bad(ruling: Ruling) -> bool:
    return ruling.meaning.vote is Vote.BLOCKED


def _in_order(rounds: Sequence[Round]) -> list[Round]:
    return sorted(rounds, key=lambda one: one.at)
