"""Verbs of four eyes and clocks: article ask, compare, approve, send-back, hold, schedule."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from desk.diff import folded, rows
from desk.passwords import Passwords, Which
from desk.times import due_of
from service.console import as_json, err, out, table
from service.newsroom import Newsroom
from service.stories.comparing import compared
from service.stories.moving import Moved, moved
from service.verbs.context import Json, place
from service.wiring import glanced, opened
from tamizdat.approving import Comparison
from tamizdat.article import ArticleId
from tamizdat.digest import Digest, is_digest
from tamizdat.errors import ConfigError
from tamizdat.moment import spelled
from tamizdat.moves import Approve, Ask, Hold, Move, SendBack, SetClock, StopClock
from tamizdat.progress import CONSOLE, Progress

SHORTEST = 12
"""Digits of a text's digest that must be given at least."""

Id = Annotated[str, typer.Argument(metavar="ID")]


def add(group: typer.Typer) -> None:
    """Hang these verbs below `article`."""
    group.command("pending", epilog="Example: tamizdat article pending")(pending_verb)
    group.command("ask", epilog="Example: tamizdat article ask ID")(ask_verb)
    group.command("compare", epilog="Example: tamizdat article compare ID")(compare_verb)
    group.command(
        "approve", epilog="Example: tamizdat article approve ID --content 3f9a01c2b7de --person 2"
    )(approve_verb)
    group.command("send-back", epilog="Example: tamizdat article send-back ID")(send_back_verb)
    group.command("hold", epilog="Example: tamizdat article hold ID")(hold_verb)
    group.command(
        "schedule",
        epilog="Example: tamizdat article schedule ID --at 2026-11-26T10:00 --zone Europe/Riga",
    )(schedule_verb)
    group.command("unschedule", epilog="Example: tamizdat article unschedule ID")(unschedule_verb)


def pending_verb(context: typer.Context, *, json: Json = False) -> None:
    """What waits for approval, is on a clock, or is held; by its time."""

    async def run() -> list[tuple[str, Progress]]:
        async with glanced(place(context).folder) as room:
            return list((await room.ledgers.progresses.pending()).items())

    found = asyncio.run(run())
    if json:
        as_json([{"id": article, **_fields(one)} for article, one in found])
        return
    shown = [
        [
            article,
            one.state.value,
            str(len(one.approvals)),
            spelled(one.due) if one.due else "",
            one.why.value if one.why else "",
        ]
        for article, one in found
    ]
    table("On their way out", ["id", "state", "approvals", "due", "why"], shown)


def ask_verb(context: typer.Context, article: Id, *, json: Json = False) -> None:
    """Ask others to approve a draft. Whoever works at the console counts as one person."""
    _move(context, article, Ask(person=CONSOLE), json=json)


def compare_verb(context: typer.Context, article: Id, *, json: Json = False) -> None:
    """A text beside what approval was asked for before, or what is out; and its digest."""

    async def run() -> Comparison | None:
        async with opened(place(context).folder) as room:
            return await compared(room, ArticleId(article))

    found = asyncio.run(run())
    if found is None:
        raise ConfigError(f"{article}: nothing is written: `tamizdat draft list` shows drafts")
    made = rows(found.before or found.now, found.now)
    if json:
        told = [[[piece.kind, piece.text] for piece in row.pieces] for row in made]
        as_json({"content": found.content, "since": found.since, "rows": told})
        return
    out.print(f"content {found.content}", markup=False)
    for row in folded(made) if found.before else made:
        if isinstance(row, int):
            out.print(f"  ({row} as before)", markup=False)
            continue
        marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
        text = "".join(marks[piece.kind].format(piece.text) for piece in row.pieces)
        out.print(f"{row.label}: {text}" if row.label else text, markup=False)


