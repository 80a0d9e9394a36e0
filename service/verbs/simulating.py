"""The verb simulate: try a hand-out on readers, informers and a censor that do not exist."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from mirror.distributor.growth import Policy
from mirror.simulator.plot import drawn
from mirror.simulator.run import Course, run
from mirror.simulator.scenario import Channel, Manner, Scenario, Spread
from service.console import as_json, bars, out, table
from service.verbs.context import Json
from tamizdat.errors import ConfigError

LAST = 60
WEEK = 7


def add(app: typer.Typer) -> None:
    """Hang this verb into the program."""
    app.command(
        "simulate",
        epilog="Example: tamizdat simulate --informers 100 --daily 4 --seeds 8 --plot served.svg",
    )(simulate)


def simulate(
    *,
    readers: Annotated[int, typer.Option(min=1, help="Readers in all.")] = 20_000,
    informers: Annotated[int, typer.Option(min=0, help="Readers who tell the censor.")] = 20,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days to simulate.")] = 180,
    stock: Annotated[int, typer.Option(min=0, help="Mirrors that are ready on day 0.")] = 60,
    daily: Annotated[int, typer.Option(min=0, help="Mirrors that come on each day.")] = 4,
    width: Annotated[int, typer.Option(help="Groups to begin with, a power of 2.")] = 64,
    channels: Annotated[
        int, typer.Option(min=1, max=16, help="Channels with equal shares of readers and groups.")
    ] = 1,
    manner: Annotated[Manner, typer.Option(help="How the censor blocks.")] = Manner.EAGER,
    until: Annotated[int, typer.Option(help="The day on which a patient censor blocks.")] = 120,
    spread: Annotated[Spread, typer.Option(help="Where informers are.")] = Spread.UNIFORM,
    lands: Annotated[int, typer.Option(min=1, max=10, help="Countries, a censor each.")] = 1,
    hazard: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Mirrors lost by chance in a day.")
    ] = 0.002,
    floor: Annotated[
        int, typer.Option(min=2, help="Hand-outs that a group needs to be halved.")
    ] = 50,
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="Courses to run.")] = 4,
    plot: Annotated[Path | None, typer.Option(help="Write a picture (SVG) to this file.")] = None,
    json: Json = False,
) -> None:
    """Try a hand-out on readers, informers and a censor that do not exist.

    It runs the hand-out of this program, and ranks policies; it predicts no country.
    """
    try:
        scenario = Scenario(
            readers=readers,
            informers=informers,
            days=days,
            stock=stock,
            daily=daily,
            manner=manner,
            until=until,
            spread=spread,
            lands=lands,
            hazard=hazard,
            channels=_channels(channels, width),
            policy=Policy(floor=floor, hazard=hazard),
        )
        courses = list(_courses(scenario, seeds, quiet=json))
    except ValueError as error:
        raise ConfigError(f"simulate: {error}") from None
    _tell(scenario, courses, plot, json=json)


def _tell(scenario: Scenario, courses: Sequence[Course], plot: Path | None, *, json: bool) -> None:
    if plot is not None:
        title = f"{scenario.informers} informers among {scenario.readers} readers"
        _keep(plot, drawn(title, courses))
    if json:
        as_json(_told(scenario, courses))
    else:
        _show(scenario, courses)


def _channels(number: int, width: int) -> tuple[Channel, ...]:
    share = 1 / number
    return tuple(Channel(name=f"channel {n}", share=share, width=width) for n in range(number))


def _courses(scenario: Scenario, seeds: int, *, quiet: bool) -> Iterator[Course]:
    with bars(quiet=quiet) as shown:
        task = shown.add_task("days", total=seeds * scenario.days) if shown else None
        for seed in range(seeds):

            def tell(day: int, share: float) -> None:
                del day, share
                if shown is not None and task is not None:
                    shown.advance(task)

            yield run(scenario, seed, tell)


def _keep(path: Path, picture: str) -> None:
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--plot {path}: {error.strerror}") from None


def _figures(scenario: Scenario, courses: Sequence[Course]) -> dict[str, float]:
    last = max(1, scenario.days - LAST + 1)
    middle = {
        "served": [one.mean for one in courses],
        f"served_last_{LAST}_days": [one.over(last, scenario.days) for one in courses],
        "worst_week": [_worst(one) for one in courses],
        "public_list": [one.public for one in courses],
        "mirrors_made": [float(one.made) for one in courses],
        "mirrors_burnt": [float(one.burnt) for one in courses],
        "groups": [float(one.groups) for one in courses],
    }
    if scenario.manner is Manner.PATIENT:
        week = [one.over(scenario.until, scenario.until + WEEK - 1) for one in courses]
        middle["crisis_week"] = week
    return {name: sum(values) / len(values) for name, values in middle.items()}


def _worst(course: Course) -> float:
    ends = range(min(WEEK, len(course.served)), len(course.served) + 1)
    return min(course.over(max(1, end - WEEK + 1), end) for end in ends)


def _told(scenario: Scenario, courses: Sequence[Course]) -> dict[str, object]:
    figures = {name: round(value, 4) for name, value in _figures(scenario, courses).items()}
    return {
        **figures,
        "seeds": len(courses),
        "courses": [{"served": [round(day, 4) for day in one.served]} for one in courses],
    }


def _show(scenario: Scenario, courses: Sequence[Course]) -> None:
    rows = [
        (name.replace("_", " "), f"{value:.0f}" if value > 1 else f"{value:.1%}")
        for name, value in _figures(scenario, courses).items()
    ]
    table(f"Mean of {len(courses)} courses", ("", ""), rows)
    out.print("It ranks policies; it does not predict a country.", markup=False)
