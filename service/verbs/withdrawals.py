"""Verbs for what was withdrawn: withdrawn check, withdrawn forget."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from service.clock import SystemClock
from service.closing import blobs_of, closing_of
from service.config import load
from service.console import DONE, REFUSED, as_json, err, out, table
from service.newsroom import Ledgers
from service.proof.crawling import PATIENCE, Crawl, Looked, clean
from service.proof.keeping import Wanted, distinct, forget, wanted
from service.proof.marks import Marker
from service.proof.places import places
from service.proof.unrecalled import in_words, unrecalled
from service.verbs.context import Json, place
from service.wiring import beside, ledgers_of, salt_of
from tamizdat.article import ArticleId
from tamizdat.closing import Closing
from tamizdat.errors import ConfigError
from tamizdat.ports import Blobs

NOTHING = "nothing of it is kept to look for (it was never out, was forgotten, or is long gone)"
NOT_ITS_OWN = "all that is known of it stands in other articles as well"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What the proof takes of a newsroom in which another program may be working."""

    ledgers: Ledgers
    blobs: Blobs
    salt: bytes
    closing: Closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was looked for, what was found, and what nobody can call back."""

    wanted: Sequence[Wanted]
    looked: Sequence[Looked]
    unrecalled: Mapping[ArticleId, tuple[str, ...]]

    @property
    def blind(self) -> dict[str, str]:
        """Articles that cannot be looked for, and why."""
        return {
            one.id: NOT_ITS_OWN if one.marks else NOTHING
            for one in self.wanted
            if one.marks is None or not one.marks.count
        }

    @property
    def holds(self) -> bool:
        """Whether nothing stands anywhere, as far as everything could be asked."""
        return clean(self.looked) and not self.blind


def add(app: typer.Typer) -> None:
    """Hang these verbs into the program."""
    group = typer.Typer(help="What was withdrawn: where any of it stands.", no_args_is_help=True)
    group.command("check", epilog="Example: tamizdat withdrawn check --json")(check)
    group.command("forget", epilog="Example: tamizdat withdrawn forget ID")(forget_verb)
    app.add_typer(group, name="withdrawn")


def check(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...")] = None,
    *,
    seconds: Annotated[
        float, typer.Option(min=1, max=3600, help="How long a mirror may take to show itself.")
    ] = PATIENCE,
    json: Json = False,
) -> None:
    """Go through every mirror, every kept version and every archive for what was withdrawn.

    Exit code 0: nothing of it stands anywhere. 1: something does, or a mirror could not be asked.
    """
    told = asyncio.run(_proof(place(context).folder, ids or [], seconds))
    _say_json(told) if json else _say(told)
    raise typer.Exit(DONE if told.holds else REFUSED)


def forget_verb(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID")],
    *,
    json: Json = False,
) -> None:
    """Keep nothing of a withdrawn article any more, its marks neither. It cannot be checked then.

    Without this, they are kept for 90 days.
    """

    async def run() -> None:
        async with beside(place(context).folder) as (_, ledger):
            ledgers = ledgers_of(ledger)
            await _known(ledgers, article)
            await forget(ledgers.facts, ArticleId(article))
            await ledger.scrub()

    asyncio.run(run())
    if json:
        as_json({"forgotten": article})
    else:
        out.print(f"{article}: nothing of it is kept here any more.", markup=False)


async def _proof(folder: Path, ids: Sequence[str], seconds: float) -> Proof:
    async with beside(folder) as (config, ledger):
        salt = await salt_of(ledger)
        closing = await asyncio.to_thread(closing_of, folder, config, salt)
        desk = _Desk(
            ledgers=ledgers_of(ledger, closing),
            blobs=blobs_of(folder, config, closing),
            salt=salt,
            closing=closing,
        )
        for one in ids:
            await _known(desk.ledgers, one)
        records = [
            one for one in await desk.ledgers.articles.withdrawn() if not ids or one.id in ids
        ]
        now = SystemClock().now()
        sought = await distinct(desk, [await wanted(desk, one, now) for one in records])
        handed = {one.id: in_words(await unrecalled(desk.ledgers.facts, one.id)) for one in records}
        async with places(folder, load(folder), closing) as where:
            crawl = Crawl(marker=Marker(salt), wanted=sought, patience=seconds)
            looked = await crawl.look(where) if sought else ()
    return Proof(wanted=sought, looked=looked, unrecalled=handed)


async def _known(ledgers: Ledgers, article: str) -> None:
    found = await ledgers.articles.find([ArticleId(article)])
    if ArticleId(article) not in found or found[ArticleId(article)].withdrawn is None:
        raise ConfigError(f"{article}: was not withdrawn: `tamizdat article list` shows what was")


def _say_json(told: Proof) -> None:
    as_json(
        {
            "gone": told.holds,
            "looked_for": [one.id for one in told.wanted if one.id not in told.blind],
            "not_looked_for": told.blind,
            "places": [
                {
                    "place": one.place,
                    "files": one.files,
                    "stands": [
                        {"id": s.article, "where": s.where, "what": list(s.what)}
                        for s in one.stands
                    ],
                    "refused": one.refused,
                    "shut": list(one.shut),
                }
                for one in told.looked
            ],
            "not_recalled": {article: list(said) for article, said in told.unrecalled.items()},
        }
    )


def _say(told: Proof) -> None:
    table(
        "Where anything of it stands",
        ["place", "files", "state"],
        [[one.place, str(one.files), _state(one)] for one in told.looked],
    )
    for one in told.looked:
        for found in one.stands:
            what = ", ".join(found.what)
            err.print(f"{one.place}: {found.where}: {what} of {found.article}", markup=False)
        for shut in one.shut:
            err.print(f"{one.place}: {shut}", markup=False)
    for article, why in told.blind.items():
        err.print(f"{article}: {why}", markup=False)
    for article, said in told.unrecalled.items():
        for line in said:
            out.print(f"{article}: nobody can call back: {line}", markup=False)


def _state(one: Looked) -> str:
    if one.stands:
        return f"{len(one.stands)} places" + (f"; {one.refused}" if one.refused else "")
    return one.refused or ("not all could be opened" if one.shut else "nothing stands")
