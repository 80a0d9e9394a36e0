"""Messaging: what is published goes into the messenger's channel, each revision once.

What may have gone out is written down before it goes: a kill loses a post at worst, and repeats
none. A revision goes once an edition that has it was read back on a public mirror. What stands of
earlier ones is taken out as soon as it is released: they may hold a name that was corrected away.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import aiohttp

from gateway.plain import plain
from gateway.telegram import Telegram
from service.gathering import run
from service.newsroom import Newsroom
from service.post.channel import BEGUN, CHANNEL, CORRECTED, UNSURE
from service.post.channel_files import heed_gone, owe_files, post_files
from service.post.taking_out import numbers, owe, take_out
from tamizdat.article import Article, ArticleId, decode, urn
from tamizdat.digest import digest
from tamizdat.ledgers import Record
from tamizdat.letter import LetterState, Posting, Reply
from tamizdat.messenger import Messenger, Post, Posted
from tamizdat.placement import Exposure, Mirror, MirrorState, Phase

STANDS = "messenger post of"
"""As `7:2`, a post of revision 2; one without was noted before revisions were."""

WITHDRAWN = "messenger withdrawn"
"""The digest of the ids of which nothing stands there, or is noted as what is to go."""

MOST = 10
"""Posts in one turn: services allow some twenty a minute into one channel."""

TRIES = 8
"""So often a post is put off before it is given up."""

REST = timedelta(minutes=1)
BEFORE = "before the messenger"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """What one turn did: posts that stand in the channel, and how all posts stand."""

    posted: int
    counts: Mapping[str, int]
    waits: str = ""


@asynccontextmanager
async def opened_messenger(room: Newsroom) -> AsyncIterator[Messenger | None]:
    """The messenger of the config, until the block ends; None where there is none."""
    settings = room.config.messenger
    if settings is None:
        yield None
        return
    token = await asyncio.to_thread(settings.read_token, room.folder)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar, trust_env=False) as session:
        yield Telegram(session, settings.api, token, settings.chat)


async def post_news(room: Newsroom, messenger: Messenger) -> Turned:
    """Post what is new and verified, at most `MOST`; what was withdrawn is forgotten."""
    letters = room.ledgers.letters
    await _owe_withdrawn(room)
    await heed_gone(room)
    await _owe_corrected(room)
    await take_out(room.ledgers.facts, messenger)
    ways = await _verified(await room.as_it_stands())
    if not ways:
        return await _turned(room, 0, "no public mirror holds the newest edition yet")
    new = await _new(room)
    if await room.ledgers.facts.get(BEGUN) is None:
        await letters.queue([_posting(room, one, LetterState.VERIFIED, BEFORE) for one in new])
        await room.ledgers.facts.set(BEGUN, f"{room.clock.now():%Y-%m-%d}")
        return await _turned(room, 0)
    await letters.queue([_posting(room, one, LetterState.QUEUED) for one in new])
    sent, waits = await _drain(room, messenger, ways[0])
    if sent:
        await post_files(room, messenger)
    return await _turned(room, sent, waits)


async def _drain(room: Newsroom, messenger: Messenger, way: Mirror) -> tuple[int, str]:
    """Post what is due, oldest first; the first that must wait ends the turn."""
    sent, now = 0, room.clock.now()
    due = [one for one in await room.ledgers.letters.open(CHANNEL) if one.unsure or one.due <= now]
    for one in due[:MOST]:
        if one.unsure:  # a kill came between: it may stand there
            await _note(room, replace(one, state=LetterState.LOST, unsure=False, detail=UNSURE))
            continue
        article = await _article(room, one)
        if article is None:
            await _note(room, replace(one, state=LetterState.LOST, detail="replaced"))
            continue
        await _note(room, replace(one, tried=now, unsure=True, attempts=one.attempts + 1))
        posted = await messenger.post(Post(text=_text(article, way)))
        if posted.id:  # first: without its number nobody can take it out
            await _remember(room, one, posted.id)
        after = followed(one, posted, now)
        await _note(room, after)
        if after.state is LetterState.VERIFIED:  # a byline that was switched says nothing here
            await _owe(room, one.article, one.revision)
        sent += after.state is LetterState.VERIFIED
        if after.state is LetterState.QUEUED:
            return sent, posted.detail
    return sent, ""


def followed(one: Posting, posted: Posted, now: datetime) -> Posting:
    """The posting after an attempt. What may stand in the channel is never posted again."""
    done = replace(one, tried=now, unsure=False, attempts=one.attempts + 1, detail=posted.detail)
    if posted.reply is Reply.TAKEN:
        return replace(done, state=LetterState.VERIFIED, entry=posted.id or None)
    if posted.reply is Reply.LATER and one.refusals + 1 < TRIES:
        wait = timedelta(seconds=posted.wait) or REST * 2**one.refusals
        return replace(done, attempts=one.attempts, refusals=one.refusals + 1, due=now + wait)
    if posted.reply is Reply.UNSURE:
        done = replace(done, detail=f"{UNSURE}: {posted.detail}")
    return replace(done, state=LetterState.LOST)


async def _remember(room: Newsroom, one: Posting, number: str) -> None:
    """Note which posts hold an article's words: letters of what is withdrawn are forgotten."""
    fact = f"{STANDS} {one.article}"
    known = await numbers(room.ledgers.facts, fact)
    await room.ledgers.facts.set(fact, " ".join([*known, f"{number}:{one.revision}"]))


