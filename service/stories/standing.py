"""How a story stands: what is out of it, and what is being written."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.newsroom import Newsroom
from service.stories.origins import said
from tamizdat import article as articles
from tamizdat import draft as drafts
from tamizdat.article import Article, ArticleId, Picture, SafeHtml
from tamizdat.digest import Digest
from tamizdat.draft import Draft
from tamizdat.ledgers import Record
from tamizdat.moves import met
from tamizdat.progress import Progress, content_of
from tamizdat.state import StoryState
from tamizdat.story import Card, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`text` is the blob of `draft`. Of a withdrawn story only its card and record are left.

    `noted` is the progress that the ledger has, `card.progress` the same beside what is written
    and out.
    """

    card: Card
    noted: Progress | None = None
    record: Record | None = None
    released: Article | None = None
    draft: Draft | None = None
    text: Digest | None = None

    @property
    def article(self) -> Article | None:
        """The text an editor works on: the draft, else what is out."""
        return self.draft.article if self.draft else self.released

    @property
    def pictures(self) -> Sequence[Picture]:
        """Those of the draft and of what is out."""
        texts = (self.draft.article if self.draft else None, self.released)
        return [picture for text in texts if text for picture in text.pictures]

    @property
    def source(self) -> Digest | None:
        """What a source had said before editors changed it, None where none did."""
        if self.draft is None or self.draft.edited:
            return self.draft.source if self.draft else None
        return said(self.draft.article)


async def standing(room: Newsroom, article: ArticleId) -> Standing | None:
    """How the story stands; None where nobody knows the id."""
    record = (await room.ledgers.articles.find([article])).get(article)
    if record and record.withdrawn:
        card = Card(
            id=article,
            language=record.language,
            title="",
            state=StoryState.WITHDRAWN,
            revision=record.revision,
            at=record.withdrawn,
            progress=GONE,
        )
        return Standing(card=card, record=record)
    text = await room.ledgers.drafts.get(article)
    noted = await room.ledgers.progresses.get(article)
    return await asyncio.to_thread(_read, room, record, text, noted)


GONE = Progress(state=StoryState.WITHDRAWN)


def settled(made: Article, now: Standing | None) -> Article:
    """`made` as the next text of the story: what its address rests on stays for ever.

    A draft keeps the date it began with or came with; the date readers see is set on release.
    """
    if now and now.released:
        out = now.released
        return replace(
            made,
            revision=out.revision + 1,
            language=out.language,
            published=out.published,
            section=out.section,
        )
    first = now.article.published if now and now.article else made.published
    return replace(made, published=first, updated=max(made.updated, first))


def told(found: Standing, removed: tuple[str, ...]) -> Story:
    """The story as editors see it."""
    text, record = found.article, found.record
    where = f"{record.language}/{record.published.year:04d}" if record else ""
    return Story(
        card=found.card,
        html=text.html if text else SafeHtml(""),
        summary=text.summary if text else "",
        authors=text.authors if text else (),
        section=text.section.name if text and text.section else "",
        pictures=tuple(f"{p.sha256}.{p.extension}" for p in text.pictures) if text else (),
        path=f"{where}/{found.card.id}.html" if record else None,
        removed=removed,
        correction=text.correction if text else "",
    )


def _read(
    room: Newsroom, record: Record | None, text: Digest | None, noted: Progress | None
) -> Standing | None:
    released = articles.decode(room.blobs.read(record.text)) if record and record.text else None
    draft = drafts.decode(room.blobs.read(text)) if text else None
    shown = draft.article if draft else released
    if shown is None:
        return None
    progress = met(
        noted,
        content_of(draft.article) if draft else None,
        content_of(released) if released else None,
    )
    card = Card(
        id=shown.id,
        language=shown.language,
        title=shown.title,
        state=progress.state,
        revision=shown.revision,
        at=shown.updated,
        progress=progress,
    )
    return Standing(
        card=card,
        noted=noted,
        record=record,
        released=released,
        draft=draft,
        text=text,
    )
