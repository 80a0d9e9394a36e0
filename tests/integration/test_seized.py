"""Somebody takes the disk: of a withdrawn text nothing is left that tells it was here."""

import asyncio
from pathlib import Path

from feeds.sources import folder as markdown
from service.pipeline import publish
from service.stories.correcting import Change, correct_in
from service.stories.importing import bring_in
from service.stories.origins import origin
from service.stories.withdrawing import withdraw
from service.wiring import opened
from tests.kit.posthouse import everything_below
from tests.kit.printshop import set_up, texts

CHANGE = Change(file=None, title="Another headline", replace=(), reason="")


async def test_no_digest_of_a_withdrawn_text_is_left(tmp_path: Path) -> None:
    shop = await set_up(tmp_path / "paper")
    shop.add_folder("amber")
    async with opened(shop.folder) as room:
        source = markdown.read(texts(tmp_path / "texts", ("en",)))
        await bring_in(room, source, release=True)
        (first,) = await room.ledgers.articles.newest(("en", ""), 1)
        await correct_in(room, first.id, CHANGE)
        known = await origin(room, first.id)
        await publish(room)
        before = await asyncio.to_thread(everything_below, shop.folder / "state")

        await withdraw(room, first.id, "somebody")
        await publish(room)
        await publish(room)
    after = await asyncio.to_thread(everything_below, shop.folder / "state")

    assert known is not None
    digests = [known.said.encode(), known.text.encode(), b"Another headline"]
    assert [one in before for one in digests[:2]] == [True, True]
    assert [one in after for one in digests] == [False, False, False]
