"""Boarding: what the operators' board shows, made of verdicts, mirrors and letters. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from gateway.mailing import Standing
from tamizdat.board import CONTROL, BoardView, Cell, Column, Delivery, HandOut, Line
from tamizdat.incident import Incident, Turn
from tamizdat.letter import LetterState
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tamizdat.sighting import Round
from tamizdat.theft import Theft
from tamizdat.verdict import Board, Finding, Verdict, Vote

READABLE = frozenset({Board.REACHABLE, Board.SLOW})
LOOK_BACK = timedelta(days=30)
LATELY = timedelta(days=1)
"""A letter that was queued before says nothing of how its gateway is now."""

FAILED = frozenset({LetterState.ALTERED, LetterState.LOST})
MOST_SIGHTINGS = 10
"""Looks that a cell links to."""

CODES: Mapping[Finding, str] = {
    Finding.SERVER_DOWN: "down",
    Finding.DNS: "DNS",
    Finding.TCP_IP: "IP",
    Finding.TLS_SNI: "SNI",
    Finding.TLS_OTHER: "TLS",
    Finding.TLS_MITM: "CERT",
    Finding.BLOCKPAGE: "PAGE",
    Finding.HTTP_DIFF: "SIG",
    Finding.HTTP_HOST: "HOST",
    Finding.HTTP_FAILURE: "HTTP",
    Finding.FROZEN: "STALL",
    Finding.SERVER_SIDE: "DENIED",
    Finding.ALTERED: "SIG",
    Finding.IMPERSONATED: "NAME",
}
"""The step that fails, in a word that fits a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What looking has shown: verdicts by mirror and country, and the rounds of the last hours.

    `rounds` are oldest first. CONTROL stands for the country of what controls saw.
    """

    verdicts: Mapping[tuple[MirrorId, str], Verdict]
    rounds: Mapping[tuple[MirrorId, str], Sequence[Round]]
    countries: tuple[str, ...]
    strips: Mapping[str, tuple[int | None, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What else the board shows. `incidents` are the newest, newest first, `turns` of 30 days."""

    newsroom: str
    mirrors: Sequence[Mirror]
    incidents: Sequence[Incident]
    unclosed: int
    turns: Sequence[Turn]
    delivery: Delivery | None
    letters: Sequence[Standing]
    every: float
    thefts: Sequence[Theft] = ()
    open_thefts: int = 0
    hand_outs: Sequence[HandOut] = ()


def board(seen: Seen, known: Known, now: datetime) -> BoardView:
    """The board at `now`."""
    used = [one for one in known.mirrors if one.state is not MirrorState.RETIRED]
    countries = (*seen.countries, CONTROL)
    lines = [_line(one, countries, seen, now) for one in sorted(used, key=_order)]
    spares = sum(1 for one in used if one.state is MirrorState.SPARE)
    return BoardView(
        at=now,
        newsroom=known.newsroom,
        columns=tuple(_column(country, lines, seen, n) for n, country in enumerate(countries)),
        mirrors=tuple(lines),
        others=tuple(_gateway(one, len(countries), now) for one in known.letters),
        incidents=tuple(known.incidents),
        open_incidents=known.unclosed,
        spares=spares,
        spare_days=_spare_days(spares, known.turns, now),
        round_seconds=_round_seconds(known.incidents, now),
        delivery=known.delivery,
        every=known.every,
        thefts=tuple(known.thefts),
        open_thefts=known.open_thefts,
        hand_outs=tuple(known.hand_outs),
    )


def _order(mirror: Mirror) -> tuple[bool, MirrorId]:
    return mirror.state is MirrorState.SPARE, mirror.id


def _line(mirror: Mirror, countries: Sequence[str], seen: Seen, now: datetime) -> Line:
    return Line(
        name=mirror.id,
        note=f"{_exposure(mirror)} · {mirror.backend}",
        state=mirror.state.value,
        cells=tuple(_cell(mirror.id, country, seen, now) for country in countries),
    )


