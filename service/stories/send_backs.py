"""Send-backs: what an approver says to the author of a text, kept closed like a draft."""

import asyncio
from collections.abc import Iterable

from feeds.letters import cut, line
from service.newsroom import Newsroom
from tamizdat.article import ArticleId
from tamizdat.closing import DRAFT
from tamizdat.digest import Digest, is_digest
from tamizdat.errors import BlobMissingError
from tamizdat.ledgers import Facts
from tamizdat.moves import Ask, Discard, Move, SendBack

LONGEST = 1000
"""Characters of what is said."""

SENT_BACK = "sent back"


async def keep_note(room: Newsroom, article: ArticleId, moves: Iterable[Move]) -> None:
    """Keep what was said with these moves; hold `room.writing`. Asking again ends it."""
    for move in moves:
        if isinstance(move, SendBack):
            said = cut(line(move.note), LONGEST)
            await room.ledgers.facts.set(_name(article), await _kept(room, move, said))
        elif isinstance(move, Ask | Discard):
            await forget_note(room.ledgers.facts, article)


async def forget_note(facts: Facts, article: ArticleId) -> None:
    """What was said is done; its bytes go with the next sweep."""
    if await facts.get(_name(article)):
        await facts.set(_name(article), "")


async def note_on(room: Newsroom, article: ArticleId) -> tuple[int, str] | None:
    """Who sent the draft back, and what they said; None where nobody said anything."""
    person, blob = _told(await room.ledgers.facts.get(_name(article)))
    if blob is None:
        return None
    try:
        return person, (await asyncio.to_thread(room.blobs.read, blob)).decode()
    except BlobMissingError:
        return None


async def notes_of(facts: Facts, articles: Iterable[ArticleId]) -> set[Digest]:
    """The blobs of what was said about these drafts."""
    found = [_told(await facts.get(_name(article)))[1] for article in articles]
    return {blob for blob in found if blob}


async def _kept(room: Newsroom, move: SendBack, said: str) -> str:
    if not said:
        return ""
    body = room.closing.close(said.encode("utf-8", "replace"), DRAFT)
    return f"{move.person} {await asyncio.to_thread(room.blobs.write, body)}"


def _told(fact: str | None) -> tuple[int, Digest | None]:
    person, _, blob = (fact or "").partition(" ")
    return (int(person), Digest(blob)) if is_digest(blob) else (0, None)


def _name(article: ArticleId) -> str:
    return f"{SENT_BACK} {article}"