async def _owe(room: Newsroom, article: ArticleId, before: int | None = None) -> None:
    """What stands of an article is to go: all of it, or revisions before this one."""
    fact = f"{STANDS} {article}"
    stand = [one.partition(":") for one in await numbers(room.ledgers.facts, fact)]
    gone = [one for one in stand if before is None or int(one[2] or 0) < before]
    if gone:
        await owe(room.ledgers.facts, [number for number, _, _ in gone])
        left = ["".join(one) for one in stand if one not in gone]
        await room.ledgers.facts.set(fact, " ".join(left))


async def _owe_withdrawn(room: Newsroom) -> None:
    """All that stands of what is withdrawn is to go; each is asked for once, not at each turn."""
    facts = room.ledgers.facts
    withdrawn = [one.id for one in await room.ledgers.articles.withdrawn()]
    known = digest("\n".join(withdrawn).encode())
    if await facts.get(WITHDRAWN) == known:
        return
    await room.ledgers.letters.forget(withdrawn)
    for article in withdrawn:
        await _owe(room, article)
    await facts.set(WITHDRAWN, known)


async def _owe_corrected(room: Newsroom) -> None:
    """What stands of earlier revisions is to go, and files that may hold them.

    Whatever is noted before its release stays noted until that has ended: who releases holds
    `writing`, and nobody who withdraws waits for us.
    """
    noted = [ArticleId(one) for one in await numbers(room.ledgers.facts, CORRECTED)]
    if not noted:
        return
    records = await room.ledgers.articles.find(noted)
    for record in records.values():
        await _owe(room, record.id, record.revision)
    if room.writing.locked():
        return  # files go, and it is noted no more, at a later turn
    async with room.writing:
        for language in sorted({record.language for record in records.values()}):
            await owe_files(room, language)
        now = await room.ledgers.articles.find(noted)
        later = await numbers(room.ledgers.facts, CORRECTED)
        done = {one for one in noted if now.get(one) == records.get(one)}
        await room.ledgers.facts.set(CORRECTED, " ".join(x for x in later if x not in done))


async def _new(room: Newsroom) -> Sequence[Record]:
    """Revisions of the current run that an edition has and the channel has not, oldest first."""
    settings, articles = room.config.messenger, room.ledgers.articles
    changed = {one.id for one in await articles.changed()}
    found: list[Record] = []
    for language in sorted({language for language, _ in await articles.lengths()}):
        if settings is None or settings.language not in {None, language}:
            continue
        recent = await run(articles, language, room.clock.now())
        known = await room.ledgers.letters.of(CHANNEL, [one.id for one in recent])
        had = {(one.article, one.revision) for one in known}
        found += [
            one
            for one in recent
            if one.page and one.id not in changed and (one.id, one.revision) not in had
        ]
    return sorted(found, key=lambda one: (one.published, one.id))


async def _verified(room: Newsroom) -> Sequence[Mirror]:
    """Public mirrors in use on which the newest edition was read back."""
    edition = await room.ledgers.editions.newest()
    found = []
    for mirror in room.mirrors:
        open_ = mirror.exposure is Exposure.PUBLIC and mirror.state is MirrorState.ACTIVE
        lying = await room.ledgers.pool.lying(mirror.id) if open_ and edition else ()
        if edition and any(
            one.edition == edition.number and one.phase is Phase.CURRENT for one in lying
        ):
            found.append(mirror)
    return sorted(found, key=lambda one: one.base is None)


def _posting(room: Newsroom, record: Record, state: LetterState, detail: str = "") -> Posting:
    now = room.clock.now()
    name = f"{record.id} {record.revision}"
    return Posting(
        gateway=CHANNEL,
        article=record.id,
        revision=record.revision,
        urn=urn(record.id),
        message_id=f"{CHANNEL} {name}",
        sha256=record.text or digest(name.encode()),
        length=0,
        lean=None,
        state=state,
        queued=now,
        due=now,
        detail=detail,
    )


async def _article(room: Newsroom, one: Posting) -> Article | None:
    """The article of a posting; None where it is another revision by now."""
    known = (await room.ledgers.articles.find([one.article])).get(one.article)
    if known is None or known.text is None or known.revision != one.revision:
        return None
    return decode(await asyncio.to_thread(room.blobs.read, known.text))


def _text(article: Article, way: Mirror) -> str:
    """The words of an article, after where its page lies: a long text is cut at its end."""
    page = f"{way.base}{article.path}" if way.base else ""
    parts = (article.title, page, article.correction, plain(article.html))
    return "\n\n".join(part for part in parts if part)


async def _note(room: Newsroom, one: Posting) -> None:
    await room.ledgers.letters.update([one])


async def _turned(room: Newsroom, posted: int, waits: str = "") -> Turned:
    counts = Counter(
        {state.value: n for state, n in (await room.ledgers.letters.counts(CHANNEL)).items()}
    )
    return Turned(posted=posted, counts=dict(counts), waits=waits)
