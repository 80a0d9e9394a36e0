"""The Bot API of a messenger: what is asked in its shape, and each answer taken at its word."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from gateway.messenger_settings import MessengerSettings
from gateway.telegram import MAX_TEXT, Telegram, shortened
from service.post.channel import CHANNEL
from service.post.messaging import TRIES, followed
from tamizdat.article import ArticleId
from tamizdat.errors import ConfigError
from tamizdat.letter import LetterState, Posting, Reply
from tamizdat.messenger import Attachment, Post, Posted
from tests.kit.botapi import TOKEN, BotApi, bot_api

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


async def test_a_post_that_cannot_be_taken_out_is_for_a_person(
    api: BotApi, session: aiohttp.ClientSession
) -> None:
    api.answers = [(400, {"ok": False, "description": "message can't be deleted"})]

    assert await bot(session, api).delete("7") == Posted(reply=Reply.NEVER, detail="400")


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
