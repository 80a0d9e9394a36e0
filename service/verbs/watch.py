"""Verbs for the watch list: watch add, list, remove."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from service.closing import closing_of
from service.console import as_json, out
from service.stories.watch_list import LedgerWatchList
from service.verbs.context import Json, place
from service.wiring import beside, salt_of
from store.facts import SqlFacts
from tamizdat.errors import ConfigError
from tamizdat.watch_list import LONGEST_NAME, MOST_NAMES

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME...", help="Without any, one a line from the standard input."),
]


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(help="Names that must not go out unseen.", no_args_is_help=True)
    group.command("add", epilog="Example: tamizdat watch add < names.txt")(add_verb)
    group.command("list")(list_verb)
    group.command("remove")(remove_verb)
    app.add_typer(group, name="watch")


def add_verb(context: typer.Context, names: Names = None, *, json: Json = False) -> None:
    """Watch for names: the desk asks about them before a release, also where they are declined.

    What is typed on a command line stays in the shell's history: give them on the standard input.
    """
    count = asyncio.run(_changed(place(context).folder, _given(names), gone=False))
    as_json({"added": count}) if json else out.print(f"{count} added.")


def list_verb(context: typer.Context, *, json: Json = False) -> None:
    """All names that are watched for."""

    async def run() -> Sequence[str]:
        async with _list(place(context).folder) as names:
            return await names.names()

    found = asyncio.run(run())
    if json:
        as_json(list(found))
        return
    for name in found:
        out.print(name, markup=False)


def remove_verb(context: typer.Context, names: Names = None, *, json: Json = False) -> None:
    """Watch for these names no more."""
    count = asyncio.run(_changed(place(context).folder, _given(names), gone=True))
    as_json({"removed": count}) if json else out.print(f"{count} removed.")


async def _changed(folder: Path, names: Sequence[str], *, gone: bool) -> int:
    async with _list(folder) as known:
        return await (known.remove(names) if gone else known.add(names))


@asynccontextmanager
async def _list(folder: Path) -> AsyncIterator[LedgerWatchList]:
    async with beside(folder) as (config, ledger):
        salt = await salt_of(ledger)
        closing = await asyncio.to_thread(closing_of, folder, config, salt)
        yield LedgerWatchList(SqlFacts(ledger), closing, ledger.scrub)


def _given(names: list[str] | None) -> Sequence[str]:
    if names:
        return names
    text = sys.stdin.read(MOST_NAMES * LONGEST_NAME)
    found = [one for one in text.splitlines() if one.strip()]
    if not found:
        raise ConfigError("watch: no name was given")
    return found
