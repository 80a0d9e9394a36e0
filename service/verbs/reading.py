"""Verbs for readers: verify, read. Neither needs a newsroom, a home directory or gpg."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from service.clock import SystemClock
from service.console import err
from service.verbs.context import Json, Place, place
from service.verbs.copies import say, shown, source_of
from signing import state as states
from signing.fetch import read
from signing.sources import FileSource, Source
from signing.verify import Report, verify
from tamizdat.digest import is_digest
from tamizdat.errors import ConfigError, TamizdatError

Root = Annotated[str | None, typer.Option("--root", help="The root id, 64 digits.")]
State = Annotated[
    Path | None,
    typer.Option("--state", help="Remember counters here against rollback (leaves a trace)."),
]


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    app.command("verify", epilog="Example: tamizdat verify edition.zip --root 4cd7f4...")(
        verify_verb
    )
    app.command(
        "read", epilog="Example: tamizdat read https://a.example/ https://b.example/ --to paper"
    )(read_verb)


def verify_verb(
    context: typer.Context,
    copy: Annotated[str, typer.Argument(metavar="FOLDER|FILE|URL")],
    *,
    root: Root = None,
    require_fresh: Annotated[
        bool, typer.Option("--require-fresh", help="Answer 1 where it may be out of date.")
    ] = False,
    state: State = None,
    json: Json = False,
) -> None:
    """Check a copy to the last byte: whether it is ours, and how old it is.

    Exit 0 authentic, 1 not authentic, 2 usage or no root pinned.
    """
    pin = pinned(place(context), root)
    where = place(context)
    report, thefts = asyncio.run(_verify(copy, pin, state, where, quiet=json))
    code = say(report, copy, require_fresh=require_fresh, json=json, thefts=thefts)
    raise typer.Exit(code)


def read_verb(
    context: typer.Context,
    copies: Annotated[list[str], typer.Argument(metavar="URL|FOLDER|ZIP...")],
    *,
    to: Annotated[Path, typer.Option("--to", help="The folder to read into.")],
    root: Root = None,
    state: State = None,
    json: Json = False,
) -> None:
    """Take the newest authentic edition that any of several mirrors has into a folder."""
    pin = pinned(place(context), root)
    where = place(context)
    report, thefts = asyncio.run(_read(copies, to, pin, state, where, quiet=json))
    code = say(report, str(to), require_fresh=False, json=json, thefts=thefts)
    raise typer.Exit(code)


async def _verify(
    copy: str, root: str, state: Path | None, where: Place, *, quiet: bool
) -> tuple[Report, Sequence[int]]:
    seen = await states.load(state, root) if state else None
    async with AsyncExitStack() as stack:
        source = await source_of(copy, stack)
        with shown("verify", quiet=quiet) as show:
            report = await verify(source, root, SystemClock().now(), seen, show)
        thefts = await _thefts(copy, source, root, where)
    if state and report.seen:
        await states.save(state, report.seen)
    return report, thefts


async def _thefts(copy: str, source: Source | FileSource, root: str, where: Place) -> Sequence[int]:
    """What in the copy our own keys signed and our ledger does not know; nothing for readers."""
    from service.config import FILE  # noqa: PLC0415 - slow to load, and rarely asked

    if isinstance(source, FileSource) or not (where.folder / FILE).exists():
        return ()
    from service.verbs.alarms import say_thefts  # noqa: PLC0415 - as above
    from service.witnessing import witnessed  # noqa: PLC0415 - as above

    try:
        found = await witnessed(where.folder, copy, source, root)
    except TamizdatError as error:
        err.print(f"Not compared with what this newsroom made: {error}", markup=False, style="red")
        return ()
    say_thefts(found)
    return [one.number for one in found]


async def _read(
    copies: Sequence[str], to: Path, root: str, state: Path | None, where: Place, *, quiet: bool
) -> tuple[Report, Sequence[int]]:
    seen = await states.load(state, root) if state else None
    from service.keeping import is_page, keep_page  # noqa: PLC0415 - only `read` needs it

    if all(is_page(copy) for copy in copies):
        return await keep_page(copies, to, root, SystemClock().now(), seen), ()
    async with AsyncExitStack() as stack:
        sources = [await source_of(copy, stack) for copy in copies]
        with shown("read", quiet=quiet) as show:
            report = await read(sources, to, root, SystemClock().now(), seen, show)
        named = zip(copies, sources, strict=True)
        found = [await _thefts(copy, source, root, where) for copy, source in named]
    if state and report.seen:
        await states.save(state, report.seen)
    return report, sorted({number for numbers in found for number in numbers})


def pinned(where: Place, root: str | None) -> str:
    """The root id that the user gave, or that the newsroom at -C knows; ConfigError for neither."""
    if root:
        given = root.strip().lower()
        if is_digest(given):
            return given
        raise ConfigError("--root: write the 64 digits that `tamizdat init` printed")
    from service.config import FILE, load  # noqa: PLC0415 - slow to load, and rarely asked
    from service.keys.published import published_roots  # noqa: PLC0415

    if where.named or (where.folder / FILE).exists():
        keys = where.folder / load(where.folder).signing.keys
        return published_roots(keys)[0].sha256
    raise ConfigError(
        "no root is pinned, so nothing can be called genuine: give --root ID, "
        "which the newsroom prints and reads aloud"
    )