def approve_verb(
    context: typer.Context,
    article: Id,
    *,
    content: Annotated[
        str, typer.Option(help="The digest that `article compare` named, or its first 12 digits.")
    ],
    person: Annotated[int, typer.Option(help="Who approves: a number of `desk people`.")],
    password_file: Annotated[
        Path | None, typer.Option(help="A file with their password; it is asked for otherwise.")
    ] = None,
    json: Json = False,
) -> None:
    """Approve exactly the text that you read. With the last approval it goes out."""
    password = _password(password_file)

    async def run() -> Moved:
        async with opened(place(context).folder) as room:
            await _prove(room, person, password)
            found = await compared(room, ArticleId(article))
            whole = _whole(content, found)
            async with room.writing:
                return await moved(room, ArticleId(article), Approve(person=person, content=whole))

    _report(article, asyncio.run(run()), json=json)


def send_back_verb(
    context: typer.Context,
    article: Id,
    *,
    note: Annotated[str, typer.Option(help="What its author should change.")] = "",
    json: Json = False,
) -> None:
    """Give it back to its author; nothing goes out."""
    _move(context, article, SendBack(person=CONSOLE, note=note), json=json)


def hold_verb(context: typer.Context, article: Id, *, json: Json = False) -> None:
    """Hold it until somebody decides; approvals are asked for again then."""
    _move(context, article, Hold(person=CONSOLE), json=json)


def schedule_verb(
    context: typer.Context,
    article: Id,
    *,
    at: Annotated[str, typer.Option(help="When, as 2026-11-26T10:00. Empty: no clock, never now.")],
    zone: Annotated[str, typer.Option(help="The time zone of that, as Europe/Riga.")] = "UTC",
    json: Json = False,
) -> None:
    """Let it go out by itself at a time, while `tamizdat serve` runs."""
    due = due_of(at, zone)
    move = StopClock(person=CONSOLE) if due is None else SetClock(person=CONSOLE, due=due)
    _move(context, article, move, json=json)


def unschedule_verb(context: typer.Context, article: Id, *, json: Json = False) -> None:
    """Stop its clock. A stopped clock publishes nothing."""
    _move(context, article, StopClock(person=CONSOLE), json=json)


def _move(context: typer.Context, article: str, move: Move, *, json: bool) -> None:
    async def run() -> Moved:
        async with opened(place(context).folder) as room, room.writing:
            return await moved(room, ArticleId(article), move)

    _report(article, asyncio.run(run()), json=json)


def _report(article: str, done: Moved, *, json: bool) -> None:
    if json:
        as_json({"id": article, **_fields(done.progress), "released": done.released is not None})
        return
    state = done.progress.state.value
    if done.progress.due:
        state = f"{state}, for {spelled(done.progress.due)}"
    hint = " Next: tamizdat publish" if done.released else ""
    out.print(f"{article}: {state}.{hint}", markup=False)


def _fields(one: Progress) -> dict[str, object]:
    return {
        "state": one.state.value,
        "approvals": [approval.person for approval in one.approvals],
        "due": spelled(one.due) if one.due else None,
        "why": one.why.value if one.why else None,
        "content": one.content,
    }


def _password(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt("Password", hide_input=True, err=True))
    try:
        return file.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read ({type(error).__name__})") from None


async def _prove(room: Newsroom, person: int, password: str) -> None:
    """ConfigError where the password is not theirs, or nobody has this number any more."""
    found = await room.ledgers.people.get(person)
    there = found is not None and found.removed is None
    first, second = (found.password, found.second) if found and there else (None, None)
    which = await Passwords().which(first, second, password)
    if which is Which.SECOND:
        await room.ledgers.people.freeze(person, room.clock.now())
    if which is None:
        err.print("An approval is a person's: give their number and their password.")
        raise ConfigError(f"person {person}: that password is not theirs")


def _whole(given: str, found: Comparison | None) -> Digest:
    """The digest that was meant; where it is not that of the text, it stays what was given."""
    if found and len(given) >= SHORTEST and found.content.startswith(given):
        return found.content
    if not is_digest(given) and len(given) < SHORTEST:
        raise ConfigError(f"--content: give at least {SHORTEST} digits that `compare` named")
    return Digest(given)
