"""An editor's words: no later import undoes or overwrites what was changed here."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from feeds.incoming import Incoming
from service.founding import found
from service.newsroom import Newsroom
from service.stories.drafting import read, release_drafts
from service.stories.importing import Fate, Imported, bring_in
from service.stories.origins import said
from service.wiring import opened
from tamizdat.article import Article, ArticleId, SafeHtml, decode
from tamizdat.draft import Draft, encode

FIRST = Incoming(kind="wire", key="1", title="The ferry", html="<p>Named: Wilhelmina.</p>")
SECOND = replace(FIRST, html="<p>Named: Wilhelmina, at noon.</p>")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Newsroom]:
    await found(tmp_path / "room", "The Heron", ("en",))
    async with opened(tmp_path / "room") as room:
        yield room


async def imported(room: Newsroom, item: Incoming, *, release: bool) -> Imported:
    return await bring_in(room, iter([item]), release=release)


async def draft(room: Newsroom, article: ArticleId) -> Draft | None:
    text = await room.ledgers.drafts.get(article)
    return await read(room, text) if text else None


async def edited(room: Newsroom, article: ArticleId) -> Draft:
    """The draft of an article, with a name taken out by an editor."""
    before = await draft(room, article)
    assert before
    html = SafeHtml(before.article.html.replace("Wilhelmina", "a clerk"))
    made = Draft(
        article=replace(before.article, html=html), edited=True, source=said(before.article)
    )
    text = await asyncio.to_thread(room.blobs.write, encode(made))
    await room.ledgers.drafts.put(article, "en", text, room.clock.now())
    return made


async def out(room: Newsroom, article: ArticleId) -> Article:
    record = (await room.ledgers.articles.find([article]))[article]
    assert record.text
    return decode(await asyncio.to_thread(room.blobs.read, record.text))


@pytest.mark.parametrize("release", [False, True])
async def test_the_same_source_leaves_an_editors_draft_alone(
    room: Newsroom, *, release: bool
) -> None:
    (article,) = (await imported(room, FIRST, release=False)).fates[Fate.NEW]
    kept = await edited(room, article)

    again = await imported(room, FIRST, release=release)

    assert again.fates[Fate.UNCHANGED] == [article]
    assert await draft(room, article) == kept


@pytest.mark.parametrize("release", [False, True])
async def test_a_source_that_changed_is_set_aside_while_an_editor_writes(
    room: Newsroom, *, release: bool
) -> None:
    (article,) = (await imported(room, FIRST, release=False)).fates[Fate.NEW]
    kept = await edited(room, article)

    again = await imported(room, SECOND, release=release)

    assert [one.label for one in again.set_aside] == [article]
    assert "an editor is changing it" in again.set_aside[0].reason
    assert await draft(room, article) == kept


@pytest.mark.parametrize("release", [False, True])
async def test_what_an_editor_released_is_not_undone_by_the_source_it_came_from(
    room: Newsroom, *, release: bool
) -> None:
    (article,) = (await imported(room, FIRST, release=False)).fates[Fate.NEW]
    await edited(room, article)
    await release_drafts(room, [article])

    same = await imported(room, FIRST, release=release)
    text = await out(room, article)
    newer = await imported(room, SECOND, release=release)

    assert same.fates[Fate.UNCHANGED] == [article]
    assert (text.revision, "Wilhelmina" in text.html) == (1, False)
    assert newer.fates[Fate.REVISED] == [article]


async def test_a_second_revision_of_a_source_that_was_edited_is_not_undone(
    room: Newsroom,
) -> None:
    (article,) = (await imported(room, FIRST, release=True)).fates[Fate.NEW]
    await imported(room, SECOND, release=False)
    await edited(room, article)
    await release_drafts(room, [article], "a name was taken out")

    same = await imported(room, SECOND, release=True)
    text = await out(room, article)

    assert same.fates[Fate.UNCHANGED] == [article]
    assert (text.revision, text.correction) == (2, "a name was taken out")
    assert "a clerk" in text.html


async def test_a_draft_that_nobody_edited_is_released_by_its_source(room: Newsroom) -> None:
    (article,) = (await imported(room, FIRST, release=True)).fates[Fate.NEW]
    await imported(room, SECOND, release=False)

    released = await imported(room, SECOND, release=True)

    assert released.fates[Fate.REVISED] == [article]
    assert await draft(room, article) is None
    assert (await out(room, article)).revision == 2
