"""A cell of the matrix as mark-up: shape, colour and a short code; a link to what it rests on."""

from urllib.parse import quote

from markupsafe import Markup

from desk.countries import name_of
from desk.words import LETTERS, SHORT
from tamizdat.board import Cell

_CELL = Markup('<a class="{}" data-cell="{}" href="{}" aria-label="{}"><i class=sh></i>{}</a>')
NOT_OFFERED = Markup("<span class=x><span class=vh>not offered here</span></span>")


def key(cell: Cell) -> str:
    """What tells it from every other cell."""
    return f"{cell.mirror}/{cell.country}"


def path(mirror: str, country: str) -> str:
    """The address of what a cell rests on."""
    return f"/board/cell/{quote(mirror, safe='')}/{quote(country, safe='')}"


def mark_up(cell: Cell) -> Markup:
    """The cell as a link."""
    return _CELL.format(
        LETTERS[cell.state], key(cell), path(cell.mirror, cell.country), spoken(cell), cell.code
    )


def spoken(cell: Cell) -> str:
    """The cell for those who hear it: `dune, Iran: blocked, TLS`."""
    code = f", {cell.code}" if cell.code else ""
    return f"{cell.mirror}, {name_of(cell.country)}: {SHORT[cell.state]}{code}"


def news(cell: Cell) -> str:
    """One sentence about a cell that changed its state: `Iran: dune blocked, TLS`."""
    code = f", {cell.code}" if cell.code else ""
    return f"{name_of(cell.country)}: {cell.mirror} {SHORT[cell.state]}{code}"
