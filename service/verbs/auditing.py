"""The verb audit: what people did, and whether the log of it is whole."""

import asyncio
from typing import Annotated

import typer

from service.console import as_json, out, table
from service.verbs.context import Json, place
from service.wiring import beside, deeds_of
from tamizdat.deeds import Checked, Row
from tamizdat.digest import Digest, is_digest
from tamizdat.errors import ConfigError, LedgerError
from tamizdat.moment import spelled
from tamizdat.progress import CONSOLE

MOST = 10_000
"""Rows that are shown at once."""


def add(app: typer.Typer) -> None:
    """Hang this verb into the program."""
    app.command("audit", epilog="Example: tamizdat -C paper audit --check")(audit_verb)


def audit_verb(
    context: typer.Context,
    *,
    count: Annotated[int, typer.Option(min=1, max=MOST, help="How many of the newest rows.")] = 50,
    check: Annotated[
        bool, typer.Option("--check", help="Find a row that was changed or cut out.")
    ] = False,
    seen: Annotated[
        str, typer.Option(help="With --check: a digest that an earlier check told; rows up to it.")
    ] = "",
    json: Json = False,
) -> None:
    """What people did: signed in, approved, released, withdrew, let in and out. No names, no texts.

    Rows are added and never changed, and each holds a digest over the row before. Write the digest
    that --check tells down elsewhere: then rows that are cut off the end show as well.
    """
    if check or seen:
        _check(context, seen, json=json)
        return

    async def run() -> list[Row]:
        async with beside(place(context).folder) as (config, ledger):
            deeds = await deeds_of(place(context).folder, config, ledger)
            return list(await deeds.newest(count))

    rows = asyncio.run(run())
    if json:
        as_json([_fields(row) for row in rows])
        return
    columns = ["number", "at", "who", "what", "article", "about"]
    table("What was done", columns, [_cells(row) for row in rows])


def _check(context: typer.Context, seen: str, *, json: bool) -> None:
    if seen and not is_digest(seen):
        raise ConfigError("--seen: give the whole digest that an earlier check told")

    async def run() -> Checked:
        async with beside(place(context).folder) as (config, ledger):
            deeds = await deeds_of(place(context).folder, config, ledger)
            return await deeds.checked(Digest(seen) if seen else None)

    found = asyncio.run(run())
    if found.broken is not None:
        raise LedgerError(
            f"the log is whole up to row {found.broken - 1}; row {found.broken} was changed or "
            "taken out: compare it with a backup"
        )
    if json:
        as_json({"rows": found.count, "last": found.last})
        return
    out.print(f"All {found.count} rows are as they were written. Newest digest:")
    out.print(f"  {found.last}", markup=False)


def _fields(row: Row) -> dict[str, object]:
    deed = row.deed
    if deed is None:
        return {"number": row.number, "sha256": row.sha256, "closed": True}
    return {
        "number": row.number,
        "sha256": row.sha256,
        "at": spelled(deed.at),
        "what": deed.what.value,
        "person": deed.person,
        "article": deed.article,
        "about": deed.about,
    }


def _cells(row: Row) -> list[str]:
    deed = row.deed
    if deed is None:
        return [str(row.number), "", "", "closed under another passphrase", "", ""]
    who = {CONSOLE: "console", None: ""}.get(deed.person, f"person {deed.person}")
    about = "" if deed.about is None else f"person {deed.about}"
    return [str(row.number), spelled(deed.at), who, deed.what.value, deed.article or "", about]
