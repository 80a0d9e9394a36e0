"""Verbs for bylines: author rename, author remove."""

import asyncio
from typing import Annotated

import typer

from service.console import REFUSED, as_json, err, out
from service.stories.new_name import switch_by
from service.verbs.context import Json, place
from service.wiring import opened
from tamizdat.byline import Switched

Name = Annotated[str, typer.Argument(metavar="NAME")]
Person = Annotated[str, typer.Option(help="Who asks (kept as a keyed digest only).")]


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(help="Bylines: whose name stands under articles.", no_args_is_help=True)
    group.command("rename", epilog="Example: tamizdat author rename 'Mira Holm' 'M. H.'")(
        rename_verb
    )
    group.command("remove", epilog="Example: tamizdat author remove 'Mira Holm'")(remove_verb)
    app.add_typer(group, name="author")


def rename_verb(
    context: typer.Context, name: Name, to: Name, *, person: Person = "console", json: Json = False
) -> None:
    """Sign all that NAME signed with another name, everywhere, with the next publish.

    Where the newsroom asks for approvals, a second person runs the same with another --person.
    """
    _switch(context, name, to, person, json=json)


def remove_verb(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Take NAME out of every byline, everywhere, with the next publish; no source brings it."""
    _switch(context, name, "", "console", json=json)


def _switch(context: typer.Context, name: str, to: str, person: str, *, json: bool) -> None:
    async def run() -> Switched:
        async with opened(place(context).folder) as room, room.writing:
            return await switch_by(room, name, to, person)

    done = asyncio.run(run())
    if done.waits:
        err.print(done.waits, markup=False, style="red")
        raise typer.Exit(REFUSED)
    if json:
        told = {"articles": done.articles, "drafts": done.drafts, "mentioned": done.mentioned}
        as_json({kind: list(ids) for kind, ids in told.items()})
        return
    out.print(f"{len(done.articles)} articles and {len(done.drafts)} drafts are signed anew.")
    if done.mentioned:
        err.print("The name stands in the words of these: correct or withdraw them:")
        for article in done.mentioned:
            err.print(f"  {article}", markup=False)
    out.print("Next: tamizdat publish")
