"""An edge of our own, on loopback: it keeps what it served, and forgets what it is told to.

Its control plane is moto's; invalidations are read on their way there.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

_PATH = re.compile(r"<Path>([^<]+)</Path>")
_KEPT = ("Content-Type", "Cache-Control")
_OURS = frozenset({"host", "content-length", "connection", "accept-encoding", "expect"})


@dataclass
class FakeEdge:
    """`kept` is what it serves without asking the origin. It is off once it was switched off.

    Of what readers ask next, `ill` requests fail.
    """

    origin: str
    provider: str
    session: aiohttp.ClientSession
    street: str = ""
    control: str = ""
    on: bool = True
    ill: int = 0
    kept: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    emptied: list[str] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.Response:
        """A reader asks."""
        path = request.path
        if self.ill:
            self.ill -= 1
            return web.Response(status=503)
        if not self.on:
            return web.Response(status=403)
        if path not in self.kept:
            async with self.session.get(f"{self.origin}{path[1:]}") as answer:
                headers = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
                if answer.status != 200:
                    return web.Response(status=answer.status)
                self.kept[path] = (answer.status, headers, await answer.read())
        status, headers, body = self.kept[path]
        return web.Response(status=status, headers=headers, body=body)

    async def ask(self, request: web.Request) -> web.Response:
        """The owner asks: the provider answers, and what is to be forgotten is."""
        body = await request.read()
        headers = {n: told for n, told in request.headers.items() if n.lower() not in _OURS}
        async with self.session.request(
            request.method, f"{self.provider}{request.raw_path}", data=body, headers=headers
        ) as answer:
            told = await answer.read()
            back = {
                n: told
                for n, told in answer.headers.items()
                if n.lower() in {"etag", "content-type"}
                or n.lower().startswith(("x-amz", "smithy"))
            }
            status = answer.status
        if request.method == "POST" and request.path.endswith("/invalidation"):
            self._forget(_PATH.findall(body.decode()))
        if request.method == "PUT" and request.path.endswith("/config"):
            self.on = b"<Enabled>true</Enabled>" in body
        return web.Response(status=status, body=told, headers=back)

    def _forget(self, paths: list[str]) -> None:
        self.emptied += paths
        for path in paths:
            if path == "/*":
                self.kept.clear()
            self.kept.pop(path, None)


@asynccontextmanager
async def edge(origin: str, provider: str) -> AsyncIterator[FakeEdge]:
    """A running edge before `origin` (a base, `/` last), owned through `provider`."""
    async with aiohttp.ClientSession() as session:
        fake = FakeEdge(origin=origin, provider=provider, session=session)
        street, control = web.Application(), web.Application(client_max_size=1 << 24)
        street.router.add_get("/{path:.*}", fake.serve)
        control.router.add_route("*", "/{path:.*}", fake.ask)
        runners = [web.AppRunner(app, shutdown_timeout=1) for app in (street, control)]
        ports = []
        for runner in runners:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            ports.append(runner.addresses[0][1])
        fake.street, fake.control = (f"http://127.0.0.1:{port}" for port in ports)
        try:
            yield fake
        finally:
            for runner in runners:
                await runner.cleanup()
