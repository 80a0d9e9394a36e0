"""News in a messenger's channel: each revision once, nothing that is gone, no token told."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.post import channel_files, messaging
from service.post.channel import CHANNEL, CORRECTED
from service.post.messaging import opened_messenger, post_news
from service.proof.unrecalled import in_words, unrecalled
from service.wiring import opened
from store.facts import SqlFacts
from tamizdat.errors import ConfigError
from tamizdat.ledgers import Record
from tamizdat.letter import LetterState
from tests.kit.botapi import TOKEN, BotApi, bot_api
from tests.kit.printshop import PrintShop, set_up, texts
from tests.kit.program import Answer, inside

TOO_MANY = {"ok": False, "error_code": 429, "parameters": {"retry_after": 35}}


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


@pytest.fixture
async def shop(tmp_path: Path, api: BotApi) -> PrintShop:
    shop = await set_up(tmp_path / "room")
    shop.add_folder("amber")
    (shop.folder / "token").write_text(TOKEN + "\n")
    with (shop.folder / "tamizdat.toml").open("a") as config:
        config.write(
            f'\n[messenger]\nchat = "@paper"\ntoken = "token"\napi = {json.dumps(api.address)}\n'
        )
    await say(shop, "import", "folder", texts(tmp_path / "texts", ["en"]), "--release")
    return shop


async def say(shop: PrintShop, *words: str | Path) -> Answer:
    return await asyncio.to_thread(inside, "-C", shop.folder, *words)


async def release(shop: PrintShop, tmp_path: Path, name: str, text: str = "The late news.") -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / f"{name}.md").write_text(f"---\ntitle: {name}\nlanguage: en\n---\n{text}\n")
    done = await say(shop, "import", "folder", folder, "--release")
    assert done.code == 0, done.err


def killed(*_: object) -> None:
    """Stands where the program ends."""
    raise ConfigError("killed")


async def begun(shop: PrintShop, tmp_path: Path, name: str) -> None:
    """The channel is in use, and an edition with one more article is out."""
    await say(shop, "publish")
    await say(shop, "gateway", "messenger")
    await release(shop, tmp_path, name, f"The late news of {name}.")
    await say(shop, "publish")


async def test_only_what_is_new_and_verified_is_posted_and_once(
    shop: PrintShop, api: BotApi, tmp_path: Path
) -> None:
    early = await say(shop, "gateway", "messenger", "--json")
    await say(shop, "publish")
    first = await say(shop, "gateway", "messenger", "--json")
    await release(shop, tmp_path, "Late")
    before = await say(shop, "gateway", "messenger", "--json")
    await say(shop, "publish")

    posted = await say(shop, "gateway", "messenger", "--json")
    again = await say(shop, "gateway", "messenger", "--json")

    assert "no public mirror" in early.json["waits"]
    assert (first.json["posted"], before.json["posted"]) == (0, 0)
    assert (posted.json["posted"], again.json["posted"]) == (1, 0)
    (message,) = api.messages
    assert message["text"].startswith("Late\n\nThe late news.")
    (document,) = api.documents
    assert document[0].startswith("en-")
    assert document[2].startswith(b"<!doctype html>")


async def test_what_is_withdrawn_is_taken_out_of_the_channel(
    shop: PrintShop, api: BotApi, tmp_path: Path
) -> None:
    await say(shop, "publish")
    await say(shop, "gateway", "messenger")
    await release(shop, tmp_path, "Late")
    await say(shop, "publish")
    await say(shop, "gateway", "messenger")
    async with opened(shop.folder) as room:
        (one,) = [o for o in await room.ledgers.letters.of(CHANNEL) if o.entry]
    await say(shop, "article", "withdraw", one.article)
    api.answers = [(502, "down")]

    down = list(api.deleted), await say(shop, "gateway", "messenger")
    await say(shop, "gateway", "messenger")
    await say(shop, "gateway", "messenger")

    assert down[0] == []
    assert sorted(api.deleted) == [one.entry, "2"]  # and the file that went along


async def test_a_turn_asks_nothing_of_what_was_withdrawn_before(
    shop: PrintShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(shop, tmp_path, "Late")
    await say(shop, "gateway", "messenger")
    for article in (await say(shop, "article", "list", "--json")).json[:3]:
        await say(shop, "article", "withdraw", article["id"])
    asked: list[str] = []
    get = SqlFacts.get

    async def heard(facts: SqlFacts, name: str) -> str | None:
        asked.append(name)
        return await get(facts, name)

    monkeypatch.setattr(SqlFacts, "get", heard)
    await say(shop, "gateway", "messenger")
    first = [name for name in asked if name.startswith(messaging.STANDS)]
    asked.clear()
    await say(shop, "gateway", "messenger")
    second = [name for name in asked if name.startswith(messaging.STANDS)]

    assert len(first) == 3
    assert second == []  # else each minute costs as much as was ever withdrawn


async def test_files_that_held_what_is_withdrawn_are_taken_out_and_come_anew(
    shop: PrintShop, api: BotApi, tmp_path: Path
) -> None:
    old = (await say(shop, "article", "list", "--json")).json[0]
    await begun(shop, tmp_path, "Late")
    await say(shop, "gateway", "messenger")
    before = list(api.deleted)
    await say(shop, "article", "withdraw", old["id"])
    await say(shop, "gateway", "messenger")
    await say(shop, "publish")
    await release(shop, tmp_path, "Last")
    await say(shop, "publish")
    await say(shop, "gateway", "messenger")

    assert (before, api.deleted) == ([], ["2"])
    held = [old["id"].encode() in body for _, _, body, _ in api.documents]
    assert held == [True, False]


async def corrected(shop: PrintShop, text: str) -> None:
    """The only post's article gets other words, and an edition has them."""
    async with opened(shop.folder) as room:
        (one,) = [one for one in await room.ledgers.letters.of(CHANNEL) if one.entry]
    file = shop.folder.parent / "corrected.md"
    file.write_text(f"---\ntitle: Late\nlanguage: en\n---\n{text}\n")
    words = ("article", "correct", one.article, "--file", file, "--reason", "A name")
    done = await say(shop, *words)
    assert done.code == 0, done.err
    await say(shop, "publish")


