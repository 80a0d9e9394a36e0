"""Verbs for a whole newsroom: init, publish."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from service.alarms.sounding import siren_of
from service.backup.catching_up import CaughtUp, HeldError, catch_up
from service.console import DONE, REFUSED, as_json, bars, err, out, table
from service.countersigning.taking import take
from service.countersigning.together import Waits
from service.pipeline import Published, publish
from service.verbs.alarms import say_thefts
from service.verbs.context import Json, place
from service.verbs.learned import learned, learned_json
from service.wiring import opened
from signing.words import spelled
from store.lock import BusyError
from tamizdat import language as languages
from tamizdat.digest import Digest


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    app.command("init", epilog="Example: tamizdat init paper --name 'The Tideline' --language fa")(
        init
    )
    app.command("publish", epilog="Example: tamizdat -C paper publish --json")(publish_verb)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An empty or new folder.")],
    name: Annotated[str, typer.Option(help="The paper's name.")] = "The Tideline",
    language: Annotated[
        list[str] | None, typer.Option(help="Languages, the front page's first.")
    ] = None,
    *,
    ledger: Annotated[
        str, typer.Option(help="sqlite:PATH (inside DIR), or postgresql://...")
    ] = "sqlite:state/ledger.db",
    json: Json = False,
) -> None:
    """Make a ready newsroom: config, test keys, ledger, three folder mirrors."""
    from service.founding import found  # noqa: PLC0415 - only init needs it

    tags = tuple(languages.tag(tag) for tag in language or ["en"])
    made = asyncio.run(found(folder, name, tags, ledger_at=ledger))
    if json:
        as_json({"root": made.root, "mirrors": list(made.mirrors), "test_keys": True})
        return
    out.print(f"A newsroom lies in {made.folder}, with mirrors {', '.join(made.mirrors)}.")
    out.print(f"Its root id is\n  {made.root}", markup=False)
    out.print(f"  {spelled(Digest(made.root))}", markup=False)
    out.print(
        "These are test keys, born on this machine. Do not let anyone's safety rest on them "
        "before the ceremony in docs/ceremony.md is done."
    )
    out.print(f"Next: tamizdat -C {made.folder} import folder TEXTS --release", markup=False)


def publish_verb(
    context: typer.Context,
    *,
    blind: Annotated[
        bool,
        typer.Option(
            "--blind",
            help="After a restore: go on without knowing what readers have seen since (risk: they "
            "may refuse it, and withdrawn or older texts may come back).",
        ),
    ] = False,
    signature: Annotated[
        list[Path] | None,
        typer.Option(
            "--signature",
            metavar="FILE",
            help="What another person signed (key countersign), where several must.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Compose, seal, push to every mirror and read back. Safe to stop and to run again.

    After a restore, the mirrors are asked first what readers have seen since the backup. Where
    several people must sign, the edition waits for them: see review, and docs/ceremony.md.
    """
    if signature:
        asyncio.run(take(place(context).folder, signature))
    try:
        told, published = asyncio.run(run_publish(place(context).folder, quiet=json, blind=blind))
    except HeldError as error:
        if json:
            as_json({"restored": learned_json(error.told), "edition": None})
        else:
            learned(error.told)
        raise
    except BusyError:
        if not signature:
            raise
        _taken(len(signature), json=json)
        raise typer.Exit(DONE) from None
    if told and not json:
        learned(told)
    raise typer.Exit(report(published, json=json, told=told))


def _taken(count: int, *, json: bool) -> None:
    """Say that a running service goes on with signatures that were taken."""
    if json:
        as_json({"taken": count, "edition": None})
    else:
        out.print(f"{count} taken. The running service publishes the edition now.")


async def run_publish(
    folder: Path, *, quiet: bool, blind: bool = False
) -> tuple[CaughtUp | None, Published]:
    """Publish the newsroom in `folder`, with progress bars for a person."""
    with bars(quiet=quiet) as progress:
        tasks: dict[str, object] = {}

        def show(mirror: str, done: int, total: int) -> None:
            if progress is None:
                return
            if mirror not in tasks:
                tasks[mirror] = progress.add_task(mirror, total=total)
            progress.update(tasks[mirror], completed=done, total=total)  # type: ignore[arg-type]

        async with opened(folder) as room:
            try:
                told = await catch_up(room, blind=blind)
                return told, await publish(room, show)
            finally:
                await siren_of(room).sound(room.clock.now())


def _as_told(waits: Waits) -> dict[str, int]:
    return {"edition": waits.edition, "signed": waits.signed, "needed": waits.needed}


def report(published: Published, *, json: bool, told: CaughtUp | None = None) -> int:
    """Say what became of a publish; gives the exit code."""
    if json:
        as_json(
            {
                **({"restored": learned_json(told)} if told else {}),
                "edition": published.edition,
                **({"silence": published.silence} if published.silence else {}),
                **({"waiting": _as_told(published.waits)} if published.waits else {}),
                **(
                    {"thefts": [one.number for one in published.thefts]} if published.thefts else {}
                ),
                "placements": [
                    {
                        "mirror": p.mirror,
                        "url": p.url,
                        "verified": True,
                        "writes": p.writes,
                        "readbacks": p.readbacks,
                    }
                    for p in published.placements
                ],
                "refusals": [
                    {"mirror": r.mirror, "detail": r.detail, "retry": r.retry}
                    for r in published.refusals
                ],
            }
        )
    else:
        rows = [[p.mirror, "verified", str(p.writes), p.url] for p in published.placements]
        rows += [[r.mirror, "refused", "", r.detail] for r in published.refusals]
        table(f"Edition {published.edition}", ["mirror", "state", "files put", "where"], rows)
        if published.silence:
            err.print(f"No new edition: {published.silence}.", markup=False, style="red")
        if published.waits:
            out.print(f"Not out yet: {published.waits.told} (review).", markup=False)
        if published.refusals:
            err.print("Run `tamizdat publish` again: it goes on where it stopped.", style="red")
    say_thefts(published.thefts)
    return REFUSED if published.refusals or published.silence else DONE
