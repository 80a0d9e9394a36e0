"""Verbs that bring articles in: import."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

import typer

from service.config import load
from service.console import DONE, REFUSED, as_json, bars, err, out
from service.post.mail_in import make_secret, secret_in
from service.stories.dropped import set_aside
from service.stories.importing import Fate, Imported, bring_in
from service.stories.picturing import Whose, pictures_of
from service.stories.pulling import key_in, pulled_of
from service.stories.sources import Kind, Wanted, arrivals
from service.stories.web import Web, host_of
from service.verbs.context import Json, place
from service.wiring import SALT, beside, opened
from store.facts import SqlFacts
from tamizdat import language as languages
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
    imports.command("list", epilog="Example: tamizdat -C paper import list")(import_list)
    imports.command("mail", epilog="Example: tamizdat -C paper import mail")(import_mail)
    app.add_typer(imports, name="import")


HELP = {
    Kind.WXR: "Posts and pages of a WordPress export (WXR).",
    Kind.WORDPRESS: "Posts and pages of a WordPress site, by its address.",
    Kind.GHOST: "Posts and pages of a Ghost export, or of a Ghost site by its address.",
    Kind.FEED: "An RSS, Atom or JSON feed.",
    Kind.HTML: "A web page by its address, an HTML file, or every HTML file in a folder.",
    Kind.DOCX: "A Word document (.docx), or every one in a folder.",
    Kind.FOLDER: "Markdown files with YAML front matter, or one such file.",
}
EXAMPLES = {
    Kind.WXR: "tamizdat -C paper import wxr export.xml --release",
    Kind.WORDPRESS: "tamizdat -C paper import wordpress https://news.example/",
    Kind.GHOST: "tamizdat -C paper import ghost export.json --site https://news.example/",
    Kind.FEED: "tamizdat -C paper import feed https://news.example/feed",
    Kind.HTML: "tamizdat -C paper import html https://news.example/story --language fa",
    Kind.DOCX: "tamizdat -C paper import docx story.docx --language fa",
    Kind.FOLDER: "tamizdat -C paper import folder texts/ --release",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """How something is brought in."""

    release: bool = False
    language: str | None = None
    allow_private: bool = False
    pictures: Whose | None = None
    quiet: bool = False


def _import(kind: Kind) -> Callable[..., None]:
    def command(
        context: typer.Context,
        source: Annotated[str, typer.Argument(metavar="PATH-OR-URL")],
        *,
        release: Release = False,
        language: Language = None,
        site: Annotated[
            str | None, typer.Option(help="The address of the site that a file comes from.")
        ] = None,
        key_file: Annotated[
            Path | None, typer.Option(help="A file with the Content API key (Ghost sites).")
        ] = None,
        pictures: Annotated[
            Whose | None,
            typer.Option(
                help="Whose pictures are fetched: whoever has them sees this machine's address. "
                "As a rule the site's own, and none where no site is named."
            ),
        ] = None,
        allow_private: Annotated[
            bool,
            typer.Option(
                "--allow-private",
                help="Fetch from this machine and private networks too. Unsafe: whoever writes a "
                "page or feed can make this machine ask what stands behind your walls.",
            ),
        ] = False,
        json: Json = False,
    ) -> None:
        how = Bringing(
            release=release,
            language=languages.tag(language) if language else None,
            allow_private=allow_private,
            pictures=pictures,
            quiet=json,
        )
        wanted = Wanted(
            kind=kind, place=source, site=site, key=key_in(key_file) if key_file else None
        )
        found = asyncio.run(brought(place(context).folder, wanted, how))
        raise typer.Exit(report_import(found, release=release, json=json))

    return command


async def brought(folder: Path, wanted: Wanted, how: Bringing) -> Imported:
    """What became of an import into the newsroom in `folder`."""
    async with opened(folder) as room:
        web = Web(loop=asyncio.get_running_loop(), allow_private=how.allow_private)
        site = host_of(wanted.site or wanted.place)
        whose = how.pictures or (Whose.SITE if site else Whose.NONE)
        pictures = pictures_of(room, web, whose, site)
        with _counting(f"import {wanted.kind.value}", quiet=how.quiet) as tick:
            return await bring_in(
                room,
                pictures.along(arrivals(wanted, web)),
                release=how.release,
                language=how.language,
                progress=tick,
            )


@contextmanager
def _counting(label: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    with bars(quiet=quiet) as progress:
        task = progress.add_task(label, total=None) if progress else None

        def tick(count: int) -> None:
            if progress and task is not None:
                progress.update(task, completed=count)

        yield tick


def report_import(found: Imported, *, release: bool, json: bool) -> int:
    """Tell what became of an import; gives the exit code."""
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


def import_list(context: typer.Context, *, json: Json = False) -> None:
    """What comes in by itself: each source, when it was asked, and what was set aside and why."""

    async def run() -> list[dict[str, object]]:
        folder = place(context).folder
        async with beside(folder) as (config, ledger):
            facts = SqlFacts(ledger)
            salt = bytes.fromhex(await facts.get(SALT) or "")
            asked = [(one, await pulled_of(facts, salt, one)) for one in config.source]
        rows = [_row(one.url, last.failures, last.reason, last.aside) for one, last in asked]
        if config.inbound.folder is not None:
            aside = await asyncio.to_thread(set_aside, folder / config.inbound.folder)
            rows.append(_row(config.inbound.folder, 0, "", aside))
        return rows

    rows = asyncio.run(run())
    if json:
        as_json(rows)
        return
    for row in rows:
        state = f"failed {row['failures']} times: {row['reason']}" if row["failures"] else "fine"
        out.print(f"{row['source']}: {state}", markup=False)
        for one in cast("list[dict[str, str]]", row["set_aside"]):
            out.print(f"  set aside: {one['label']}: {one['reason']}", markup=False)


def _row(
    source: str, failures: int, reason: str, aside: Sequence[tuple[str, str]]
) -> dict[str, object]:
    told = [{"label": label, "reason": why} for label, why in aside]
    return {"source": source, "failures": failures, "reason": reason, "set_aside": told}


def import_mail(
    context: typer.Context,
    *,
    new: Annotated[bool, typer.Option("--new", help="Make a new one; the old one ends.")] = False,
    json: Json = False,
) -> None:
    """The secret address for texts by mail, made where there is none: tell it to writers only."""
    folder = place(context).folder
    mail = load(folder).inbound.mail
    if mail is None:
        raise ConfigError("import.mail: the config has none: add [import.mail] with a domain")
    path = folder / mail.secret
    secret = make_secret(path) if new or not path.exists() else secret_in(path)
    address = f"{secret}@{mail.domain}"
    if json:
        as_json({"address": address})
    else:
        out.print(address, markup=False)
        if new:
            err.print("Start `tamizdat serve` anew: it knows the old one until then.")