async def test_what_was_corrected_goes_out_of_the_channel_with_its_files(
    shop: PrintShop, api: BotApi, tmp_path: Path
) -> None:
    await begun(shop, tmp_path, "Late")
    await say(shop, "gateway", "messenger")
    await corrected(shop, "The clerk left.")
    await say(shop, "gateway", "messenger")
    await say(shop, "gateway", "messenger")

    assert ["news of Late" in one["text"] for one in api.messages] == [True, False]
    assert sorted(api.deleted) == ["1", "2"]  # the words before, and the file that held them
    assert len({body for _, _, body, _ in api.documents}) == 2  # it came anew


@pytest.mark.parametrize("where", ["followed", "_owe", "owe_files"])
async def test_a_kill_amid_a_correction_leaves_no_old_words(
    where: str, shop: PrintShop, api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(shop, tmp_path, "Late")
    await say(shop, "gateway", "messenger")
    await corrected(shop, "The clerk left.")
    with monkeypatch.context() as patch:
        patch.setattr(messaging, where, killed)
        await say(shop, "gateway", "messenger")
    await say(shop, "gateway", "messenger")
    await say(shop, "gateway", "messenger")

    assert sorted(api.deleted) == ["1", "2"]
    assert [message["text"][:4] for message in api.messages] == ["Late", "Late"]


async def test_a_correction_of_what_is_long_out_takes_its_post_away(
    shop: PrintShop, api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(shop, tmp_path, "Late")
    await say(shop, "gateway", "messenger")
    monkeypatch.setattr(messaging, "run", _none)
    await corrected(shop, "The clerk left.")
    await say(shop, "gateway", "messenger")

    assert sorted(api.deleted) == ["1", "2"]
    assert len(api.messages) == 1


async def test_a_switched_byline_leaves_one_post(
    shop: PrintShop, api: BotApi, tmp_path: Path
) -> None:
    folder = tmp_path / "signed"
    folder.mkdir()
    await say(shop, "publish")
    await say(shop, "gateway", "messenger")
    (folder / "late.md").write_text(
        "---\ntitle: Late\nlanguage: en\nauthor: M. Kestrel\n---\nNews.\n"
    )
    await say(shop, "import", "folder", folder, "--release")
    await say(shop, "publish")
    await say(shop, "gateway", "messenger")
    switched = await say(shop, "author", "remove", "M. Kestrel")
    await say(shop, "publish")
    await say(shop, "gateway", "messenger")
    await say(shop, "gateway", "messenger")

    assert switched.code == 0, switched
    assert len(api.messages) - len([one for one in api.deleted if one != "2"]) == 1


async def test_posts_go_while_something_long_is_being_written(
    shop: PrintShop, api: BotApi, tmp_path: Path
) -> None:
    await begun(shop, tmp_path, "Late")
    await say(shop, "gateway", "messenger")
    await corrected(shop, "The clerk left.")
    async with opened(shop.folder) as room, opened_messenger(room) as messenger:
        assert messenger
        async with room.writing:
            await post_news(room, messenger)
        deleted = sorted(api.deleted)
        noted = await room.ledgers.facts.get(CORRECTED)
        await post_news(room, messenger)

        assert (deleted, bool(noted)) == (["1"], True)
        assert not await room.ledgers.facts.get(CORRECTED)
    assert api.deleted[0] == "1"
    assert "2" in api.deleted
    assert len(api.messages) == 2


async def _none(*_: object) -> list[Record]:
    return []


async def test_a_file_amid_which_a_kill_came_is_told(
    shop: PrintShop,
    api: BotApi,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await begun(shop, tmp_path, "Late")
    with monkeypatch.context() as patch:
        patch.setattr(channel_files, "numbers", killed)
        await say(shop, "gateway", "messenger")
    await say(shop, "gateway", "messenger")

    (told,) = [one for one in caplog.records if one.message == channel_files.PERHAPS]
    assert getattr(told, "file", "") == api.documents[0][0]


async def test_what_goes_out_before_a_kill_is_known_by_its_number(
    shop: PrintShop, api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(shop, tmp_path, "Late")
    with monkeypatch.context() as patch:
        patch.setattr(messaging, "followed", killed)
        await say(shop, "gateway", "messenger")
    async with opened(shop.folder) as room:
        (one,) = await room.ledgers.letters.open(CHANNEL)
    await say(shop, "article", "withdraw", one.article)
    await say(shop, "gateway", "messenger")

    assert [message["text"][:4] for message in api.messages] == ["Late"]
    assert api.deleted == ["1"]


async def test_a_post_whose_number_nobody_knows_is_told_to_who_withdraws_it(
    shop: PrintShop, api: BotApi, tmp_path: Path
) -> None:
    await begun(shop, tmp_path, "Late")
    api.answers = [(200, "taken, in a way")]
    await say(shop, "gateway", "messenger")
    async with opened(shop.folder) as room:
        late = [o for o in await room.ledgers.letters.of(CHANNEL) if o.state is LetterState.LOST]
    await say(shop, "article", "withdraw", late[0].article)
    async with opened(shop.folder) as room:
        told = in_words(await unrecalled(room.ledgers.facts, late[0].article))

    assert "1 post in the messenger's channel, perhaps: look, and delete it by hand" in told


async def test_a_full_channel_is_waited_for_and_nothing_is_lost(
    shop: PrintShop, api: BotApi, tmp_path: Path
) -> None:
    await say(shop, "publish")
    await say(shop, "gateway", "messenger")
    await release(shop, tmp_path, "Late")
    await say(shop, "publish")
    api.answers = [(429, {"ok": False, "parameters": {"retry_after": 0}}), (429, TOO_MANY)]

    refused = await say(shop, "gateway", "messenger", "--json")
    early = await say(shop, "gateway", "messenger", "--json")

    assert (refused.json["posted"], refused.json["waits"]) == (0, "429")
    assert early.json["queued"] == 1
    assert api.messages == []


async def test_after_a_kill_what_may_have_gone_out_is_not_posted_again(
    shop: PrintShop, api: BotApi, tmp_path: Path
) -> None:
    await say(shop, "publish")
    await say(shop, "gateway", "messenger")
    await release(shop, tmp_path, "Late")
    await say(shop, "publish")
    api.answers = [(502, "down")]
    await say(shop, "gateway", "messenger")
    async with opened(shop.folder) as room:
        (one,) = await room.ledgers.letters.open(CHANNEL)
        await room.ledgers.letters.update([replace(one, unsure=True)])

    after = await say(shop, "gateway", "messenger", "--json")

    assert after.json["lost"] == 1
    assert api.messages == []


async def test_the_token_is_told_nowhere(
    shop: PrintShop, api: BotApi, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await say(shop, "publish")
    await say(shop, "gateway", "messenger")
    await release(shop, tmp_path, "Late")
    await say(shop, "publish")
    api.answers = [(400, {"ok": False})]

    done = await say(shop, "gateway", "messenger")

    told = caplog.text + done.out + done.err
    assert TOKEN not in told
    lying = b"".join(p.read_bytes() for p in (shop.folder / "state").rglob("*") if p.is_file())
    assert TOKEN.encode() not in lying


async def test_without_a_messenger_nothing_is_asked(shop: PrintShop, api: BotApi) -> None:
    config = shop.folder / "tamizdat.toml"
    config.write_text(config.read_text().partition("[messenger]")[0])

    refused = await say(shop, "gateway", "messenger")

    assert refused.code == 2
    assert api.asked == 0
