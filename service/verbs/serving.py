"""Verbs of the running service: serve, desk."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from desk.invitations import LIFETIME, invite
from service.clock import SystemClock
from service.console import as_json, err, out, table
from service.verbs.context import Json, place
from service.wiring import beside
from store.people import SqlPeople
from tamizdat.errors import ConfigError
from tamizdat.moment import spelled
from tamizdat.people import Person, Role

HOURS = int(LIFETIME.total_seconds() // 3600)


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    app.command("serve", epilog="Example: tamizdat -C paper serve")(serve_verb)
    group = typer.Typer(help="The desk: who may sign in there.", no_args_is_help=True)
    group.command("invite", epilog="Example: tamizdat -C paper desk invite --role writer")(
        invite_verb
    )
    group.command("people", epilog="Example: tamizdat -C paper desk people")(people_verb)
    group.command("remove", epilog="Example: tamizdat -C paper desk remove 2")(remove_verb)
    app.add_typer(group, name="desk")


def serve_verb(context: typer.Context, *, json: Json = False) -> None:
    """Do it all on its own: publish, push, send letters, look, add spares; host desk and board.

    Runs until it is stopped (SIGTERM, or Ctrl-C), and may be killed at any instant.
    """
    from service.running.saying import say_all  # noqa: PLC0415 - as below
    from service.running.serving import Doors, serve  # noqa: PLC0415 - only serve needs everything

    say_all()
    folder = place(context).folder

    async def ready(doors: Doors) -> None:
        token = await _first(folder)
        join = f"{doors.desk}/join/{token}" if token else None
        if json:
            post = {"domain": doors.post.domain, "feeds": doors.post.base} if doors.post else None
            as_json({"desk": doors.desk, "status": doors.status, "post": post, "join": join})
            return
        out.print(f"The desk and the board: {doors.desk}", markup=False)
        out.print(f"For monitoring: {doors.status}/health and /metrics", markup=False)
        if doors.post:
            out.print(f"Our gateway takes letters for {doors.post.domain}", markup=False)
        if join:
            out.print(f"Nobody can sign in yet. Open this once, within {HOURS} hours:")
            out.print(f"  {join}", markup=False)
        out.print("Stop with Ctrl-C.")

    asyncio.run(serve(folder, ready))


def invite_verb(
    context: typer.Context,
    *,
    role: Annotated[Role, typer.Option(help="What this person may do.")] = Role.EDITOR,
    person: Annotated[
        int | None,
        typer.Option(help="The number of somebody known, who forgot the password."),
    ] = None,
    json: Json = False,
) -> None:
    """Make a link that lets one person in, once. Give it by a way that you trust."""
    folder = place(context).folder

    async def run() -> tuple[str, str]:
        async with beside(folder) as (config, ledger):
            people = SqlPeople(ledger)
            if person is not None:
                found = await people.get(person)
                if found is None or found.removed is not None:
                    raise ConfigError(f"person {person}: is not there: `tamizdat desk people`")
            token = await invite(people, role, SystemClock().now(), person)
            base = config.serve.address or f"http://{config.serve.desk}"
            return base.rstrip("/"), token

    base, token = asyncio.run(run())
    if json:
        as_json({"join": f"{base}/join/{token}", "hours": HOURS})
        return
    out.print(f"{base}/join/{token}", markup=False)
    err.print(f"It works once, for {HOURS} hours, while `tamizdat serve` runs.")


def people_verb(context: typer.Context, *, json: Json = False) -> None:
    """Who may sign in, by number. No name is kept."""

    async def run() -> list[Person]:
        async with beside(place(context).folder) as (_, ledger):
            return [one for one in await SqlPeople(ledger).all() if one.removed is None]

    found = asyncio.run(run())
    if json:
        as_json(
            [{"number": p.number, "role": p.role.value, "since": spelled(p.since)} for p in found]
        )
        return
    rows = [[str(p.number), p.role.value, spelled(p.since)] for p in found]
    table("People at the desk", ["number", "role", "since"], rows)


def remove_verb(
    context: typer.Context,
    person: Annotated[int, typer.Argument(metavar="NUMBER")],
    *,
    json: Json = False,
) -> None:
    """Let somebody in no more; whoever is signed in as them is out at once."""

    async def run(folder: Path) -> None:
        async with beside(folder) as (_, ledger):
            people = SqlPeople(ledger)
            if await people.get(person) is None:
                raise ConfigError(f"person {person}: is not there: `tamizdat desk people`")
            await people.remove(person, SystemClock().now())

    asyncio.run(run(place(context).folder))
    if json:
        as_json({"removed": person})
    else:
        out.print(f"Person {person} is removed, and signed out everywhere.")


async def _first(folder: Path) -> str | None:
    """The token of a link for the first operator; None where somebody can sign in already."""
    async with beside(folder) as (_, ledger):
        people = SqlPeople(ledger)
        if any(one.removed is None for one in await people.all()):
            return None
        return await invite(people, Role.BOTH, SystemClock().now())
