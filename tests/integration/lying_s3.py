"""An S3 server of ours that can refuse, hang, cut files short, serve old bytes, force downloads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from mirror.credentials import Credentials
from mirror.s3 import Bucket

DENIED = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
FULL = "<Error><Code>QuotaExceeded</Code><Message>full</Message></Error>"


@dataclass
class LyingServer:
    """One bucket. `habit` is honest, refuses, full, hangs, cuts, stale, late, breaks or downloads.

    A late one serves what lay there before for `period` seconds of `now` after each put.
    """

    habit: str = "honest"
    endpoint: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    old: dict[str, bytes] = field(default_factory=dict)
    puts: int = 0
    now: float = 0.0
    period: float = 30.0
    changed: dict[str, float] = field(default_factory=dict)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base(self) -> str:
        """Where strangers read."""
        return f"{self.endpoint}/bucket/"

    @property
    def bucket(self) -> Bucket:
        """How its owner reaches it."""
        keys = Credentials(access_key="an-access-key", secret_key="an-invented-secret")
        return Bucket(
            endpoint=self.endpoint, region="us-east-1", name="bucket", prefix="", credentials=keys
        )

    async def put(self, request: web.Request) -> web.Response:
        """Take a file, or pretend to."""
        self.puts += 1
        path, body = request.match_info["path"], await request.read()
        if self.habit == "refuses":
            return web.Response(status=403, text=DENIED, content_type="application/xml")
        if self.habit == "full":
            return web.Response(status=403, text=FULL, content_type="application/xml")
        if self.habit == "hangs":
            self.reached.set()
            await self.released.wait()
        if self.habit == "cuts":
            body = body[: len(body) // 2]
        self.old[path] = self.files.get(path, body)
        self.files[path] = body
        self.changed[path] = self.now
        return web.Response(headers={"ETag": '"an-etag"'})

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Serve a file, or something like it."""
        path = request.match_info["path"]
        if path not in self.files:
            return web.Response(status=404)
        old = self.habit == "stale" or (self.habit == "late" and self._is_young(path))
        body = self.old[path] if old else self.files[path]
        if self.habit == "downloads":
            return web.Response(
                body=body, headers={"Content-Disposition": 'Attachment; filename="x"'}
            )
        if self.habit != "breaks":
            return web.Response(body=body)
        answer = web.StreamResponse(headers={"Content-Length": str(len(body))})
        await answer.prepare(request)
        await answer.write(body[: len(body) // 2])
        assert request.transport is not None
        request.transport.close()
        return answer

    def _is_young(self, path: str) -> bool:
        return self.now - self.changed[path] < self.period

    async def delete(self, request: web.Request) -> web.Response:
        """Forget a file."""
        self.files.pop(request.match_info["path"], None)
        return web.Response(status=204)


@asynccontextmanager
async def lying_server(habit: str) -> AsyncIterator[LyingServer]:
    """A running server with that habit, on a free loopback port."""
    server = LyingServer(habit)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_put("/bucket/{path:.+}", server.put)
    app.router.add_get("/bucket/{path:.+}", server.get)
    app.router.add_delete("/bucket/{path:.+}", server.delete)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.endpoint = f"http://{host}:{port}"
    try:
        yield server
    finally:
        server.released.set()
        await runner.cleanup()
