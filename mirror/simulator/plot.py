"""A plot: the share of readers served on each day, over several courses. SVG."""

from collections.abc import Sequence
from html import escape
from statistics import median

from mirror.simulator.run import Course

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 860, 380, 56, 52, 36, 46

_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.n{font-weight:600}.q{fill:#666}"
    ".back{fill:#fff}.grid{stroke:#ddd}.band{fill:#2a6f6b;opacity:.18}"
    ".ours{fill:none;stroke:#2a6f6b;stroke-width:2.5}"
    ".public{fill:none;stroke:#b3541e;stroke-width:2;stroke-dasharray:6 4}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.q{fill:#aaa}.back{fill:#181818}"
    ".grid{stroke:#444}.band,.ours{stroke:#5bb0aa}.band{fill:#5bb0aa;stroke:none}"
    ".public{stroke:#e08a54}}"
)

LEGEND = (
    "Readers served, mean of a week: hand-out by groups (line: the middle of all courses; "
    "area: all of them), and a public list (dashed)"
)

WEEK = 7
"""Days over which a line is smoothed: one day says little."""


def drawn(title: str, courses: Sequence[Course]) -> str:
    """The whole picture; the courses are of one scenario, and there is at least one."""
    days = [list(day) for day in zip(*(_smooth(one.served) for one in courses), strict=True)]
    public = [
        sum(day) / len(day) for day in zip(*(_smooth(one.slow) for one in courses), strict=True)
    ]
    low, high = [min(day) for day in days], [max(day) for day in days]
    band = " ".join([*_points(high), *reversed(list(_points(low)))])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text x="12" y="22" class="n">{escape(title)}</text>',
        f'<text x="12" y="41" class="q">{LEGEND}</text>',
        *_grid(len(days)),
        f'<polygon class="band" points="{band}"/>',
        f'<polyline class="public" points="{" ".join(_points(public))}"/>',
        f'<polyline class="ours" points="{" ".join(_points([median(day) for day in days]))}"/>',
        "</svg>\n",
    ]
    return "\n".join(parts)


def _smooth(days: Sequence[float]) -> Sequence[float]:
    """Each day as the mean of the week that ends with it."""
    weeks = (days[max(0, at - WEEK + 1) : at + 1] for at in range(len(days)))
    return [sum(week) / len(week) for week in weeks]


def _points(shares: Sequence[float]) -> Sequence[str]:
    return [f"{_x(at, len(shares)):.1f},{_y(share):.1f}" for at, share in enumerate(shares)]


def _x(at: int, days: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * at / max(1, days - 1)


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)


def _grid(days: int) -> Sequence[str]:
    across = (
        f'<path class="grid" d="M{LEFT} {_y(share):.1f}H{WIDTH - RIGHT}"/>'
        f'<text x="{LEFT - 8}" y="{_y(share) + 4:.1f}" text-anchor="end">{share:.0%}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    step = max(1, days // 6)
    along = (
        f'<text x="{_x(day - 1, days):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">'
        f"day {day}</text>"
        for day in range(step, days + 1, step)
    )
    return [*across, *along]
