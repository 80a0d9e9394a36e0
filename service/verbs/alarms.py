"""Verbs for key thefts: alarm list, evidence, close, test."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from service.alarms.sounding import Siren, Sounded
from service.clock import SystemClock
from service.config import load
from service.console import DONE, REFUSED, as_json, err, out, table
from service.newsroom import Glance
from service.verbs.context import Json, place
from service.wiring import glanced
from tamizdat import paths
from tamizdat.errors import ConfigError
from tamizdat.moment import spelled
from tamizdat.theft import SignedKind, Theft

PAGE = "docs/operating.md, 'When an edition appears that you did not make'"
COLUMNS = ["number", "file", "version", "since", "seen on", "signed by", "closed"]


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(
        help="Alarms: what our keys signed and we did not make.", no_args_is_help=True
    )
    group.command("list", epilog="Example: tamizdat -C paper alarm list --json")(alarm_list)
    group.command("evidence", epilog="Example: tamizdat -C paper alarm evidence 1 found/")(
        alarm_evidence
    )
    group.command("close", epilog="Example: tamizdat -C paper alarm close 1")(alarm_close)
    group.command("test", epilog="Example: tamizdat -C paper alarm test")(alarm_test)
    app.add_typer(group, name="alarm")


def alarm_list(context: typer.Context, *, json: Json = False) -> None:
    """Every signed file that appeared and that we did not make, with its keys and places.

    Exit 1 while one is open.
    """

    async def run() -> Sequence[Theft]:
        async with glanced(place(context).folder) as room:
            return await room.ledgers.thefts.all()

    found = asyncio.run(run())
    if json:
        as_json([theft_json(one) for one in found])
    else:
        rows = [[str(value) for value in _row(one)] for one in found]
        table("Signed with our keys, not by us", COLUMNS, rows)
    raise typer.Exit(REFUSED if any(one.closed is None for one in found) else DONE)


def alarm_evidence(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder.")],
    *,
    json: Json = False,
) -> None:
    """Lay the signed bytes and their signatures into a folder, for `gpg --verify` and a lawyer."""

    async def run() -> Theft:
        async with glanced(place(context).folder) as room:
            found = await room.ledgers.thefts.get(number)
        if found is None:
            raise ConfigError(f"there is no theft {number}: `tamizdat alarm list` shows them")
        return found

    found = asyncio.run(run())
    files = _files(found)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in files.items():
            with (folder / name).open("xb") as file:
                file.write(body)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written ({error.strerror})") from error
    if json:
        as_json({"folder": str(folder), "files": list(files), "sha256": found.sealed.sha256})
        return
    first, *signatures = files
    for name in signatures:
        out.print(f"gpg --verify {folder / name} {folder / first}", markup=False)


def alarm_close(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER")],
    *,
    json: Json = False,
) -> None:
    """Say that somebody dealt with it. Its evidence stays; other bytes raise another alarm."""

    async def run() -> Theft:
        async with glanced(place(context).folder) as room:
            return await room.ledgers.thefts.close(number, SystemClock().now())

    found = asyncio.run(run())
    if json:
        as_json(theft_json(found))
    else:
        out.print(f"Theft {found.number} is closed; its evidence stays.")


def alarm_test(context: typer.Context, *, json: Json = False) -> None:
    """Send a test by every way that `[alarm]` names. Exit 1 where one failed, or there is none."""

    async def run() -> Sequence[Sounded]:
        async with sirened(place(context).folder) as (siren, _):
            return await siren.try_out(SystemClock().now())

    done = asyncio.run(run())
    if json:
        as_json([{"by": one.channel, "went": not one.fault, "detail": one.fault} for one in done])
    else:
        for one in done:
            out.print(f"{one.channel}: {one.fault or 'went out'}", markup=False)
        if not done:
            err.print("Nobody would be told: set `[alarm]` in tamizdat.toml", style="red")
    raise typer.Exit(DONE if done and not any(one.fault for one in done) else REFUSED)


@asynccontextmanager
async def sirened(folder: Path) -> AsyncIterator[tuple[Siren, Glance]]:
    """The siren of a newsroom in which another program may be working."""
    config = load(folder)
    async with glanced(folder) as room:
        yield (
            Siren(
                facts=room.ledgers.facts,
                thefts=room.ledgers.thefts,
                config=config,
                folder=folder,
                mirrors=room.mirrors,
            ),
            room,
        )


def say_thefts(found: Sequence[Theft]) -> None:
    """Say loudly that thefts are open."""
    for one in found:
        places = ", ".join(spot.mirror or "a copy" for spot in one.spots)
        err.print(
            f"KEY THEFT {one.number}: {one.path} on {places} is signed with our keys, and we did "
            f"not make it. Evidence is kept. What to do: {PAGE}",
            markup=False,
            style="bold red",
        )


def theft_json(one: Theft) -> Mapping[str, object]:
    """A theft for programs."""
    return {
        "number": one.number,
        "file": one.path,
        "version": one.version,
        "fork": one.ours is not None,
        "sha256": one.sealed.sha256,
        "keys": list(one.keys),
        "since": spelled(one.opened),
        "seen": [
            {
                "mirror": spot.mirror or None,
                "vantage": spot.vantage,
                "first": spelled(spot.first),
                "last": spelled(spot.last),
            }
            for spot in one.spots
        ],
        "closed": spelled(one.closed) if one.closed else None,
    }


def _row(one: Theft) -> Sequence[object]:
    return (
        one.number,
        one.path,
        "-" if one.version is None else one.version,
        spelled(one.opened),
        ", ".join(spot.mirror or "a copy" for spot in one.spots),
        "\n".join(one.keys),
        spelled(one.closed) if one.closed else "",
    )


def _files(one: Theft) -> Mapping[str, bytes]:
    """The file first, then its signatures, named as on a mirror; folders are left out."""
    name = one.path.replace("/", "-")
    files = {name: one.sealed.body}
    for made in one.sealed.signatures:
        lasting = one.kind in {SignedKind.EDITION, SignedKind.ROOT}
        beside = (
            paths.lasting_signature(name, made.fingerprint)
            if lasting
            else paths.passing_signature(name, one.sealed.sha256)
        )
        files[beside] = made.armor.encode()
    return files
