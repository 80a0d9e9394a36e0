"""Verbs for names: fronts that a provider shares among many, and names that were retired."""

import asyncio
from typing import Annotated

import typer

from service.console import REFUSED, as_json, out, table
from service.fronting import Fronted, add_front, close_front
from service.looks.retired import Afterlife, as_row, look_at_retired
from service.verbs.context import Json, place
from service.wiring import opened
from tamizdat.placement import MirrorId
from tamizdat.verdict import Word

COLUMNS = ["mirror", "url", "retired", "verdict", "rule"]


def add_fronts(group: typer.Typer) -> None:
    """Hang these verbs into `tamizdat mirror`."""
    group.command(
        "front",
        epilog="Example: tamizdat mirror front ivory --bucket paper-ivory "
        "--credentials secrets/ivory.toml --provider amazon --wait",
    )(mirror_front)
    group.command("close", epilog="Example: tamizdat mirror close ivory")(mirror_close)
    group.command("names", epilog="Example: tamizdat mirror names --json")(mirror_names)


def mirror_front(
    context: typer.Context,
    mirror: Annotated[str, typer.Argument(metavar="ID")],
    *,
    bucket: Annotated[str, typer.Option(help="The bucket, which exists.")],
    credentials: Annotated[str, typer.Option(help="A file with access_key and secret_key.")],
    endpoint: Annotated[str | None, typer.Option(help="The S3 endpoint.")] = None,
    region: Annotated[str | None, typer.Option(help="The S3 region.")] = None,
    prefix: Annotated[str | None, typer.Option(help="A path inside the bucket.")] = None,
    control: Annotated[str | None, typer.Option(help="Where CloudFront is asked.")] = None,
    provider: Annotated[str | None, typer.Option(help="Whose budget it counts to.")] = None,
    account: Annotated[str | None, typer.Option(help="The account it falls with.")] = None,
    exposure: Annotated[str, typer.Option(help="public, group or secret")] = "public",
    group: Annotated[str, typer.Option(help="The hand-out group.")] = "open",
    state: Annotated[str, typer.Option(help="active or spare")] = "spare",
    wait: Annotated[bool, typer.Option(help="Until it stands everywhere, some minutes.")] = False,
    json: Json = False,
) -> None:
    """Put a bucket behind a CloudFront name, and add it as a mirror. It costs from then on.

    Read the provider's terms first (docs/operating.md).
    """
    given = {
        "id": mirror,
        "bucket": bucket,
        "credentials": credentials,
        "endpoint": endpoint,
        "region": region,
        "prefix": prefix,
        "control": control,
        "provider": provider,
        "account": account,
        "exposure": exposure,
        "group": group,
        "state": state,
    }
    chosen = {key: value for key, value in given.items() if value is not None}
    _say(asyncio.run(add_front(place(context).folder, chosen, wait=wait)), json=json)


def _say(made: Fronted, *, json: bool) -> None:
    settings = made.settings
    if json:
        as_json(
            {
                "id": settings.id,
                "url": settings.url,
                "distribution": settings.distribution,
                "deployed": made.deployed,
            }
        )
        return
    stands = "" if made.deployed else " It will stand everywhere in some minutes."
    out.print(f"{settings.id} was added: {settings.url}.{stands}", markup=False)
    out.print(f"Next: tamizdat mirror probe {settings.id}", markup=False)


def mirror_close(
    context: typer.Context,
    mirror: Annotated[str, typer.Argument(metavar="ID")],
    *,
    json: Json = False,
) -> None:
    """Empty a retired front's bucket, switch the front off, and delete it at the provider."""
    gone = asyncio.run(close_front(place(context).folder, MirrorId(mirror)))
    if json:
        as_json({"mirror": mirror, "deleted": gone})
    elif gone:
        out.print(f"{mirror} is closed. Keep its block in the config: its name is watched.")
    else:
        out.print(f"{mirror} is off. Call this again in some minutes to delete it.")
    if not gone:
        raise typer.Exit(REFUSED)


def mirror_names(context: typer.Context, *, json: Json = False) -> None:
    """Look who answers under the names of retired mirrors. `tamizdat serve` does so every day.

    Exit 1 where somebody else does, who could speak to readers in our place.
    """

    async def run() -> list[Afterlife]:
        async with opened(place(context).folder) as room:
            return list(await look_at_retired(room))

    found = asyncio.run(run())
    rows = [as_row(one) for one in found]
    if json:
        as_json(rows)
    else:
        table("Retired names", COLUMNS, [[value or "" for value in row.values()] for row in rows])
    if any(one.ruling.word is Word.IMPERSONATED for one in found):
        raise typer.Exit(REFUSED)
