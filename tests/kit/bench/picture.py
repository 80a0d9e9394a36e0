"""A picture: ratios as bars on one scale, each with the line that it must not cross. SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LABEL, BAR, ROW, TOP = 860, 430, 340, 24, 40
NUMBER = 44
"""How wide a number is: one that the line would go through stands behind it."""

MOST = 1.5
"""Ratios beyond this end at the picture's edge, with their number."""

_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.n{font-weight:600}.q{fill:#666}"
    ".good{fill:#2a6f6b}.bad{fill:#b3541e}.none{fill:#999}.goal{stroke:#222;stroke-width:2}"
    ".one{stroke:#bbb}.back{fill:#fff}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.q{fill:#aaa}.back{fill:#181818}"
    ".goal{stroke:#eee}.one{stroke:#555}.good{fill:#5bb0aa}.bad{fill:#e08a54}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One bar: our share of what the peer takes (`ratio`), and what it should be at most."""

    label: str
    ratio: float | None
    at_most: float | None


def drawn(title: str, rows: Sequence[Row]) -> str:
    """The whole picture."""
    height = TOP + ROW * len(rows) + 34
    one = LABEL + BAR / MOST
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<rect class="back" width="{WIDTH}" height="{height}"/>',
        f'<text x="12" y="24" class="n">{escape(title)}</text>',
        f'<path class="one" d="M{one:.0f} {TOP - 8}V{height - 26}"/>',
        f'<text class="q" x="{one:.0f}" y="{height - 10}" text-anchor="middle">as the peer</text>',
        *(_bar(row, TOP + ROW * number) for number, row in enumerate(rows)),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _bar(row: Row, top: int) -> str:
    middle = top + 15
    label = f'<text x="12" y="{middle}">{escape(row.label)}</text>'
    if row.ratio is None:
        return f'{label}<text class="q" x="{LABEL}" y="{middle}">not compared</text>'
    length = max(2.0, BAR * min(row.ratio, MOST) / MOST)
    fits = row.at_most is None or row.ratio <= row.at_most
    kind = "none" if row.at_most is None else "good" if fits else "bad"
    bar = f'<rect class="{kind}" x="{LABEL}" y="{top + 3}" width="{length:.1f}" height="16"/>'
    goal = None if row.at_most is None or row.at_most > MOST else BAR * row.at_most / MOST
    end = length if goal is None or not length <= goal < length + NUMBER else goal
    number = f'<text class="n" x="{LABEL + end + 8:.0f}" y="{middle}">{row.ratio:.2f}</text>'
    return label + bar + _goal(goal, top) + number


def _goal(at: float | None, top: int) -> str:
    return "" if at is None else f'<path class="goal" d="M{LABEL + at:.1f} {top}v22"/>'
