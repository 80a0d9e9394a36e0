"""News into a messenger's channel: the Bot API's shape, each revision once, no token told."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from gateway.messenger_settings import MessengerSettings
from gateway.telegram import MAX_TEXT, Telegram, shortened
from service.post import channel_files, messaging
from service.post.channel import CHANNEL
from service.post.messaging import TRIES, followed
from service.proof.unrecalled import in_words, unrecalled
from service.wiring import opened
from tamizdat.article import ArticleId
from tamizdat.errors import ConfigError
from tamizdat.letter import LetterState, Posting, Reply
from tamizdat.messenger import Attachment, Post, Posted
from tests.kit.botapi import TOKEN, BotApi, bot_api
from tests.kit.printshop import PrintShop, set_up, texts
from tests.kit.program import Answer, inside

NOW = datetime(2026, 11, 26, 5, tzinfo=UTC)
TOO_MANY = {"ok": False, "error_code": 429, "parameters": {"retry_after": 35}}
LONG_WAIT = {"ok": False, "parameters": {"retry_after": 10**9}}
FILE = Attachment(name="en-3.html", media_type="text/html", body=b"<p>news</p>")


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def bot(session: aiohttp.ClientSession, api: BotApi, token: str = TOKEN) -> Telegram:
    return Telegram(session, api.address, token, "@paper")


async def test_a_text_goes_without_a_preview(api: BotApi, session: aiohttp.ClientSession) -> None:
    posted = await bot(session, api).post(Post(text="News https://secret.example/"))

    assert posted == Posted(reply=Reply.TAKEN, detail="", id="1")
    assert api.messages == [
        {
            "chat_id": "@paper",
            "text": "News https://secret.example/",
            "link_preview_options": '{"is_disabled": true}',
        }
    ]


async def test_a_file_goes_with_its_words(api: BotApi, session: aiohttp.ClientSession) -> None:
    posted = await bot(session, api).post(Post(text="The Tideline", file=FILE))

    assert posted.reply is Reply.TAKEN
    assert api.documents == [("en-3.html", "text/html", b"<p>news</p>", "The Tideline")]


ANSWERS = [
    # status  body                                              what it means
    (429, TOO_MANY, Posted(reply=Reply.LATER, detail="429", wait=35.0)),
    (429, {"ok": False}, Posted(reply=Reply.LATER, detail="429", wait=60.0)),
    (429, LONG_WAIT, Posted(reply=Reply.LATER, detail="429", wait=86400.0)),
    (400, {"ok": False, "description": "chat not found"}, Posted(reply=Reply.NEVER, detail="400")),
    (403, {"ok": False}, Posted(reply=Reply.NEVER, detail="403")),
    (413, "too big", Posted(reply=Reply.TOO_BIG, detail="413")),
    (502, "<html>bad gateway</html>", Posted(reply=Reply.LATER, detail="502")),
    (200, "[]", Posted(reply=Reply.UNSURE, detail="200 without a word")),
    (200, "nonsense", Posted(reply=Reply.UNSURE, detail="200 without a word")),
    (200, {"ok": True, "result": True}, Posted(reply=Reply.TAKEN, detail="")),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "meant"), ANSWERS)
async def test_an_answer_is_taken_at_its_word(
    api: BotApi,
    session: aiohttp.ClientSession,
    status: int,
    body: dict[str, object] | str,
    meant: Posted,
) -> None:
    api.answers = [(status, body)]

    assert await bot(session, api).post(Post(text="News")) == meant


async def test_a_wrong_token_is_never_right_later(
    api: BotApi, session: aiohttp.ClientSession
) -> None:
    posted = await bot(session, api, "123456:another").post(Post(text="News"))

    assert posted == Posted(reply=Reply.NEVER, detail="401")


async def test_where_nobody_answers_it_did_not_go(session: aiohttp.ClientSession) -> None:
    nobody = Telegram(session, "http://127.0.0.1:9", TOKEN, "@paper")

    assert await nobody.post(Post(text="x")) == Posted(reply=Reply.LATER, detail="nobody answers")


CUTS = [
    ("short", 10, "short"),
    ("one two three", 10, "one..."),
    ("x" * 20, 10, "xxxxxxx..."),
    ("\U0001f600" * 6, 11, "\U0001f600" * 4 + "..."),  # two units each
]


@pytest.mark.parametrize(("text", "limit", "cut"), CUTS)
def test_a_long_text_is_cut_between_words(text: str, limit: int, cut: str) -> None:
    assert shortened(text, limit) == cut


def posting(**changed: object) -> Posting:
    one = Posting(
        gateway=CHANNEL,
        article=ArticleId("a" * 12 + "2"),
        revision=1,
        urn="urn:uuid:x",
        message_id="m",
        sha256="0" * 64,  # type: ignore[arg-type]
        length=0,
        lean=None,
        state=LetterState.QUEUED,
        queued=NOW,
        due=NOW,
    )
    return replace(one, **changed)  # type: ignore[arg-type]


FOLLOWED = [
    # refusals  answer                                                  state                due
    (0, Posted(reply=Reply.TAKEN, detail="", id="7"), LetterState.VERIFIED, 0),
    (0, Posted(reply=Reply.LATER, detail="429", wait=35), LetterState.QUEUED, 35),
    (0, Posted(reply=Reply.LATER, detail="502"), LetterState.QUEUED, 60),
    (2, Posted(reply=Reply.LATER, detail="502"), LetterState.QUEUED, 240),
    (TRIES - 1, Posted(reply=Reply.LATER, detail="502"), LetterState.LOST, 0),
    (0, Posted(reply=Reply.NEVER, detail="400"), LetterState.LOST, 0),
    (0, Posted(reply=Reply.UNSURE, detail="the connection ended"), LetterState.LOST, 0),
]


@pytest.mark.parametrize(("refusals", "posted", "state", "due"), FOLLOWED)
def test_what_may_stand_there_is_never_posted_again(
    refusals: int, posted: Posted, state: LetterState, due: int
) -> None:
    after = followed(posting(refusals=refusals), posted, NOW)

    assert (after.state, after.due) == (state, NOW + timedelta(seconds=due))
    assert not after.unsure


# in a newsroom


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


@pytest.mark.parametrize("answer", [None, (400, {"ok": False}), (200, "taken, in a way")])
async def test_what_was_corrected_goes_out_of_the_channel_with_its_files(
    answer: tuple[int, str] | None, shop: PrintShop, api: BotApi, tmp_path: Path
) -> None:
    await begun(shop, tmp_path, "Late")
    await say(shop, "gateway", "messenger")
    await corrected(shop, "The clerk left.")
    api.answers = [answer] if answer else []
    await say(shop, "gateway", "messenger")

    await say(shop, "gateway", "messenger")

    texts = [message["text"] for message in api.messages]
    assert ["news of Late" in one for one in texts] == [True, False][: len(texts)]
    assert sorted(api.deleted) == ["1", "2"]  # the words before, and the file that held them
    assert len({body for _, _, body, _ in api.documents}) == len(texts)  # a file comes with a post


async def test_a_file_amid_which_a_kill_came_is_told(
    shop: PrintShop,
    api: BotApi,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def killed(*_: object) -> None:
        raise ConfigError("killed")

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
    def killed(*_: object) -> None:
        raise ConfigError("killed")

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


async def test_a_post_that_cannot_be_taken_out_is_for_a_person(
    api: BotApi, session: aiohttp.ClientSession
) -> None:
    api.answers = [(400, {"ok": False, "description": "message can't be deleted"})]

    assert await bot(session, api).delete("7") == Posted(reply=Reply.NEVER, detail="400")


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


SETTINGS = [
    # key     value                       what is said
    ("chat", "paper", "chat"),
    ("api", "http://api.example", "must be https"),
    ("api", "https://api.example/?x", "without query"),
]


@pytest.mark.parametrize(("key", "value", "said"), SETTINGS)
def test_a_wrong_block_is_refused(key: str, value: str, said: str) -> None:
    block = {"chat": "@paper", "token": "token", key: value}

    with pytest.raises(ValueError, match=said):
        MessengerSettings.model_validate(block)


@pytest.mark.parametrize("text", ["", "no token", "1:2/../x"])
def test_a_file_without_a_token_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "token").write_text(text)

    with pytest.raises(ConfigError, match="must hold one token"):
        MessengerSettings(chat="@paper", token="token").read_token(tmp_path)


def test_a_message_is_as_long_as_may_be() -> None:
    assert len(shortened("word " * 2000, MAX_TEXT)) <= MAX_TEXT
