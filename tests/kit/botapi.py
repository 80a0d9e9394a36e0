"""A Bot API of our own, on loopback, in the shape that Telegram documents."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "123456:an-invented-token"


@dataclass
class BotApi:
    """`answers` are given first, as (status, body); then every request is taken."""

    address: str = ""
    answers: list[tuple[int, Mapping[str, Any] | str]] = field(default_factory=list)
    messages: list[Mapping[str, str]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    documents: list[tuple[str, str, bytes, str]] = field(default_factory=list)
    asked: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        """A method of the bot whose token the address bears."""
        self.asked += 1
        form = await request.post()
        if self.answers:
            status, told = self.answers.pop(0)
            if isinstance(told, str):
                return web.Response(status=status, text=told)
            return web.json_response(told, status=status)
        if request.match_info["token"] != TOKEN:
            body = {"ok": False, "error_code": 401, "description": "Unauthorized"}
            return web.json_response(body, status=401)
        if request.match_info["method"] == "sendMessage":
            self.messages.append({name: str(value) for name, value in form.items()})
        elif request.match_info["method"] == "deleteMessage":
            self.deleted.append(str(form["message_id"]))
            return web.json_response({"ok": True, "result": True})
        else:
            file = form["document"]
            assert isinstance(file, web.FileField)
            caption = str(form["caption"])
            self.documents.append((file.filename, file.content_type, file.file.read(), caption))
        number = len(self.messages) + len(self.documents)
        return web.json_response({"ok": True, "result": {"message_id": number}})


@asynccontextmanager
async def bot_api() -> AsyncIterator[BotApi]:
    """A running one."""
    api = BotApi()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/bot{token}/{method}", api.handle)
    runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield api
    finally:
        await runner.cleanup()
