"""Verbs for reach: reach check, reach judge, reach look."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reach.checking import Row
from reach.files import MAX_FILE, controls, judge_file, judged_json, row_json
from reach.resolver import Server
from service.console import DONE, REFUSED, as_json, err, out, table
from service.verbs.context import Json, place
from tamizdat.errors import ConfigError
from tamizdat.measurement import Kind, Measurement, Vantage
from tamizdat.placement import MirrorId
from tamizdat.verdict import Word

if TYPE_CHECKING:
    from service.looks.looking import Looked

UNKNOWN_COUNTRY, UNKNOWN_NETWORK = "ZZ", "AS0"


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(
        help="Who can still read us, and at which step it fails.", no_args_is_help=True
    )
    group.command(
        "check",
        epilog="Example: tamizdat -C paper reach check --country IR --network AS64500 "
        "--control open.json",
    )(check_verb)
    group.command("look", epilog="Example: tamizdat reach look < orders.json")(look_verb)
    group.command("judge", epilog="Example: tamizdat reach judge measurement.json")(judge_verb)
    app.add_typer(group, name="reach")


def check_verb(
    context: typer.Context,
    *,
    country: Annotated[
        str, typer.Option(help="Where this machine stands, two letters.")
    ] = UNKNOWN_COUNTRY,
    network: Annotated[str, typer.Option(help="Its network, as AS64500.")] = UNKNOWN_NETWORK,
    resolver: Annotated[
        str | None, typer.Option(help="The DNS server to ask (default: this machine's).")
    ] = None,
    control: Annotated[
        Path | None,
        typer.Option(help="What `reach check --json` wrote in an open network, minutes ago."),
    ] = None,
    authorities: Annotated[
        Path | None, typer.Option(help="A PEM file in place of this machine's authorities.")
    ] = None,
    json: Json = False,
) -> None:
    """Measure every mirror now, step by step.

    From every vantage of the config where it has any and no option here says otherwise; else from
    this machine. With --country, it may stand behind a censor: then only --control tells a block
    from an outage. Exit 0 where every mirror is reachable or slow, and every vantage told; else 1.
    """
    here = place(context).folder
    options = (country != UNKNOWN_COUNTRY, network != UNKNOWN_NETWORK, resolver, control)
    if not any((*options, authorities)) and _has_vantages(here):
        told = asyncio.run(_everywhere(here))
        rows, silent = [row for part in told for row in _rows(part)], _faults(told)
    else:
        beside = controls(_read(control), str(control)) if control else None
        if beside is None and country != UNKNOWN_COUNTRY:
            beside = {}
        stand = (country, network, resolver)
        rows, silent = list(asyncio.run(_check(here, stand, beside, authorities))), []
    bad = [row for row in rows if row.ruling.word not in {Word.REACHABLE, Word.SLOW}]
    _say(rows, json=json)
    for line in silent:
        err.print(line, markup=False)
    raise typer.Exit(REFUSED if bad or silent else DONE)


def look_verb() -> None:
    """Look at mirrors from here, as orders on the input say: for vantages without a newsroom.

    A newsroom starts it, by ssh as a rule (docs/operating.md). One order a line, one answer a line
    for each mirror; nothing is stored here, and it ends when the orders do.
    """
    from service.looks.travelling import obey_here  # noqa: PLC0415 - the other verbs need it not

    obey_here()


def judge_verb(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Ours, or OONI's JSON.")],
    *,
    json: Json = False,
) -> None:
    """Judge stored measurements again: our verdict, and OONI's result fields beside it."""
    judged = judge_file(_read(file), str(file))
    if json:
        as_json({"judged": [judged_json(one) for one in judged]})
        return
    rows = [
        [
            one.name,
            one.word,
            f"{one.ruling.finding} ({one.ruling.rule})" if one.ruling else "by OONI's rules",
            f"{one.ooni.blocking} / {one.ooni.accessible}",
            f"{one.ooni.x_blocking_flags} {one.ooni.x_dns_flags} {one.ooni.x_null_null_flags}",
            str(one.ooni.dns_consistency),
        ]
        for one in judged
    ]
    columns = ["what", "verdict", "finding", "OONI blocking / accessible", "flags", "DNS"]
    table("Measurements", columns, rows)


async def _check(
    folder: Path,
    stand: tuple[str, str, str | None],
    beside: Mapping[MirrorId, Measurement] | None,
    authorities: Path | None,
) -> tuple[Row, ...]:
    from service.looks.reaching import aims, check  # noqa: PLC0415 - `reach judge` needs no newsroom
    from service.wiring import opened  # noqa: PLC0415 - same

    async with opened(folder) as room:
        groups = frozenset(outlet.mirror.group for outlet in room.outlets.values())
        vantage = _vantage(stand, groups)
        if not any(outlet.mirror.base for outlet in room.outlets.values()):
            err.print("no mirror has an address (url) yet: nothing to measure", markup=False)
        rows = await check(room, vantage, beside, authorities=authorities)
        left = len(aims([o.mirror for o in room.outlets.values()], room.config.mirror)) - len(rows)
        if left:
            err.print(f"{left} more secret mirrors: no vantage looks at so many", markup=False)
        return rows


def _has_vantages(folder: Path) -> bool:
    from service.config import load  # noqa: PLC0415 - `reach look` has no config

    return bool(load(folder).vantage)


async def _everywhere(folder: Path) -> Sequence["Looked"]:
    from service.looks.looking import look  # noqa: PLC0415 - `reach judge` needs no newsroom
    from service.wiring import opened  # noqa: PLC0415 - same

    parts: list[Looked] = []

    async def tell(part: "Looked") -> None:
        parts.append(part)

    async with opened(folder) as room:
        await look(room, tell=tell)
    return sorted(parts, key=lambda part: part.vantage.id)


def _rows(part: "Looked") -> Sequence[Row]:
    return [Row(here=one.here, control=one.control, ruling=one.ruling) for one in part.sightings]


def _faults(parts: Sequence["Looked"]) -> list[str]:
    """Why vantages told nothing, or not all: on this terminal, also what their commands said."""
    return [
        f"vantage {part.vantage.id}: {part.fault}" + (f": {part.said}" if part.said else "")
        for part in parts
        if part.fault
    ]


def _vantage(stand: tuple[str, str, str | None], groups: frozenset[str]) -> Vantage:
    country, network, resolver = stand
    try:
        if resolver is not None:
            Server.parse(resolver)
        return Vantage(
            id="local",
            country=country,
            network=network,
            kind=Kind.LOCAL,
            groups=groups,
            resolver=resolver,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _say(rows: Sequence[Row], *, json: bool) -> None:
    if json:
        as_json({"rows": [row_json(row) for row in rows]})
        return
    told = [
        [
            row.here.mirror,
            f"{row.here.vantage.id} ({row.here.vantage.country})",
            row.ruling.word,
            str(row.ruling.failure or "ok"),
            f"{row.ruling.finding} ({row.ruling.rule})",
            "\n".join([*row.ruling.flags, *row.ruling.evidence]),
        ]
        for row in rows
    ]
    table("Reach", ["mirror", "from", "verdict", "sees", "finding", "evidence"], told)
    bad = sum(row.ruling.word not in {Word.REACHABLE, Word.SLOW} for row in rows)
    out.print(f"{len(rows) - bad} of {len(rows)} looks could read a mirror")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
