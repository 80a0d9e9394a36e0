"""The evidence of a cell: what the newest look saw at each layer, who agrees, and who differs."""

from dataclasses import dataclass

from desk.layers import Layer, layers
from desk.words import STAGES, failed
from tamizdat.board import CONTROL, BoardView, Cell, Line, troubles
from tamizdat.incident import Course, Incident
from tamizdat.sighting import Sighting

EVERYWHERE = "ZZ"
"""The country of an incident that is not about a country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What stands beside the matrix for a chosen cell."""

    cell: Cell
    layers: tuple[Layer, ...]
    control: str
    bad: int
    looks: int
    networks: tuple[str, ...]
    rule: str
    evidence: tuple[str, ...]
    raw: tuple[int, ...]
    incident: Incident | None
    rotatable: bool


def find(view: BoardView, mirror: str, country: str) -> Cell | None:
    """The cell of a mirror (or another way in) and a country."""
    cells = (cell for line in _lines(view) for cell in line.cells if cell is not None)
    return next((c for c in cells if c.mirror == mirror and c.country == country), None)


def foremost(view: BoardView) -> Cell | None:
    """The cell that people come for: of the newest open incident, else the first in trouble."""
    unclosed = [one for one in view.incidents if one.closed is None]
    waiting = sorted(unclosed, key=lambda one: one.course is not Course.WAITING)
    of_incidents = (find(view, one.mirror, one.country) for one in waiting)
    return next((cell for cell in of_incidents if cell), next(iter(troubles(view)), None))


def basis(view: BoardView, cell: Cell, sighting: Sighting | None) -> Basis:
    """Everything that a cell rests on. `sighting` is its newest, None where it was forgotten."""
    ruling = sighting.ruling if sighting else None
    return Basis(
        cell=cell,
        layers=layers(sighting.here) if sighting else (),
        control=_control(cell, sighting),
        bad=sum(bad for _, bad, _ in cell.networks),
        looks=sum(looks for _, _, looks in cell.networks),
        networks=tuple(_network(*one) for one in cell.networks),
        rule=cell.rule or (ruling.rule if ruling else ""),
        evidence=cell.evidence or (ruling.evidence if ruling else ()),
        raw=cell.sightings,
        incident=_incident(view, cell),
        rotatable=any(line.name == cell.mirror for line in view.mirrors),
    )


def _lines(view: BoardView) -> tuple[Line, ...]:
    return (*view.mirrors, *view.others)


def _control(cell: Cell, sighting: Sighting | None) -> str:
    if cell.country == CONTROL:
        return "This is the control itself: the same look from an open network."
    if sighting is None:
        return ""
    if sighting.control is None:
        return "No control looked at the same time, so nothing is proven."
    failure = sighting.control.failure
    if failure is None and sighting.here.failure is None:
        return "Control: good at the same time, too."
    if failure is None:
        return "Control: same mirror, same minute, good. So this is not our fault."
    stage = STAGES[failure.stage]
    return f"Control fails too, at {stage}: {failed(failure)}. So it is the server, not the censor."


def _network(name: str, bad: int, looks: int) -> str:
    if bad == 0:
        return f"{name} passes, {looks} of {looks}" if looks > 1 else f"{name} passes"
    return f"{name} fails {bad} of {looks}"


def _incident(view: BoardView, cell: Cell) -> Incident | None:
    """The open incident of this cell, or of its mirror everywhere."""
    unclosed = [one for one in view.incidents if one.closed is None and one.mirror == cell.mirror]
    here = [one for one in unclosed if one.country == cell.country]
    return next(iter(here or [one for one in unclosed if one.country == EVERYWHERE]), None)
