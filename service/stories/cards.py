"""Cards: stories in a list. Their titles lie in blobs, so they are remembered by digest."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.newsroom import Newsroom
from tamizdat.article import ArticleId, decode
from tamizdat.digest import Digest
from tamizdat.errors import BlobMissingError
from tamizdat.ledgers import Record
from tamizdat.moves import met
from tamizdat.ports import Blobs
from tamizdat.progress import Progress, content_of
from tamizdat.state import StoryState
from tamizdat.story import Card

MOST = 200
"""Cards in the list."""

LEAST_OUT = 50
"""However many drafts lie here, so many cards are for what is out."""

REMEMBERED = 1000
"""Titles that are remembered."""

LOST = "(the text is missing here: restore it from a backup)"


@dataclass(frozen=True, slots=True)
class Heading:
    """What a card tells of a text."""

    title: str
    revision: int
    updated: datetime | None
    content: Digest | None


class Headings:
    """The headings of texts, each read once."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._known: dict[Digest, Heading] = {}

    async def of(self, texts: Sequence[Digest]) -> dict[Digest, Heading]:
        """The heading of each of `texts`."""
        known = {text: self._known[text] for text in texts if text in self._known}
        unknown = [text for text in dict.fromkeys(texts) if text not in known]
        read = await asyncio.to_thread(self._read, unknown) if unknown else {}
        self._known |= {text: one for text, one in read.items() if one.updated}
        for oldest in list(self._known)[: max(0, len(self._known) - REMEMBERED)]:
            del self._known[oldest]
        return known | read

    def forget(self, text: Digest | None) -> None:
        """The text is gone: its title is not kept in memory either."""
        if text:
            self._known.pop(text, None)

    def _read(self, texts: Sequence[Digest]) -> dict[Digest, Heading]:
        found = {}
        for text in texts:
            try:
                one = decode(self._blobs.read(text))
                found[text] = Heading(one.title, one.revision, one.updated, content_of(one))
            except BlobMissingError:  # one damaged file must not hide all other stories
                found[text] = Heading(LOST, 1, None, None)
        return found


async def cards(room: Newsroom, headings: Headings) -> Sequence[Card]:
    """Drafts, newest first, then what is out, changed last first; at most MOST in all."""
    out = await _out(room)
    waiting = list(reversed(await room.ledgers.drafts.all()))
    ids = [article for article, _, _, _ in waiting[:MOST]]
    known = await room.ledgers.articles.find(ids)
    noted = await room.ledgers.progresses.find(ids)
    living = [draft for draft in waiting[:MOST] if not _is_withdrawn(known.get(draft[0]))]
    drafts = living[: MOST - min(LEAST_OUT, len(out))]
    first = {article for article, _, _, _ in drafts}
    others = [record for record in out if record.id not in first]
    texts = [text for _, _, text, _ in drafts] + [r.text for r in others if r.text]
    found = await headings.of(texts)
    written = [
        _written(article, language, found[text], at, known.get(article), noted.get(article))
        for article, language, text, at in drafts
    ]
    drafted = {article for article, _, _, _ in waiting}
    released = [_released(record, found[record.text], drafted) for record in others if record.text]
    released.sort(key=lambda card: (card.at, card.id), reverse=True)
    return [*written, *released][:MOST]


async def _out(room: Newsroom) -> Sequence[Record]:
    """The newest articles of all languages."""
    languages = {language for language, _ in await room.ledgers.articles.lengths()}
    lists = [(language, "") for language in sorted(languages)]
    found = await room.ledgers.articles.newest_of_each(lists, MOST)
    return sorted(found, key=lambda record: (record.published, record.id), reverse=True)[:MOST]


def _written(
    article: ArticleId,
    language: str,
    heading: Heading,
    at: datetime,
    record: Record | None,
    noted: Progress | None,
) -> Card:
    """What was noted counts for the very text that lies here."""
    out = (noted.out if noted else None) or (record.text if record else None)
    progress = met(noted, heading.content or (noted.content if noted else None), out)
    return Card(
        id=article,
        language=language,
        title=heading.title,
        state=progress.state if heading.content else progress.pen,
        revision=heading.revision,
        at=at,
        progress=progress,
    )


def _is_withdrawn(record: Record | None) -> bool:
    return record is not None and record.withdrawn is not None


def _released(record: Record, heading: Heading, drafted: set[ArticleId]) -> Card:
    return Card(
        id=record.id,
        language=record.language,
        title=heading.title,
        state=StoryState.CORRECTING if record.id in drafted else StoryState.OUT,
        revision=record.revision,
        at=heading.updated or record.published,
    )
