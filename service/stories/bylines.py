"""Bylines: the switch that takes one author's name out of all that goes out from now on."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from feeds.letters import line
from service.composing import NAME_TAKEN_OUT
from service.newsroom import Newsroom
from service.stories.gone import GONE, gone_bylines
from service.stories.importing import BATCH, revision, to_record
from service.stories.noting import note
from service.stories.origins import origin, remember
from service.stories.rewording import text as words
from service.sweeping import owe_sweep
from tamizdat import draft as drafts
from tamizdat.article import Article, ArticleId, decode
from tamizdat.byline import Switched, hidden, same, signed
from tamizdat.closing import DRAFT
from tamizdat.deeds import What
from tamizdat.draft import Draft
from tamizdat.errors import ConfigError
from tamizdat.ledgers import Record
from tamizdat.moves import met
from tamizdat.progress import CONSOLE, Progress, Text, content_of

LONGEST = 200
"""Characters of a name."""


async def switch(room: Newsroom, name: str, to: str = "", person: int = CONSOLE) -> Switched:
    """Sign all that `name` signed with `to` (empty: nothing); hold `room.writing`.

    Articles become their next revision, at once; who may put a new name out alone is told in
    new_name.py. Run it again after a kill: what is done is not done twice.
    """
    name, to = line(name), line(to)
    check(name, to)
    await note(room, What.BYLINE, person, None)
    await _remember_gone(room, name, to)
    await room.ledgers.facts.set(NAME_TAKEN_OUT, "1")
    await owe_sweep(room)
    changed, mentioned = await _articles(room, name, to)
    kept = await _drafts(room, name, to, mentioned)
    return Switched(articles=changed, drafts=kept, mentioned=tuple(sorted(mentioned)))


def check(name: str, to: str) -> None:
    """ConfigError where one of the names is none."""
    for one in (name, to):
        if len(one) > LONGEST:
            raise ConfigError(f"a name has at most {LONGEST} characters: check what was pasted")
    if not name:
        raise ConfigError("which name? Give it as it stands under articles")
    if same(name) == same(to):
        raise ConfigError("both names are the same: give another, or remove it")


async def _articles(
    room: Newsroom, name: str, to: str
) -> tuple[tuple[ArticleId, ...], set[ArticleId]]:
    """Release all that bore the name anew; which, and those that speak it in their words."""
    changed: list[ArticleId] = []
    mentioned: set[ArticleId] = set()
    records = await room.ledgers.articles.texts()
    for start in range(0, len(records), BATCH):
        some = records[start : start + BATCH]
        read = await asyncio.to_thread(_read, room, some)
        mentioned |= {article.id for _, article in read if _speaks(article, name)}
        made = [one for one in read if signed(one[1].authors, name, to) != one[1].authors]
        await room.ledgers.articles.release(
            [await _revised(room, record, article, name, to) for record, article in made]
        )
        changed += [article.id for _, article in made]
    return tuple(changed), mentioned


async def _revised(room: Newsroom, record: Record, article: Article, name: str, to: str) -> Record:
    new = replace(article, authors=signed(article.authors, name, to))
    made = await revision(room, new, record)
    if made is None or record.text is None:
        raise ConfigError(f"{article.id}: cannot be signed anew")
    if await origin(room, article.id) is None:
        await remember(room, article, record.text)
    return await to_record(room, made)


async def _drafts(
    room: Newsroom, name: str, to: str, mentioned: set[ArticleId]
) -> tuple[ArticleId, ...]:
    """Sign drafts anew. What was approved, or compared, bore the name: it is asked for again."""
    changed: list[ArticleId] = []
    for article, language, text, _ in await room.ledgers.drafts.all():
        draft = drafts.decode(await asyncio.to_thread(room.blobs.read, text))
        if _speaks(draft.article, name):
            mentioned.add(article)
        authors = signed(draft.article.authors, name, to)
        if authors == draft.article.authors:
            continue
        await _keep(room, draft, replace(draft.article, authors=authors), language)
        changed.append(article)
    return tuple(changed)


async def _keep(room: Newsroom, draft: Draft, made: Article, language: str) -> None:
    """Keep a draft that is signed anew. Its author stays its author: they may not approve it."""
    said = drafts.encode(replace(draft, article=made, edited=True))
    body = room.closing.close(said, DRAFT)
    blob, now = await asyncio.to_thread(room.blobs.write, body), room.clock.now()
    noted = await room.ledgers.progresses.get(made.id)
    if noted is None:
        await room.ledgers.drafts.put(made.id, language, blob, now)
        return
    before = met(noted, content_of(draft.article), noted.out)
    after = Progress(
        state=before.pen, content=content_of(made), author=before.author, out=before.out
    )
    text = Text(blob=blob, language=language, at=now)
    await room.ledgers.progresses.step(made.id, noted, after, text)


async def _remember_gone(room: Newsroom, name: str, to: str) -> None:
    gone = {*await gone_bylines(room), hidden(room.salt, name)} - {hidden(room.salt, to)}
    await room.ledgers.facts.set(GONE, " ".join(sorted(gone)))


def _read(room: Newsroom, records: Sequence[Record]) -> list[tuple[Record, Article]]:
    return [(one, decode(room.blobs.read(one.text))) for one in records if one.text]


def _speaks(article: Article, name: str) -> bool:
    alts = [picture.alt for picture in article.pictures]
    plain = (article.title, article.summary, article.correction, *article.tags, *alts)
    return any(same(name) in same(text) for text in (*plain, words(article.html)))
