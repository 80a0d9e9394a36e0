"""A strip: how many ways in a country had over a day, as a small drawing made here."""

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT = 240, 30
ALARM = 2
"""Fewer ways in than this is an alarm."""

_DRAWING = Markup(
    '<svg viewBox="0 0 240 30" preserveAspectRatio=none role=img aria-label="{}">'
    '<path class=fill d="{}"/><path class=line vector-effect=non-scaling-stroke d="{}"/>'
    '<path class=alarm vector-effect=non-scaling-stroke d="M0 {}H240"/></svg>'
)


def drawing(counts: Sequence[int | None], label: str) -> Markup:
    """A step line; where nothing was known there is a gap, and not a nought."""
    top = max((count for count in counts if count is not None), default=0)
    scale = (HEIGHT - 3) / max(top, ALARM + 1)
    runs = _runs(counts, WIDTH / max(len(counts), 1), scale)
    fill = "".join(f"M{run[0][0]} {HEIGHT}{_steps(run, 'V')}V{HEIGHT}Z" for run in runs)
    line = "".join(f"M{run[0][0]} {run[0][2]}{_steps(run, '')}" for run in runs)
    return _DRAWING.format(label, fill, line, _short(HEIGHT - 1 - ALARM * scale))


def _runs(
    counts: Sequence[int | None], step: float, scale: float
) -> list[list[tuple[str, str, str]]]:
    """Stretches without a gap, each of equal counts: where it begins and ends, and how high."""
    runs: list[list[tuple[str, str, str]]] = []
    open_run = False
    for number, count in enumerate(counts):
        if count is None:
            open_run = False
            continue
        begin, end = _short(number * step), _short((number + 1) * step)
        height = _short(HEIGHT - 1 - count * scale)
        if not open_run:
            runs.append([])
            open_run = True
        run = runs[-1]
        if run and run[-1][2] == height:
            run[-1] = (run[-1][0], end, height)
        else:
            run.append((begin, end, height))
    return runs


def _steps(run: list[tuple[str, str, str]], first: str) -> str:
    parts = [f"V{height}H{end}" for _, end, height in run]
    return "".join(parts) if first else "".join(parts).removeprefix(f"V{run[0][2]}")


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
