"""Verbs of the running service: serve, desk."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from desk.invitations import LIFETIME, invite
from desk.leaving import STILL, went
from desk.sessions import holds
from service.clock import SystemClock
from service.console import as_json, err, out, table
from service.verbs.context import Json, place
from service.wiring import beside, deeds_of
from store.people import SqlPeople
from tamizdat.deeds import Deed, What
from tamizdat.errors import ConfigError
from tamizdat.moment import spelled
from tamizdat.people import Person, Removed, Role
from tamizdat.progress import CONSOLE

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As `desk people` tells it.")]

_T = TypeVar("_T")

HOURS = int(LIFETIME.total_seconds() // 3600)


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    app.command("serve", epilog="Example: tamizdat -C paper serve")(serve_verb)
    group = typer.Typer(help="The desk: who may sign in there.", no_args_is_help=True)
    group.command("invite", epilog="Example: tamizdat -C paper desk invite --role writer")(
        invite_verb
    )
    group.command("people", epilog="Example: tamizdat -C paper desk people")(people_verb)
    group.command("role", epilog="Example: tamizdat -C paper desk role 2 writer")(role_verb)
    group.command("sessions", epilog="Example: tamizdat -C paper desk sessions 2")(sessions_verb)
    group.command("sign-out", epilog="Example: tamizdat -C paper desk sign-out 2")(sign_out_verb)
    group.command("remove", epilog="Example: tamizdat -C paper desk remove 2")(remove_verb)
    group.command("openapi", epilog="Example: tamizdat desk openapi > desk.json")(openapi_verb)
    app.add_typer(group, name="desk")


def openapi_verb() -> None:
    """What each address of the desk takes and answers, as OpenAPI 3.1: for tests of it."""
    from desk.schema import document  # noqa: PLC0415 - only this verb needs the web server's parts

    as_json(document())


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
            as_json(
                {
                    "desk": doors.desk,
                    "status": doors.status,
                    "post": post,
                    "asking": doors.asking,
                    "join": join,
                }
            )
            return
        out.print(f"The desk and the board: {doors.desk}", markup=False)
        out.print(f"For monitoring: {doors.status}/health and /metrics", markup=False)
        if doors.post:
            out.print(f"Our gateway takes letters for {doors.post.domain}", markup=False)
        if doors.asking:
            out.print(f"Readers who write to {doors.asking} are answered", markup=False)
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
                await _known(people, person)
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


def role_verb(
    context: typer.Context,
    person: Number,
    role: Annotated[Role, typer.Argument(help="What this person may do from now on.")],
    *,
    json: Json = False,
) -> None:
    """Make somebody a writer, an editor, an operator, or both; it counts from the next click on."""

    async def run(people: SqlPeople, _: datetime) -> None:
        await people.set_role(person, role)

    asyncio.run(_with(place(context).folder, person, What.ROLE, run))
    if json:
        as_json({"number": person, "role": role.value})
    else:
        out.print(f"Person {person}: {role.value}.", markup=False)


def sessions_verb(context: typer.Context, person: Number, *, json: Json = False) -> None:
    """Since when somebody is signed in, and when they last did anything; by days."""

    async def run() -> list[list[str]]:
        async with beside(place(context).folder) as (_, ledger):
            people, now = SqlPeople(ledger), SystemClock().now()
            await _known(people, person)
            return [
                [one.begun.date().isoformat(), one.seen.date().isoformat()]
                for one in await people.sessions_of(person)
                if holds(one, now)
            ]

    found = asyncio.run(run())
    if json:
        as_json([{"since": since, "used": used} for since, used in found])
        return
    table(f"Where person {person} is signed in", ["since", "last used"], found)


def sign_out_verb(context: typer.Context, person: Number, *, json: Json = False) -> None:
    """End all sessions of somebody, at once. They may sign in again."""

    async def run(people: SqlPeople, _: datetime) -> int:
        return await people.end_all(person)

    count = asyncio.run(_with(place(context).folder, person, What.ENDED, run))
    if json:
        as_json({"number": person, "ended": count})
    else:
        out.print(f"Person {person} is signed out everywhere: {count} sessions ended.")


def remove_verb(context: typer.Context, person: Number, *, json: Json = False) -> None:
    """Let somebody in no more, in one step: sessions end, approvals that wait are void.

    Then it says what is left for you to do.
    """

    async def run(people: SqlPeople, now: datetime) -> Removed:
        return await people.remove(person, now)

    gone = asyncio.run(_with(place(context).folder, person, What.REMOVED, run))
    if json:
        as_json({"removed": person, **asdict(gone), "still": list(STILL)})
        return
    out.print(went(person, gone), markup=False)
    err.print("What is left to do:")
    for one in STILL:
        err.print(f"  {one}", markup=False)


async def _with(
    folder: Path,
    person: int,
    what: What,
    act: Callable[[SqlPeople, datetime], Awaitable[_T]],
) -> _T:
    """Do this to somebody who is there, after it was noted."""
    async with beside(folder) as (config, ledger):
        people, now = SqlPeople(ledger), SystemClock().now()
        await _known(people, person)
        deeds = await deeds_of(folder, config, ledger)
        await deeds.note(Deed(at=now, what=what, person=CONSOLE, about=person))
        return await act(people, now)


async def _known(people: SqlPeople, person: int) -> None:
    found = await people.get(person)
    if found is None or found.removed is not None:
        raise ConfigError(f"person {person}: is not there: `tamizdat desk people`")


async def _first(folder: Path) -> str | None:
    """The token of a link for the first operator; None where somebody can sign in already."""
    async with beside(folder) as (_, ledger):
        people = SqlPeople(ledger)
        if any(one.removed is None for one in await people.all()):
            return None
        return await invite(people, Role.BOTH, SystemClock().now())
