"""Verbs for articles: import, draft, article."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from service.console import DONE, REFUSED, as_json, bars, err, out, table
from service.pipeline import publish
from service.stories.correcting import Change, correct
from service.stories.drafting import drafts, release, show
from service.stories.importing import Fate, Imported, bring_in
from service.stories.sources import Kind, incoming
from service.stories.withdrawing import withdraw
from service.sweeping import sweep
from service.verbs.context import Json, place
from service.verbs.newsroom import report
from service.wiring import glanced, opened
from tamizdat import language as languages
from tamizdat.article import ArticleId
from tamizdat.errors import ConfigError

Release = Annotated[
    bool, typer.Option("--release", help="Release at once instead of keeping drafts.")
]
Language = Annotated[
    str | None, typer.Option("--language", help="The language where the source names none.")
]


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    imports = typer.Typer(help="Bring articles in.", no_args_is_help=True)
    for kind, example in EXAMPLES.items():
        imports.command(kind.value, help=HELP[kind], epilog=f"Example: {example}")(_import(kind))
    app.add_typer(imports, name="import")
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
    app.add_typer(article, name="article")


HELP = {
    Kind.WXR: "Posts and pages of a WordPress export (WXR).",
    Kind.HTML: "An HTML file, or every HTML file in a folder.",
    Kind.FEED: "An RSS, Atom or JSON feed.",
    Kind.FOLDER: "Markdown files with YAML front matter, or one such file.",
}
EXAMPLES = {
    Kind.WXR: "tamizdat -C paper import wxr export.xml --release",
    Kind.HTML: "tamizdat -C paper import html pages/ --language fa",
    Kind.FEED: "tamizdat -C paper import feed https://news.example/feed",
    Kind.FOLDER: "tamizdat -C paper import folder texts/ --release",
}


def _import(kind: Kind) -> Callable[..., None]:
    def command(
        context: typer.Context,
        source: Annotated[str, typer.Argument(metavar="PATH-OR-URL")],
        *,
        release: Release = False,
        language: Language = None,
        allow_private: Annotated[
            bool,
            typer.Option(
                "--allow-private",
                help="Fetch from private addresses too (risk: a feed can reach inside).",
            ),
        ] = False,
        json: Json = False,
    ) -> None:
        tag = languages.tag(language) if language else None
        folder = place(context).folder
        found = asyncio.run(
            _bring_in(folder, kind, source, tag, release, quiet=json, private=allow_private)
        )
        raise typer.Exit(_report_import(found, release=release, json=json))

    return command


async def _bring_in(
    folder: Path,
    kind: Kind,
    source: str,
    language: str | None,
    release: bool,  # noqa: FBT001 - passed on by name
    *,
    quiet: bool,
    private: bool,
) -> Imported:
    async with opened(folder) as room:
        items = await incoming(kind, source, allow_private=private)
        with _counting(f"import {kind.value}", quiet=quiet) as tick:
            return await bring_in(room, items, release=release, language=language, progress=tick)


@contextmanager
def _counting(label: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    with bars(quiet=quiet) as progress:
        task = progress.add_task(label, total=None) if progress else None

        def tick(count: int) -> None:
            if progress and task is not None:
                progress.update(task, completed=count)

        yield tick


def _report_import(found: Imported, *, release: bool, json: bool) -> int:
    aside = [{"label": one.label, "reason": one.reason} for one in found.set_aside]
    counts = {fate.value: len(ids) for fate, ids in found.fates.items()}
    if json:
        ids = [*found.fates[Fate.NEW], *found.fates[Fate.REVISED]]
        as_json({**counts, "released": release, "ids": ids, "set_aside": aside})
    else:
        where = "released" if release else "kept as drafts"
        out.print(", ".join(f"{count} {fate}" for fate, count in counts.items()), f"({where})")
        for one in found.set_aside:
            err.print(f"set aside: {one.label}: {one.reason}", markup=False)
        hint = "tamizdat publish" if release else "tamizdat draft release --all"
        if found.fates[Fate.NEW] or found.fates[Fate.REVISED]:
            out.print(f"Next: {hint}")
    return REFUSED if found.set_aside and not found.taken else DONE


def draft_add(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A Markdown file with front matter, or HTML.")],
    *,
    language: Language = None,
    json: Json = False,
) -> None:
    """Keep one text as a draft."""
    kind = Kind.HTML if file.suffix.lower() in {".html", ".htm"} else Kind.FOLDER
    tag = languages.tag(language) if language else None
    found = asyncio.run(
        _bring_in(
            place(context).folder, kind, str(file), tag, release=False, quiet=True, private=False
        )
    )
    raise typer.Exit(_report_import(found, release=False, json=json))


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
        out.print(f"{made.id} is at revision {made.revision}. Next: tamizdat publish")


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
