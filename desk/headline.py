"""The headline of the board: five numbers that say how we stand."""

from dataclasses import dataclass

from desk.countries import name_of
from desk.spans import brief, exact
from tamizdat.board import CONTROL, BoardView, Column, Delivery
from tamizdat.incident import Course

ENOUGH = 3
"""A country with fewer ways in is in danger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One of the five: what it counts, the number, what stands beside and below it."""

    name: str
    value: str
    beside: str = ""
    below: str = ""
    bad: bool = False


def numbers(view: BoardView) -> tuple[Number, ...]:
    """All five, in order."""
    return (
        _countries(view),
        _edition(view.delivery),
        _incidents(view),
        _round(view),
        _spares(view),
    )


def _countries(view: BoardView) -> Number:
    name = f"Countries with {ENOUGH}+ ways in"
    columns = [column for column in view.columns if column.country != CONTROL]
    if not columns:
        return Number(name=name, value="–", below="nobody looks from a country yet")
    good = sum(column.ways >= ENOUGH for column in columns)
    worst = min(columns, key=lambda column: column.ways)
    return Number(
        name=name,
        value=str(good),
        beside=f"of {len(columns)}",
        below=_left(worst) if good < len(columns) else "all of them",
        bad=good < len(columns),
    )


def _left(column: Column) -> str:
    count = {0: "none", 1: "one", 2: "two"}.get(column.ways, str(column.ways))
    return f"{name_of(column.country)} has {count} left"


def _edition(delivery: Delivery | None) -> Number:
    if delivery is None:
        return Number(name="Newest edition", value="–", below="none was published yet")
    name = f"Edition {delivery.edition}"
    open_legs = [leg for leg in delivery.legs if leg.seconds is None]
    if open_legs:
        leg = open_legs[0]
        beside = f"of {leg.wanted}"
        bad = bool(delivery.refusals)
        return Number(name=name, value=str(leg.done), beside=beside, below=leg.name, bad=bad)
    slowest = max((leg.seconds or 0.0 for leg in delivery.legs), default=0.0)
    return Number(name=name, value=brief(slowest), below="until it was everywhere it goes")


def _incidents(view: BoardView) -> Number:
    opened = [one.opened for one in view.incidents if one.closed is None]
    oldest = exact((view.at - min(opened)).total_seconds()) if opened else ""
    return Number(
        name="Open incidents",
        value=str(view.open_incidents + view.open_thefts),
        below=_thefts(view) or (f"oldest {oldest}" if oldest else "nothing waits"),
        bad=bool(view.open_thefts)
        or any(one.course is Course.WAITING for one in view.incidents if one.closed is None),
    )


def _thefts(view: BoardView) -> str:
    if not view.open_thefts:
        return ""
    return "a key theft" if view.open_thefts == 1 else f"{view.open_thefts} key thefts"


def _round(view: BoardView) -> Number:
    name = "Time to get round a block"
    if view.round_seconds is None:
        return Number(name=name, value="–", below="no block in 30 days")
    return Number(name=name, value=brief(view.round_seconds), below="median, last 30 days")


def _spares(view: BoardView) -> Number:
    if view.spare_days is None:
        below = "none was needed lately" if view.spares else "add some: nothing could stand in"
    else:
        below = f"about {_days(view.spare_days)} at this pace"
    return Number(
        name="Spare mirrors ready", value=str(view.spares), below=below, bad=view.spares == 0
    )


def _days(days: float) -> str:
    return "1 day" if round(days) == 1 else f"{days:.0f} days"
