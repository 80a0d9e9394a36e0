"""A board to look at: the one of the design, with seven countries and ten ways in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from tamizdat.board import CONTROL, BoardView, Cell, Column, Delivery, Leg, Line
from tamizdat.incident import Course, Incident
from tamizdat.placement import MirrorId
from tamizdat.verdict import Board, Finding

NOW = datetime(2026, 11, 23, 14, 2, 41, tzinfo=UTC)
COUNTRIES = ("BY", "CN", "CU", "IR", "MM", "RU", "TM", CONTROL)

STATES = {
    "o": Board.REACHABLE,
    "s": Board.SLOW,
    "q": Board.SUSPECTED,
    "b": Board.BLOCKED,
    "t": Board.ALTERED,
    "d": Board.DOWN,
    "n": Board.NO_DATA,
}

MIRRORS = """
aster|public · bucket|b TLS|b DNS|o 1.4s|b SNI|q DNS|b TLS|b IP|o 0.2s
birch|public · bucket|o 0.9s|b SNI|o 1.1s|o 1.6s|o 1.2s|s 6.1s|b IP|o 0.2s
cedar|ring 2a · bucket|o 0.8s|o 1.9s|o 1.3s|o 1.5s|o 1.0s|o 0.7s|q TCP|o 0.2s
dune|ring 2b · bucket|o 0.7s|-|-|b TLS|-|b TLS|-|o 0.3s
ember|ring 2b · bucket|d 503|-|-|d 503|-|d 503|-|d 503
fjord|ring 3 · own domain|o 1.0s|s 7.4s|o 1.6s|o 1.8s|n 2 h|o 0.9s|t SIG|o 0.3s
"""
OTHERS = """
onion|onion service|o 3.8s|b TCP|o 4.4s|s 9.0s|o 4.1s|s 8.2s|b TCP|o 2.0s
post|e-mail gateway|o 22s|o 40s|o 31s|o 25s|o 28s|o 19s|s 4 m|o 9s
feed|feed relay|o 0.9s|q DNS|o 1.2s|o 1.6s|o 1.1s|o 0.8s|b IP|o 0.2s
pack|offline bundle|o 12s|o 31s|n 5 h|o 18s|s 70s|o 11s|n 1 d|o 3s
"""
NETWORKS = (("AS64496", 4, 4), ("AS64499", 3, 3), ("AS64501", 2, 2), ("AS64510", 0, 1))


def cell(mirror: str, country: str, state: Board, code: str, *, looks: int = 0) -> Cell:
    bad = state in {Board.BLOCKED, Board.SUSPECTED, Board.ALTERED, Board.DOWN}
    return Cell(
        mirror=MirrorId(mirror),
        country=country,
        state=state,
        code=code,
        since=NOW - timedelta(minutes=12),
        at=NOW - timedelta(seconds=41),
        rule="tls.sni" if bad else "ok.signed",
        evidence=("reader: tls:connection_reset", "control: ok") if bad else ("reader: ok",),
        networks=NETWORKS if bad else (("AS64496", 0, 4),),
        sightings=tuple(range(looks, 0, -1)),
    )


def lines(text: str) -> tuple[Line, ...]:
    made = []
    for row in text.strip().splitlines():
        name, note, *places = row.split("|")
        cells = [
            None
            if place == "-"
            else cell(name, country, STATES[place[0]], place[2:], looks=len(NETWORKS))
            for country, place in zip(COUNTRIES, places, strict=True)
        ]
        made.append(Line(name=name, note=note, state="active", cells=tuple(cells)))
    return tuple(made)


def strip(number: int, now: int) -> tuple[int | None, ...]:
    """A day of half hours that ends with `now`; nothing was known for one of them."""
    chance = Random(number)  # noqa: S311 - a drawing, and the same one each time
    counts: list[int | None] = [now]
    at = now
    for _ in range(47):
        at = min(6, max(0, at + chance.choice((0, 0, 0, 0, 1, 1, -1))))
        counts.append(at)
    counts[30 + number] = None
    return tuple(reversed(counts))


def columns(text: str) -> tuple[Column, ...]:
    rows = [row.split("|")[2:] for row in text.strip().splitlines()]
    made = []
    for number, country in enumerate(COUNTRIES):
        places = [row[number] for row in rows if row[number] != "-"]
        ways = sum(place[0] in "os" for place in places)
        made.append(
            Column(country=country, ways=ways, offered=len(places), strip=strip(number, ways))
        )
    return tuple(made)


def incident(number: int, mirror: str, country: str, minutes: int, **more: object) -> Incident:
    opened = NOW - timedelta(minutes=minutes)
    given: dict[str, object] = {
        "state": Board.BLOCKED,
        "finding": Finding.TLS_SNI,
        "rule": "tls.sni",
        "course": Course.WAITING,
        "sighting": 3,
        **more,
    }
    return Incident(
        number=number,
        mirror=MirrorId(mirror),
        country=country,
        since=opened - timedelta(minutes=4),
        opened=opened,
        **given,  # type: ignore[arg-type]
    )


def incidents() -> tuple[Incident, ...]:
    done = NOW - timedelta(minutes=75)
    return (
        incident(214, "fjord", "TM", 4, state=Board.ALTERED, finding=Finding.HTTP_DIFF),
        incident(213, "dune", "IR", 12, detail="no spare of ring 2b"),
        incident(212, "birch", "RU", 31, finding=Finding.THROTTLED, course=Course.WATCHING),
        incident(
            211,
            "aster",
            "CN",
            80,
            finding=Finding.DNS,
            course=Course.VERIFIED,
            spare=MirrorId("cedar"),
            turn=17,
            verified=done,
            closed=done,
        ),
        incident(210, "ember", "ZZ", 95, finding=Finding.SERVER_DOWN, course=Course.WATCHING),
    )


def delivery() -> Delivery:
    return Delivery(
        edition=2041,
        began=NOW - timedelta(seconds=43),
        legs=(
            Leg(name="released", done=1, wanted=1, seconds=0.1),
            Leg(name="built and signed", done=1, wanted=1, seconds=1.1),
            Leg(name="on mirrors", done=11, wanted=12),
            Leg(name="in feeds", done=2, wanted=3),
        ),
        refusals=(("ember", "answers 503"),),
    )


def view() -> BoardView:
    return BoardView(
        at=NOW,
        newsroom="The Tideline",
        columns=columns(MIRRORS),
        mirrors=lines(MIRRORS),
        others=lines(OTHERS),
        incidents=incidents(),
        open_incidents=4,
        spares=11,
        spare_days=9.0,
        round_seconds=408.0,
        delivery=delivery(),
        every=60.0,
    )


def with_cell(before: BoardView, changed: Cell) -> BoardView:
    """The same board, one cell of it another one."""

    def turned(line: Line) -> Line:
        cells = tuple(
            changed if c and (c.mirror, c.country) == (changed.mirror, changed.country) else c
            for c in line.cells
        )
        return replace(line, cells=cells)

    return replace(
        before,
        mirrors=tuple(turned(line) for line in before.mirrors),
        others=tuple(turned(line) for line in before.others),
    )


def wide_view(rows: int) -> BoardView:
    """Many mirrors, a few of them in trouble."""
    made = tuple(
        Line(
            name=f"m{number:03}",
            note="public · bucket",
            state="active",
            cells=tuple(
                cell(f"m{number:03}", country, _state(number, place), "1.0s")
                for place, country in enumerate(COUNTRIES)
            ),
        )
        for number in range(rows)
    )
    return replace(view(), mirrors=made, others=())


def _state(number: int, place: int) -> Board:
    return Board.BLOCKED if number % 25 == 3 and place == 1 else Board.REACHABLE
