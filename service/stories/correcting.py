"""Correcting: a released article's next revision, under the same id and address."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from feeds.incoming import Incoming
from feeds.intake import take
from service.newsroom import Newsroom
from service.stories.gone import gone_bylines, without
from service.stories.importing import release_records, revision, to_record
from service.stories.moving import keep, workable
from service.stories.origins import origin, remember
from service.stories.readying import keep_picture
from service.stories.rewording import reworded
from service.stories.rewording import text as words
from service.stories.sources import Kind, incoming
from service.wiring import opened
from tamizdat.article import Article, ArticleId, decode
from tamizdat.closing import DRAFT
from tamizdat.draft import Draft, encode
from tamizdat.errors import ConfigError, SourceError
from tamizdat.moves import Save
from tamizdat.progress import CONSOLE, Text, content_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What shall be different; `replace` holds texts OLD=NEW."""

    file: Path | None
    title: str | None
    replace: tuple[str, ...]
    reason: str


async def correct(folder: Path, article: ArticleId, change: Change) -> Article:
    """Release the corrected revision; ConfigError where nothing would change.

    Where the newsroom asks for approvals, it is kept as a draft instead.
    """
    async with opened(folder) as room:
        return await correct_in(room, article, change)


async def correct_in(room: Newsroom, article: ArticleId, change: Change) -> Article:
    """The same in a newsroom that is open."""
    record = (await room.ledgers.articles.find([article])).get(article)
    if record is None or record.text is None:
        raise ConfigError(f"{article}: no such article: `tamizdat article list` shows them")
    released = decode(await asyncio.to_thread(room.blobs.read, record.text))
    text = await _from_file(room, released, change.file) if change.file else released
    text = replace(apply(text, change), updated=released.updated, correction=change.reason)
    text = without(text, await gone_bylines(room), room.salt)
    made = await revision(room, text, record)
    if made is None:
        raise ConfigError(f"{article}: nothing would change: give --file, --title or --replace")
    if room.config.desk.approvals:
        await _keep(room, made)
        return made
    if await origin(room, article) is None:
        await remember(room, released, record.text)
    await release_records(room, [await to_record(room, made)])
    return made


async def _keep(room: Newsroom, made: Article) -> None:
    """Keep the correction as a draft that somebody at the console wrote."""
    found = await workable(room, made.id)
    draft = Draft(article=made, edited=True, source=found.source)
    body = room.closing.close(encode(draft), DRAFT)
    text = Text(
        blob=await asyncio.to_thread(room.blobs.write, body),
        language=made.language,
        at=room.clock.now(),
    )
    await keep(room, made.id, found, Save(person=CONSOLE, content=content_of(made)), text)


def apply(article: Article, change: Change) -> Article:
    """`article` with new title and replaced words; ConfigError where a word is not there."""
    made = replace(article, title=(change.title or article.title).strip())
    for pair in change.replace:
        made = _replaced(made, pair)
    return made


def _replaced(article: Article, pair: str) -> Article:
    old, sign, new = pair.partition("=")
    if not old or not sign:
        raise ConfigError(f"--replace {pair!r}: write OLD=NEW")
    alts = [picture.alt for picture in article.pictures]
    if not any(old in plain for plain in (article.title, *alts)) and (
        reworded(article.html, old, f"{old}.") == article.html
    ):
        raise ConfigError(f"--replace: {old!r} stands neither in the title nor in the text")
    title, html = article.title.replace(old, new).strip(), reworded(article.html, old, new)
    if not title or (words(article.html) and not words(html)):
        raise ConfigError(f"--replace {pair!r}: would leave no {'text' if title else 'title'}")
    pictures = tuple(replace(p, alt=p.alt.replace(old, new)) for p in article.pictures)
    summary = article.summary.replace(old, new)
    return replace(article, title=title, html=html, summary=summary, pictures=pictures)


async def _from_file(room: Newsroom, released: Article, file: Path) -> Article:
    kind = Kind.HTML if file.suffix.lower() in {".html", ".htm"} else Kind.FOLDER
    items = await incoming(kind, str(file), allow_private=False)
    first = next(iter(items), None)
    if not isinstance(first, Incoming):
        raise SourceError(f"{file}: {first.reason if first else 'holds no article'}")
    taken = take(first, salt=room.salt, default_language=released.language, now=room.clock.now())
    for body in taken.pictures:
        await asyncio.to_thread(keep_picture, room.blobs, body)
    return replace(
        taken.article,
        id=released.id,
        language=released.language,
        published=released.published,
        section=released.section,
    )
