"""Verbs for mirrors: list, add, probe, retire, rotate, turns."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from mirror.probe import Mark
from mirror.settings import to_mirror
from service.console import DONE, REFUSED, as_json, err, out, table
from service.rotating import Undone, add_mirror, probe_mirror, retire, rotate, turns, undo
from service.running.operations import lacking, taken_back
from service.turning import Rotated
from service.verbs.alarms import say_thefts
from service.verbs.context import Json, place
from service.verbs.fronts import add_fronts
from service.verbs.pool import add_pool
from service.wiring import glanced
from tamizdat.errors import ConfigError
from tamizdat.incident import Turn
from tamizdat.moment import spelled
from tamizdat.placement import Mirror, MirrorId

TURN_COLUMNS = ["turn", "at", "mirror", "country", "retired", "promoted", "how", "taken back"]
COLUMNS = ["id", "backend", "folder", "url", "state", "exposure", "group"]


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(help="Mirrors: places where editions lie.", no_args_is_help=True)
    group.command("list", epilog="Example: tamizdat -C paper mirror list --json")(mirror_list)
    group.command(
        "add",
        epilog="Example: tamizdat mirror add delta --backend s3 --bucket paper-delta "
        "--credentials secrets/delta.ini --url https://paper-delta.example/",
    )(mirror_add)
    group.command("probe", epilog="Example: tamizdat mirror probe delta")(mirror_probe)
    group.command("retire", epilog="Example: tamizdat mirror retire amber")(mirror_retire)
    group.command("rotate", epilog="Example: tamizdat mirror rotate amber --dry-run")(mirror_rotate)
    group.command("turns", epilog="Example: tamizdat mirror turns --json")(mirror_turns)
    add_fronts(group)
    add_pool(group)
    app.add_typer(group, name="mirror")


def mirror_list(context: typer.Context, *, json: Json = False) -> None:
    """Every mirror: where it lies, its state, and who may learn it."""

    async def run() -> list[Mirror]:
        async with glanced(place(context).folder) as room:
            return list(room.mirrors)

    found = asyncio.run(run())
    if json:
        as_json([_row(mirror) for mirror in found])
    else:
        rows = [[str(value or "") for value in _row(mirror).values()] for mirror in found]
        table("Mirrors", COLUMNS, rows)


def _row(mirror: Mirror) -> dict[str, str | None]:
    return {
        "id": mirror.id,
        "backend": mirror.backend,
        "folder": mirror.folder,
        "url": mirror.address,
        "state": mirror.state.value,
        "exposure": mirror.exposure.value,
        "group": mirror.group,
    }


def mirror_add(
    context: typer.Context,
    mirror: Annotated[str, typer.Argument(metavar="ID")],
    *,
    backend: Annotated[str, typer.Option(help="folder or s3")] = "folder",
    folder: Annotated[str | None, typer.Option(help="Where a folder mirror lies.")] = None,
    url: Annotated[str | None, typer.Option(help="The address readers use.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="The S3 endpoint.")] = None,
    region: Annotated[str | None, typer.Option(help="The S3 region.")] = None,
    bucket: Annotated[str | None, typer.Option(help="The bucket.")] = None,
    prefix: Annotated[str | None, typer.Option(help="A path inside the bucket.")] = None,
    credentials: Annotated[
        str | None, typer.Option(help="A file with access_key and secret_key.")
    ] = None,
    exposure: Annotated[str, typer.Option(help="public, group or secret")] = "public",
    group: Annotated[str, typer.Option(help="The hand-out group.")] = "open",
    state: Annotated[str, typer.Option(help="active or spare")] = "active",
    json: Json = False,
) -> None:
    """Add a mirror to the config. The next publish fills it."""
    given = {
        "id": mirror,
        "backend": backend,
        "folder": folder,
        "url": url,
        "endpoint": endpoint,
        "region": region,
        "bucket": bucket,
        "prefix": prefix,
        "credentials": credentials,
        "exposure": exposure,
        "group": group,
        "state": state,
    }
    where = place(context).folder
    config = add_mirror(where, {key: value for key, value in given.items() if value is not None})
    added = to_mirror(config.mirror[-1], where)
    if json:
        as_json(_row(added))
    else:
        out.print(f"{added.id} was added. Next: tamizdat mirror probe {added.id}")


def mirror_probe(
    context: typer.Context,
    mirror: Annotated[str, typer.Argument(metavar="ID")],
    *,
    json: Json = False,
) -> None:
    """Find out what a mirror really does: what it keeps, hides, changes or forces."""
    findings, stolen = asyncio.run(probe_mirror(place(context).folder, MirrorId(mirror)))
    say_thefts(stolen)
    bad = any(finding.mark is Mark.BAD for finding in findings)
    if json:
        as_json(
            {
                "mirror": mirror,
                "usable": not bad,
                "thefts": [one.number for one in stolen],
                "findings": [
                    {"name": f.name, "grade": f.mark.value, "detail": f.sentence} for f in findings
                ],
            }
        )
    else:
        table(
            f"Mirror {mirror}",
            ["", "finding", ""],
            [[f.mark.value, f.name, f.sentence] for f in findings],
        )
    raise typer.Exit(REFUSED if bad else DONE)


def mirror_retire(
    context: typer.Context,
    mirror: Annotated[str, typer.Argument(metavar="ID")],
    *,
    json: Json = False,
) -> None:
    """Publish no more to a mirror, except withdrawals. Its name is never used again."""
    _say(asyncio.run(retire(place(context).folder, MirrorId(mirror))), json=json)


def mirror_rotate(
    context: typer.Context,
    mirror: Annotated[
        str | None, typer.Argument(metavar="ID", help="The mirror; with --undo, a turn's number.")
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    back: Annotated[
        bool, typer.Option("--undo", help="Take a turn back, by default the newest that stands.")
    ] = False,
    json: Json = False,
) -> None:
    """Retire a mirror and let a spare of its group take over, verified before it is announced.

    Without a spare that verifies, nothing is done. `--undo` takes a turn back: what came in is a
    spare again, what went out is active again. No new edition is made.
    """
    folder = place(context).folder
    if back:
        _undo(folder, mirror, dry_run=dry_run, json=json)
        return
    if mirror is None:
        raise ConfigError("mirror rotate: name the mirror, or say --undo")
    rotated = asyncio.run(rotate(folder, MirrorId(mirror), dry_run=dry_run))
    _say(rotated, json=json)
    lack = lacking(rotated)
    if lack:
        err.print(f"{mirror}: {lack}", markup=False, style="red")
        raise typer.Exit(REFUSED)


def mirror_turns(context: typer.Context, *, json: Json = False) -> None:
    """Every change of the pool: which mirrors came in and went out, when, and whether by hand."""
    found = asyncio.run(turns(place(context).folder))
    if json:
        as_json([_turn(one) for one in found])
    else:
        rows = [[_cell(value) for value in _turn(one).values()] for one in found]
        table("Turns", TURN_COLUMNS, rows)


def _undo(folder: Path, number: str | None, *, dry_run: bool, json: bool) -> None:
    if dry_run:
        raise ConfigError("mirror rotate: --dry-run and --undo do not go together")
    if number is not None and not (number.isascii() and number.isdecimal()):
        raise ConfigError(
            f"mirror rotate --undo {number}: give a turn's number (`tamizdat mirror turns`)"
        )
    undone = asyncio.run(undo(folder, int(number) if number is not None else None))
    _say_undone(undone, json=json)
    if undone.refusals:
        raise typer.Exit(REFUSED)


def _say_undone(undone: Undone, *, json: bool) -> None:
    turn = undone.turn
    if json:
        told = [{"mirror": one.mirror, "detail": one.detail} for one in undone.refusals]
        spare, active = list(turn.promoted), list(turn.retired)
        as_json({"turn": turn.number, "active": active, "spare": spare, "refusals": told})
        return
    out.print(taken_back(turn), markup=False)
    for one in undone.refusals:
        err.print(f"{one.mirror} does not follow yet: {one.detail}", markup=False, style="red")


def _turn(turn: Turn) -> dict[str, object]:
    return {
        "turn": turn.number,
        "at": spelled(turn.at),
        "mirror": turn.mirror,
        "country": turn.country,
        "retired": list(turn.retired),
        "promoted": list(turn.promoted),
        "automatic": turn.automatic,
        "undone": spelled(turn.undone) if turn.undone else None,
    }


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "by itself" if value else "by hand"
    return "" if value is None else str(value)


def _say(rotated: Rotated, *, json: bool) -> None:
    if json:
        as_json(
            {
                "retired": list(rotated.retired),
                "promoted": list(rotated.promoted),
                "stand_ins": list(rotated.stand_ins),
                "wanted": rotated.wanted,
                "dry_run": rotated.dry_run,
                "turn": rotated.turn,
            }
        )
        return
    verb = "would be" if rotated.dry_run else "is"
    for one in rotated.retired:
        out.print(f"{one} {verb} retired")
    for one in rotated.promoted:
        out.print(f"{one} {verb} active")
    for one in rotated.stand_ins:
        out.print(f"{one} was added for it before, and stays active")
    if rotated.turn is not None:
        out.print(f"To take it back: tamizdat mirror rotate --undo {rotated.turn}")
