"""The face of the board: every part of the page, rendered once for everybody who looks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from desk import cells
from desk.headline import ENOUGH, numbers
from desk.spans import clock_to_the_second
from desk.strips import drawing
from desk.template import fill
from desk.words import LETTERS, STATES, TROUBLE, course, headline
from tamizdat.board import CONTROL, BoardView, Cell, Line, troubles

ROWS = 60
"""With more rows than this, only those in trouble are shown at first."""

SHOWN = 6
"""Incidents on the board; all of them have a page."""

WHO, BESIDE = "\0who\0", "\0beside\0"
"""Hold the places of what differs from one request to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The board at a moment. `cells` and `parts` are what events replace, by key and by id."""

    view: BoardView
    cells: Mapping[str, Markup]
    parts: Mapping[str, str]
    shapes: Mapping[str, object]
    """What must not change of a matrix, else it is sent whole."""


def face(view: BoardView) -> Face:
    """Render `view`."""
    return Face(
        view=view,
        cells={cells.key(cell): cells.mark_up(cell) for cell in _all(view)},
        parts={
            "p-thefts": fill("thefts.html", view=view),
            "p-numbers": fill("numbers.html", numbers=numbers(view)),
            "p-columns": fill("columns.html", view=view, control=CONTROL, enough=ENOUGH),
            "p-matrix": _matrix(view, view.mirrors, view.others),
            "p-trouble": _matrix(view, _bad(view.mirrors), _bad(view.others)) if many(view) else "",
            "p-strips": fill("strips.html", columns=_drawn(view)),
            "p-incidents": fill("incident_list.html", **incident_words(view, SHOWN)),
            "p-delivery": fill("delivery.html", delivery=view.delivery),
            "p-ways": fill("hand_outs.html", channels=view.hand_outs),
        },
        shapes={
            "p-matrix": _shape(view, view.mirrors, view.others),
            "p-trouble": _shape(view, _bad(view.mirrors), _bad(view.others)),
        },
    )


def page(made: Face, *, last: str, whole: bool) -> tuple[bytes, bytes, bytes]:
    """The page in three pieces: between them go who looks, and what stands beside the matrix."""
    text = fill(
        "board.html",
        view=made.view,
        newsroom=made.view.newsroom,
        parts={name: Markup(part) for name, part in made.parts.items()},  # noqa: S704 - our own
        key=[(LETTERS[state], words) for state, words in STATES.items()],
        rows=len(made.view.mirrors) + len(made.view.others),
        many=many(made.view),
        whole=whole or not many(made.view),
        last=last,
        who=WHO,
        beside=BESIDE,
        here="board",
    )
    first, _, rest = text.partition(WHO)
    second, _, third = rest.partition(BESIDE)
    return first.encode(), second.encode(), third.encode()


def chosen(piece: bytes, cell: Cell) -> bytes:
    """The piece with the matrix, a cell of it marked as the one that the evidence is about."""
    mark = f'data-cell="{escape(cells.key(cell))}"'.encode()
    return piece.replace(mark, b"aria-current=true " + mark, 1)


def changes(before: Face, after: Face) -> str | None:
    """What a browser must replace, as JSON; None where nothing that it shows has changed."""
    touched = {
        name: part
        for name, part in after.parts.items()
        if before.parts[name] != part
        and (name not in after.shapes or before.shapes[name] != after.shapes[name])
    }
    moved = {
        key: str(cell)
        for key, cell in after.cells.items()
        if "p-matrix" not in touched and before.cells[key] != cell
    }
    if not touched and not moved:
        return None
    return _payload(after, moved, touched, _sentences(before.view, after.view))


def snapshot(made: Face) -> str:
    """Everything, for a browser that missed too much."""
    return _payload(made, {}, made.parts, ())


def many(view: BoardView) -> bool:
    """Whether rows without trouble are left out at first."""
    return len(view.mirrors) + len(view.others) > ROWS


def incident_words(view: BoardView, count: int) -> dict[str, object]:
    """What a list of incidents shows."""
    known = {cells.key(cell) for cell in _all(view)}
    return {
        "view": view,
        "incidents": [
            (one, headline(one), course(one), f"{one.mirror}/{one.country}" in known)
            for one in view.incidents[:count]
        ],
        "path": cells.path,
    }


def _payload(
    made: Face, moved: Mapping[str, str], touched: Mapping[str, str], say: Sequence[str]
) -> str:
    return json.dumps(
        {
            "at": clock_to_the_second(made.view.at),
            "cells": dict(moved),
            "parts": dict(touched),
            "say": list(say),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _sentences(before: BoardView, after: BoardView) -> list[str]:
    """What changed, for those who hear the page: thefts first, then trouble."""
    states = {cells.key(cell): cell.state for cell in _all(before)}
    known = {one.number for one in before.thefts}
    stolen = [f"Key theft: {one.path}" for one in after.thefts if one.number not in known]
    changed = [c for c in _all(after) if states.get(cells.key(c), c.state) is not c.state]
    bad = {cells.key(cell) for cell in troubles(after)}
    news = [cells.news(c) for c in sorted(changed, key=lambda c: cells.key(c) not in bad)]
    return [*stolen, *news][:20]


def _matrix(view: BoardView, mirrors: Sequence[Line], others: Sequence[Line]) -> str:
    return fill(
        "matrix.html",
        view=view,
        groups=[("Web mirrors", mirrors), ("Other ways in", others)],
        mark_up=cells.mark_up,
        not_offered=cells.NOT_OFFERED,
        columns=Markup(fill("columns.html", view=view, control=CONTROL, enough=ENOUGH)),  # noqa: S704
    )


def _bad(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if any(c and c.state in TROUBLE for c in line.cells))


def _drawn(view: BoardView) -> list[tuple[str, Markup, int]]:
    return [
        (
            column.country,
            drawing(column.strip, f"{column.country}: ways in, last 24 hours, now {column.ways}"),
            column.ways,
        )
        for column in view.columns
        if column.country != CONTROL and column.strip
    ]


def _shape(view: BoardView, mirrors: Sequence[Line], others: Sequence[Line]) -> object:
    rows = [
        (line.name, line.note, line.state, tuple(cell is None for cell in line.cells))
        for line in (*mirrors, *others)
    ]
    return [column.country for column in view.columns], rows, len(mirrors)


def _all(view: BoardView) -> list[Cell]:
    return [c for line in (*view.mirrors, *view.others) for c in line.cells if c is not None]
