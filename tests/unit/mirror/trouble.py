"""Trouble by hand: mirrors, looks at them, and the situation that these make."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from mirror.reaction import Action, AddSpare, OpenIncident, Wait, applied, plan
from mirror.situation import Situation
from reach.watch import Watch
from tamizdat.incident import Course, Incident, Turn
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tamizdat.sighting import Round
from tamizdat.verdict import Board, Finding, Ruling, Word

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
EVERY = 300.0
CONTROL_VANTAGE = "out"
ACTIVE, SPARE, RETIRED = MirrorState.ACTIVE, MirrorState.SPARE, MirrorState.RETIRED
OK, SNI, SLOW = Finding.OK, Finding.TLS_SNI, Finding.THROTTLED
DOWN, SERVER_SIDE, FORGED = Finding.SERVER_DOWN, Finding.SERVER_SIDE, Finding.ALTERED
NOTHING = Finding.NO_CONTROL

_NUMBERS = count(1)


def known(
    name: str,
    state: MirrorState = ACTIVE,
    *,
    group: str = "open",
    exposure: Exposure = Exposure.PUBLIC,
    backend: str = "s3",
    host: str | None = None,
    base: bool = True,
) -> Mirror:
    return Mirror(
        id=MirrorId(name),
        backend=backend,
        base=f"https://{host or name}.example/" if base else None,
        folder=None,
        state=state,
        exposure=exposure,
        group=group,
    )


def look(
    name: str,
    finding: Finding,
    *,
    ago: float = 0,
    country: str = "IR",
    by: str | None = None,
    at: datetime | None = None,
) -> Round:
    ruling = Ruling(finding=finding, rule="a.rule", rules_version=1, failure=None)
    vantage = by or f"in {country}"
    return Round(
        number=next(_NUMBERS),
        mirror=MirrorId(name),
        vantage=vantage,
        country=country,
        network=f"net of {vantage}",
        at=at or NOW - timedelta(minutes=ago),
        ruling=ruling,
        seconds=0.5 if ruling.word in {Word.REACHABLE, Word.SLOW} else None,
    )


def looks(name: str, *findings: Finding, country: str = "IR", by: str | None = None) -> list[Round]:
    """One each five minutes, the last one now."""
    last = len(findings) - 1
    return [
        look(name, finding, ago=5 * (last - n), country=country, by=by)
        for n, finding in enumerate(findings)
    ]


def national(*names: str, country: str = "IR") -> list[Round]:
    """Two networks that are blocked for hours."""
    return [
        look(name, SNI, ago=60 * hour, country=country, by=by)
        for name in names
        for hour in range(5)
        for by in ("v1", "v2")
    ]


def situation(
    mirrors: Sequence[Mirror],
    rounds: Sequence[Round],
    *,
    incidents: Sequence[Incident] = (),
    turns: Sequence[Turn] = (),
    budget: int = 4,
    unready: Collection[MirrorId] = (),
    untold: Collection[MirrorId] = (),
    now: datetime = NOW,
) -> Situation:
    watch = Watch(controls={CONTROL_VANTAGE}, every=EVERY)
    watch.add(rounds)
    verdicts = watch.verdicts(now)
    return Situation(
        now=now,
        mirrors=tuple(mirrors),
        verdicts=verdicts,
        looks=watch.looks,
        incidents=tuple(incidents),
        turns=tuple(turns),
        budget=budget,
        unready=frozenset(unready),
        untold=frozenset(untold),
    )


def incident(name: str = "amber", **changes: object) -> Incident:
    made: dict[str, object] = {
        "number": 7,
        "mirror": MirrorId(name),
        "country": "IR",
        "state": Board.SUSPECTED,
        "finding": SNI,
        "rule": "suspicion.two_rounds",
        "since": NOW - timedelta(minutes=30),
        "opened": NOW - timedelta(minutes=25),
        "course": Course.WATCHING,
    }
    return Incident(**{**made, **changes})  # type: ignore[arg-type]


def turn(promoted: str, **changes: object) -> Turn:
    made: dict[str, object] = {
        "number": 3,
        "at": NOW - timedelta(minutes=20),
        "mirror": MirrorId("amber"),
        "country": "IR",
        "retired": (),
        "promoted": (MirrorId(promoted),),
        "automatic": True,
    }
    return Turn(**{**made, **changes})  # type: ignore[arg-type]


def after(before: Situation) -> Situation:
    """The situation once all that is planned is done."""
    for action in plan(before):
        before = applied(before, action)
    return before


def added(actions: Sequence[Action]) -> list[str]:
    """The spares that a plan adds."""
    return [one.spare for one in actions if isinstance(one, AddSpare)]


def opened(actions: Sequence[Action]) -> list[tuple[str, str]]:
    """The mirrors and countries of the incidents that a plan opens."""
    opening = (one.incident for one in actions if isinstance(one, OpenIncident))
    return [(one.mirror, one.country) for one in opening]


def waits(actions: Sequence[Action]) -> list[str]:
    """What incidents wait for."""
    return [one.reason for one in actions if isinstance(one, Wait)]


def only(found: Situation) -> Incident:
    """The one open incident."""
    (one,) = found.open
    return one
