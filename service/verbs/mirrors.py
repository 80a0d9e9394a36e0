"""Verbs for mirrors: list, add, probe, retire, rotate."""

import asyncio
from typing import Annotated

import typer

from mirror.probe import Mark
from mirror.settings import to_mirror
from service.console import DONE, REFUSED, as_json, err, out, table
from service.rotating import Rotated, add_mirror, probe_mirror, retire, rotate
from service.verbs.context import Json, place
from service.wiring import opened
from tamizdat.placement import Mirror, MirrorId

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
    app.add_typer(group, name="mirror")


def mirror_list(context: typer.Context, *, json: Json = False) -> None:
    """Every mirror: where it lies, its state, and who may learn it."""

    async def run() -> list[Mirror]:
        async with opened(place(context).folder) as room:
            return [outlet.mirror for outlet in room.outlets.values()]

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
    findings = asyncio.run(probe_mirror(place(context).folder, MirrorId(mirror)))
    bad = any(finding.mark is Mark.BAD for finding in findings)
    if json:
        as_json(
            {
                "mirror": mirror,
                "usable": not bad,
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
    mirror: Annotated[str, typer.Argument(metavar="ID")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    json: Json = False,
) -> None:
    """Retire a mirror and let a spare of its group take over, verified before it is announced."""
    rotated = asyncio.run(rotate(place(context).folder, MirrorId(mirror), dry_run=dry_run))
    _say(rotated, json=json)
    if rotated.wanted:
        err.print(f"{rotated.wanted} more spares are wanted: tamizdat mirror add", style="red")
        raise typer.Exit(REFUSED)


def _say(rotated: Rotated, *, json: bool) -> None:
    if json:
        as_json(
            {
                "retired": list(rotated.retired),
                "promoted": list(rotated.promoted),
                "wanted": rotated.wanted,
                "dry_run": rotated.dry_run,
            }
        )
        return
    verb = "would be" if rotated.dry_run else "is"
    for one in rotated.retired:
        out.print(f"{one} {verb} retired")
    for one in rotated.promoted:
        out.print(f"{one} {verb} active")
