"""Telegram: posts into a channel, by the Bot API. Without its token nobody can post.

The token stands in every address of the API: no address and no error's text is ever told.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from tamizdat.letter import Reply
from tamizdat.messenger import Messenger, Post, Posted

MAX_TEXT, MAX_CAPTION = 4096, 1024
"""UTF-16 units that a message, and a text beside a file, may have."""

MAX_ANSWER = 64 * 1024
MAX_WAIT = 86400.0
SECONDS = 60.0
"""How long a whole request may take: a file goes up on a bad line."""

_MORE = "..."
_TOO_MANY, _SERVER = 429, 500
_TOO_BIG = 413


class Telegram:
    """The port Messenger. `api` is the address of the Bot API, without a `/` at its end."""

    def __init__(self, session: aiohttp.ClientSession, api: str, token: str, chat: str) -> None:
        self._session = session
        self._address = f"{api}/bot{token}"
        self._chat = chat

    async def post(self, post: Post) -> Posted:
        """A message, or a file with the text beside it; no address in it is looked up."""
        form = aiohttp.FormData()
        form.add_field("chat_id", self._chat)
        if post.file is None:
            method = "sendMessage"
            form.add_field("text", shortened(post.text, MAX_TEXT))
            form.add_field("link_preview_options", json.dumps({"is_disabled": True}))
        else:
            method, file = "sendDocument", post.file
            form.add_field("caption", shortened(post.text, MAX_CAPTION))
            form.add_field("disable_content_type_detection", "true")
            form.add_field("document", file.body, filename=file.name, content_type=file.media_type)
        return await self._ask(method, form)

    async def delete(self, number: str) -> Posted:
        """Take a post out: the bot must be allowed to delete messages."""
        form = aiohttp.FormData()
        form.add_field("chat_id", self._chat)
        form.add_field("message_id", number)
        return await self._ask("deleteMessage", form)

    async def _ask(self, method: str, form: aiohttp.FormData) -> Posted:
        try:
            async with (
                asyncio.timeout(SECONDS),
                self._session.post(
                    f"{self._address}/{method}", data=form, allow_redirects=False
                ) as answer,
            ):
                status, body = answer.status, await answer.content.read(MAX_ANSWER)
        except aiohttp.ClientConnectorError:
            return Posted(reply=Reply.LATER, detail="nobody answers")
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Posted(reply=Reply.UNSURE, detail="the connection ended")
        return _told(status, _parsed(body))


def shortened(text: str, limit: int) -> str:
    """`text` in at most `limit` UTF-16 units, cut between words where it is longer."""
    if _length(text) <= limit:
        return text
    kept: list[str] = []
    room = limit - len(_MORE)
    for sign in text:
        room -= _length(sign)
        if room < 0:
            break
        kept.append(sign)
    cut = "".join(kept)
    words = cut.rpartition(" ")[0]
    return (words or cut).rstrip() + _MORE


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _told(status: int, answer: Mapping[str, Any]) -> Posted:
    """What an answer says; `ok` alone tells that it was done."""
    if answer.get("ok") is True:
        result = answer.get("result")
        number = result.get("message_id") if isinstance(result, dict) else None
        told = str(number) if isinstance(number, int) else ""
        return Posted(reply=Reply.TAKEN, detail="", id=told)
    if status == _TOO_MANY:
        return Posted(reply=Reply.LATER, detail="429", wait=_wait(answer))
    if status == _TOO_BIG:
        return Posted(reply=Reply.TOO_BIG, detail="413")
    if status >= _SERVER:
        return Posted(reply=Reply.LATER, detail=str(status))
    if answer.get("ok") is False:
        return Posted(reply=Reply.NEVER, detail=str(status))
    return Posted(reply=Reply.UNSURE, detail=f"{status} without a word")


def _wait(answer: Mapping[str, Any]) -> float:
    parameters = answer.get("parameters")
    asked = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if not isinstance(asked, int) or asked < 0:
        return SECONDS
    return min(float(asked), MAX_WAIT)


_: type[Messenger] = Telegram
