"""Importing: what a source holds becomes drafts or released articles, once and only once."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from feeds.incoming import Incoming, SetAside
from feeds.intake import take
from service.anew import FROM_NOTHING
from service.newsroom import Newsroom
from service.stories.gone import gone_bylines, without
from service.stories.noting import note
from service.stories.origins import origin, remember, said
from service.stories.readying import keep_picture, make_ready
from tamizdat import draft as drafts
from tamizdat.article import Article, ArticleId, decode, encode
from tamizdat.closing import DRAFT
from tamizdat.deeds import What
from tamizdat.digest import Digest, digest
from tamizdat.errors import ConfigError, SourceError
from tamizdat.ledgers import Record
from tamizdat.progress import CONSOLE

BATCH = 200


class Fate(StrEnum):
    """What became of one item of a source."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a source: ids by fate, and what was set aside with the reason."""

    fates: dict[Fate, list[ArticleId]] = field(default_factory=lambda: {fate: [] for fate in Fate})
    set_aside: list[SetAside] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """How many items are known to the newsroom now."""
        return sum(len(ids) for ids in self.fates.values())


async def bring_in(
    room: Newsroom,
    source: Iterable[Incoming | SetAside],
    *,
    release: bool,
    language: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Take every item of `source`; drafts, or with `release` articles, oldest first.

    The same source twice changes nothing; a changed item becomes a revision; what was withdrawn
    stays withdrawn; an editor's draft stays; one bad item is set aside with its reason and the
    rest goes in. ConfigError where the newsroom asks for approvals, and `release` would go past.
    """
    if release and room.config.desk.approvals:
        raise ConfigError("import: this newsroom asks for approvals: import without --release")
    found = Imported()
    gone = frozenset(record.id for record in await room.ledgers.articles.withdrawn())
    names = await gone_bylines(room)
    keeping = room.blobs.write if release else partial(keep_picture, room.blobs)
    taking = partial(_take_all, room, source, language, found, gone, keeping, progress)
    articles = await asyncio.to_thread(taking)
    articles = [without(article, names, room.salt) for article in articles]
    articles.sort(key=lambda article: (article.published, article.id))
    drafted = {article: text for article, _, text, _ in await room.ledgers.drafts.all()}
    for start in range(0, len(articles), BATCH):
        await _settle(room, articles[start : start + BATCH], found, drafted, release=release)
    return found


def _take_all(
    room: Newsroom,
    source: Iterable[Incoming | SetAside],
    language: str | None,
    found: Imported,
    gone: frozenset[ArticleId],
    keeping: Callable[[bytes], Digest],
    progress: Callable[[int], None] | None,
) -> list[Article]:
    default = language or room.config.newsroom.languages[0]
    taken: dict[ArticleId, Article] = {}
    for count, item in enumerate(source, 1):
        if progress:
            progress(count)
        if isinstance(item, SetAside):
            found.set_aside.append(item)
            continue
        try:
            one = take(item, salt=room.salt, default_language=default, now=room.clock.now())
        except SourceError as error:
            found.set_aside.append(
                SetAside(kind=item.kind, label=f"item {count}", reason=str(error))
            )
            continue
        if one.article.id in taken:
            reason = "has the same identifier as an earlier item of this source"
            found.set_aside.append(SetAside(kind=item.kind, label=f"item {count}", reason=reason))
            continue
        if one.article.id not in gone:
            for body in one.pictures:
                keeping(body)
        taken[one.article.id] = one.article
    return list(taken.values())


async def _settle(
    room: Newsroom,
    articles: list[Article],
    found: Imported,
    drafted: Mapping[ArticleId, Digest],
    *,
    release: bool,
) -> None:
    known = await room.ledgers.articles.find([article.id for article in articles])
    records: list[Record] = []
    released: list[Article] = []
    for article in articles:
        record = known.get(article.id)
        weighed = await _weighed(room, article, record, drafted.get(article.id), release=release)
        if isinstance(weighed, SetAside):
            found.set_aside.append(weighed)
            continue
        if isinstance(weighed, Fate):
            found.fates[weighed].append(article.id)
            continue
        found.fates[Fate.REVISED if record else Fate.NEW].append(article.id)
        if release:
            released.append(weighed)
            records.append(await to_record(room, weighed))
        else:
            body = room.closing.close(encode(weighed), DRAFT)
            text = await asyncio.to_thread(room.blobs.write, body)
            await room.ledgers.drafts.put(weighed.id, weighed.language, text, room.clock.now())
    if records:
        await release_records(room, records)
    for newer in released:
        await remember_again(room, newer)


async def _weighed(
    room: Newsroom,
    article: Article,
    record: Record | None,
    drafted: Digest | None,
    *,
    release: bool,
) -> Article | Fate | SetAside:
    """What shall be kept of `article`, or its fate; an editor's words are never overwritten."""
    if record and record.withdrawn:
        return Fate.WITHDRAWN
    draft = drafts.decode(await asyncio.to_thread(room.blobs.read, drafted)) if drafted else None
    edited = draft is not None and draft.edited
    if draft and edited and draft.source == said(article):
        return Fate.UNCHANGED
    newer = await _news(room, article, record)
    if newer is None or (draft and not release and _says_it(draft.article, newer)):
        return Fate.UNCHANGED
    if edited:
        reason = "its source changed while an editor is changing it: release or discard that draft"
        return SetAside(kind="draft", label=article.id, reason=reason)
    return newer


async def _news(room: Newsroom, article: Article, record: Record | None) -> Article | None:
    """The next revision; None where the source says what it said, whatever was changed since."""
    newer = await revision(room, article, record)
    if record and newer:
        last = await origin(room, article.id)
        if last and last.said == said(article):
            return None
    return newer


async def remember_again(room: Newsroom, article: Article) -> None:
    """After the release of what a source says: note it, where the article was ever corrected."""
    if article.revision > 1 and await origin(room, article.id):
        await remember(room, article, digest(encode(article)))


async def revision(room: Newsroom, article: Article, record: Record | None) -> Article | None:
    """`article` as the next revision of what was released; None where it says nothing new.

    Language and date of publication stay those of the first revision: the address rests on them.
    """
    if record is None or record.text is None:
        return article
    released = decode(await asyncio.to_thread(room.blobs.read, record.text))
    following = replace(article, language=released.language, published=released.published)
    if following.says_the_same(released):
        return None
    updated = article.updated
    if updated <= released.updated:
        updated = max(room.clock.now(), released.updated)
    note = following.correction or released.correction
    return replace(following, revision=released.revision + 1, updated=updated, correction=note)


async def to_record(room: Newsroom, article: Article) -> Record:
    """The ledger's record of `article`, whose text is kept as a blob."""
    return Record(
        id=article.id,
        revision=article.revision,
        language=article.language,
        section=article.section.slug if article.section else None,
        published=article.published,
        text=await asyncio.to_thread(room.blobs.write, encode(article)),
        page=None,
        entry=None,
        withdrawn=None,
    )


async def release_records(room: Newsroom, records: list[Record]) -> None:
    """Release, and drop the drafts.

    Where a section changed, the next edition is rendered from nothing: the ledger forgets on which
    pages of the old section the article stood.
    """
    await note(room, What.RELEASED, CONSOLE, *(record.id for record in records))
    before = await room.ledgers.articles.find([record.id for record in records])
    if any(r.id in before and before[r.id].section != r.section for r in records):
        await room.ledgers.facts.set(FROM_NOTHING, "1")
    await make_ready(room, records)
    await room.ledgers.articles.release(records)
    for record in records:
        await room.ledgers.drafts.drop(record.id)


def _says_it(draft: Article, article: Article) -> bool:
    return article.says_the_same(draft) and article.language == draft.language