def _exposure(mirror: Mirror) -> str:
    return "public" if mirror.exposure is Exposure.PUBLIC else f"{mirror.exposure} {mirror.group}"


def _cell(mirror: MirrorId, country: str, seen: Seen, now: datetime) -> Cell | None:
    told = seen.verdicts.get((mirror, country))
    rounds = seen.rounds.get((mirror, country), ())
    if told is None or not rounds:
        return None
    newest = rounds[-1]
    return Cell(
        mirror=mirror,
        country=country,
        state=told.state,
        code=_code(told, rounds, now),
        since=told.since,
        at=newest.at,
        rule=told.rule,
        evidence=told.evidence,
        networks=_networks(rounds),
        sightings=tuple(one.number for one in reversed(rounds[-MOST_SIGHTINGS:])),
    )


def _code(told: Verdict, rounds: Sequence[Round], now: datetime) -> str:
    if told.state is Board.NO_DATA:
        return age(now - rounds[-1].at)
    if told.state in READABLE:
        seconds = [one.seconds for one in rounds if one.seconds is not None]
        return f"{seconds[-1]:.1f} s" if seconds else "ok"
    bad = [one for one in rounds if one.ruling.meaning.board not in READABLE]
    return CODES.get((bad or rounds)[-1].ruling.finding, "?")


def _networks(rounds: Sequence[Round]) -> tuple[tuple[str, int, int], ...]:
    looks, bad = Counter[str](), Counter[str]()
    for one in rounds:
        looks[one.network] += one.times
        bad[one.network] += one.times if one.ruling.meaning.vote is Vote.BLOCKED else 0
    return tuple((network, bad[network], looks[network]) for network in sorted(looks))


def _column(country: str, lines: Sequence[Line], seen: Seen, number: int) -> Column:
    offered = [one.cells[number] for one in lines if one.state == MirrorState.ACTIVE]
    cells = [cell for cell in offered if cell is not None]
    return Column(
        country=country,
        ways=sum(1 for cell in cells if cell.state in READABLE),
        offered=len(cells),
        strip=seen.strips.get(country, ()),
    )


def _gateway(standing: Standing, columns: int, now: datetime) -> Line:
    """A gateway is watched from here only: its cell stands in the column of controls."""
    lately = {one.state for one in standing.failed if now - one.queued <= LATELY}
    whole = sum(n for state, n in standing.states.items() if state not in FAILED)
    if LetterState.ALTERED in lately:
        state, code = Board.ALTERED, "SIG"
    elif LetterState.LOST in lately:
        state, code = Board.DOWN, "lost"
    elif not whole:
        state, code = Board.NO_DATA, "none"
    else:
        state = Board.REACHABLE if standing.delivered == whole else Board.SLOW
        code = f"{standing.delivered}/{whole}"
    cell = Cell(mirror=MirrorId(standing.gateway), country=CONTROL, state=state, code=code, at=now)
    cells = (*(None for _ in range(columns - 1)), cell)
    return Line(name=standing.gateway, note="e-mail to feed", state="active", cells=cells)


def _spare_days(spares: int, turns: Sequence[Turn], now: datetime) -> float | None:
    used = [one for one in turns if one.promoted and one.undone is None]
    if not used:
        return None
    span = max((now - min(one.at for one in used)) / timedelta(days=1), 1.0)
    return spares / (sum(len(one.promoted) for one in used) / span)


def _round_seconds(incidents: Sequence[Incident], now: datetime) -> float | None:
    times = [
        (one.verified - one.opened).total_seconds()
        for one in incidents
        if one.verified is not None and now - one.opened <= LOOK_BACK
    ]
    return median(times) if times else None


def age(span: timedelta) -> str:
    """An age that fits a cell: `40 s`, `5 m`, `2 h`, `3 d`."""
    seconds = max(int(span.total_seconds()), 0)
    for size, word in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size} {word}"
    return f"{seconds} s"
