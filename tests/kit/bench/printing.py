"""Printing: a report as a person reads it on a console."""

from rich.console import Console
from rich.table import Table

from tests.kit.bench.figure import Figure
from tests.kit.bench.report import Report

MEGABYTE = 1024 * 1024

screen = Console(width=140, highlight=False, soft_wrap=True)


def show(report: Report) -> None:
    """Print the tables of one report."""
    if report.series:
        screen.print(_series(report))
    if report.findings or report.counted:
        screen.print(_findings(report))
    for remark in report.remarks:
        screen.print(f"  {remark}", markup=False)
    screen.print()


def spelled(figure: Figure, part: float = 1, digits: int = 2) -> str:
    """Median, with least and most behind it."""
    low, high = figure.least / part, figure.most / part
    return f"{figure.median / part:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def _series(report: Report) -> Table:
    told = f"{report.title}: medians of {report.rounds} (least-most)"
    grid = Table(title=told, title_justify="left")
    for head in ("program", "seconds", "processor s", "peak MiB", "counted"):
        grid.add_column(head, justify="left" if head == "program" else "right")
    for one in report.series:
        counts = ", ".join(f"{name} {number:,}" for name, number in one.counts.items())
        grid.add_row(
            one.name,
            spelled(one.wall, digits=3),
            spelled(one.cpu, digits=3),
            spelled(one.peak, MEGABYTE, 0),
            counts,
        )
    return grid


def _findings(report: Report) -> Table:
    grid = Table(title=f"{report.bench}: what that says", title_justify="left")
    for head in ("claim", "ratio", "at most", ""):
        grid.add_column(head, justify="left" if head in {"claim", ""} else "right")
    for one in report.findings:
        ratio = "-" if one.ratio is None else f"{one.ratio:.3f}"
        limit = "" if one.at_most is None else f"{one.at_most:g}"
        grid.add_row(one.text, ratio, limit, one.verdict)
    for number in report.counted:
        grid.add_row(number.text, f"{number.found:,}", f"{number.at_most:,}", number.verdict)
    return grid
