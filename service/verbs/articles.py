"""Verbs for articles: draft, article."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from service.config import load
from service.console import DONE, REFUSED, as_json, err, out, table
from service.pipeline import publish
from service.stories.correcting import Change, correct
from service.stories.drafting import drafts, release, show
from service.stories.sources import Kind, Wanted, kind_of
from service.stories.withdrawing import withdraw
from service.sweeping import sweep
from service.verbs import approving
from service.verbs.context import Json, place
from service.verbs.imports import Bringing, Language, brought, report_import
from service.verbs.newsroom import report
from service.wiring import glanced, opened
from tamizdat import language as languages
from tamizdat.article import ArticleId
from tamizdat.errors import ConfigError


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(help="Working texts, before release.", no_args_is_help=True)
    group.command("add", epilog="Example: tamizdat draft add story.md")(draft_add)
    group.command("list")(draft_list)
    group.command("show")(draft_show)
    group.command("release", epilog="Example: tamizdat draft release --all")(draft_release)
    app.add_typer(group, name="draft")
    article = typer.Typer(help="Released articles.", no_args_is_help=True)
    article.command("list")(article_list)
    article.command(
        "correct",
        epilog="Example: tamizdat article correct ID --replace 1998=1989 --reason 'Wrong year'",
    )(article_correct)
    article.command("withdraw", epilog="Example: tamizdat article withdraw ID")(article_withdraw)
    approving.add(article)
    app.add_typer(article, name="article")


def draft_add(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Markdown with front matter, HTML or Word (.docx).")],
    *,
    language: Language = None,
    json: Json = False,
) -> None:
    """Keep one text as a draft."""
    tag = languages.tag(language) if language else None
    wanted = Wanted(kind=kind_of(file) or Kind.FOLDER, place=str(file))
    found = asyncio.run(brought(place(context).folder, wanted, Bringing(language=tag, quiet=True)))
    raise typer.Exit(report_import(found, release=False, json=json))


def draft_list(context: typer.Context, *, json: Json = False) -> None:
    """The drafts, oldest first."""
    found = asyncio.run(drafts(place(context).folder))
    if json:
        as_json([{"id": d.id, "language": d.language, "title": d.title} for d in found])
    else:
        table("Drafts", ["id", "language", "title"], [[d.id, d.language, d.title] for d in found])


def draft_show(context: typer.Context, draft: str, *, json: Json = False) -> None:
    """A draft, as it was cleaned."""
    article = asyncio.run(show(place(context).folder, ArticleId(draft)))
    if json:
        as_json({"id": article.id, "title": article.title, "html": article.html})
    else:
        out.print(article.title, style="bold", markup=False)
        out.print(article.html, markup=False)


def draft_release(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Release every draft.")] = False,
    json: Json = False,
) -> None:
    """Release drafts: from then on they are articles."""
    if not ids and not every:
        raise ConfigError("draft release: name ids, or say --all")
    wanted = None if every else [ArticleId(one) for one in ids or []]
    released = asyncio.run(release(place(context).folder, wanted))
    if json:
        as_json({"released": released})
    else:
        out.print(f"{len(released)} released. Next: tamizdat publish")


def article_list(context: typer.Context, *, json: Json = False) -> None:
    """Every released article by id: language, revision, address, and whether it was withdrawn."""

    async def run() -> list[tuple[str, str, str, str]]:
        async with glanced(place(context).folder) as room:
            ledger = room.ledgers.articles
            records = [*await ledger.texts(), *await ledger.withdrawn()]
            return [
                (
                    r.id,
                    r.language,
                    "withdrawn" if r.withdrawn else str(r.revision),
                    f"{r.language}/{r.published.year:04d}/{r.id}.html",
                )
                for r in records
            ]

    rows = asyncio.run(run())
    columns = ["id", "language", "revision", "path"]
    if json:
        as_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        table("Articles", columns, rows)


def article_correct(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID")],
    *,
    file: Annotated[
        Path | None, typer.Option("--file", help="The whole text anew: Markdown or HTML.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="A new title.")] = None,
    replace: Annotated[
        list[str] | None, typer.Option(metavar="OLD=NEW", help="Replace words in title and text.")
    ] = None,
    reason: Annotated[str, typer.Option(help="One line that readers see.")] = "",
    json: Json = False,
) -> None:
    """Release a corrected revision: same id, same address. The next publish carries it out."""
    change = Change(file=file, title=title, replace=tuple(replace or ()), reason=reason)
    made = asyncio.run(correct(place(context).folder, ArticleId(article), change))
    if json:
        as_json({"id": made.id, "revision": made.revision, "path": made.path})
    else:
        asks = load(place(context).folder).desk.approvals
        hint = f"tamizdat article ask {made.id}" if asks else "tamizdat publish"
        kept = "is kept as a draft, for revision" if asks else "is at revision"
        out.print(f"{made.id} {kept} {made.revision}. Next: {hint}", markup=False)


def article_withdraw(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID")],
    *,
    person: Annotated[
        str, typer.Option(help="Who withdraws (kept as a keyed digest only).")
    ] = "console",
    json: Json = False,
) -> None:
    """Withdraw an article everywhere, at once. Copies that readers saved remain with them."""

    async def run() -> int:
        async with opened(place(context).folder) as room:
            decision = await withdraw(room, ArticleId(article), person)
            if not decision.allowed:
                hint = "(run the same command with --person and another name)"
                err.print(f"{article}: {decision.reason} {hint}", markup=False, style="red")
                return REFUSED
            if await room.ledgers.editions.newest() is None:
                await sweep(room)
                if json:
                    as_json({"edition": None, "placements": [], "refusals": []})
                else:
                    out.print("withdrawn; nothing was published yet")
                return DONE
            return report(await publish(room), json=json)

    raise typer.Exit(asyncio.run(run()))
