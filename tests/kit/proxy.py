"""A proxy before an S3 server: it logs each request, and can behave as bad providers do."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import aiohttp
from aiohttp import web

from tests.kit.deeds import POINTER, Deed, Deeds

HOST = "127.0.0.1"
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}
_MAX_BODY = 64 * 1024 * 1024


class Fault(StrEnum):
    """What a provider does to its customers."""

    NONE = "none"
    HANG = "takes the request and never answers"
    REFUSE = "refuses every upload"
    TRUNCATE = "acknowledges uploads and keeps half of them"
    CACHE = "goes on serving what was deleted, where it bears its digest in its name"
    OLD = "acknowledges uploads and goes on serving what lay there before"


@dataclass(frozen=True, slots=True)
class Seen:
    """One request: which bucket, what, and from when to when."""

    bucket: str
    verb: str
    path: str
    begun: float
    ended: float
    status: int


@dataclass
class Proxy:
    """A running proxy. `faults` and `delays` (seconds for each PUT) are by bucket."""

    endpoint: str
    deeds: Deeds = field(default_factory=Deeds)
    faults: dict[str, Fault] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    log: list[Seen] = field(default_factory=list)
    logged: asyncio.Event = field(default_factory=asyncio.Event)
    after: Callable[[Deed], None] = lambda _deed: None

    def base(self, bucket: str) -> str:
        """Where strangers read a bucket."""
        return f"{self.endpoint}/{bucket}/"

    async def pointed(self, bucket: str) -> None:
        """Wait until the pointer was put into a bucket: the push there is over."""
        while not any((s.bucket, s.verb, s.path) == (bucket, "PUT", POINTER) for s in self.log):
            self.logged.clear()
            await self.logged.wait()

    def span(self, bucket: str) -> float:
        """Seconds from the first PUT that a bucket got to the end of the last."""
        mine = [seen for seen in self.log if (seen.bucket, seen.verb) == (bucket, "PUT")]
        return max(seen.ended for seen in mine) - min(seen.begun for seen in mine)


@asynccontextmanager
async def proxied(server: str, deeds: Deeds | None = None) -> AsyncIterator[Proxy]:
    """A proxy before the S3 server at `server`, until the block ends."""
    proxy = Proxy(endpoint="", deeds=deeds or Deeds())
    async with aiohttp.ClientSession(
        auto_decompress=False, connector=aiohttp.TCPConnector(limit=0)
    ) as session:
        application = _application(proxy, session, server)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, 0)
            await site.start()
            proxy.endpoint = f"http://{HOST}:{runner.addresses[0][1]}"
            yield proxy
        finally:
            await runner.cleanup()


def _application(proxy: Proxy, session: aiohttp.ClientSession, server: str) -> web.Application:
    keeper = _Keeper(proxy, session, server)
    application = web.Application(client_max_size=_MAX_BODY)
    application.router.add_route("*", "/{bucket}", keeper.answer)
    application.router.add_route("*", "/{bucket}/{path:.*}", keeper.answer)
    return application


class _Keeper:
    """Passes requests on, as far as the bucket's fault lets it."""

    def __init__(self, proxy: Proxy, session: aiohttp.ClientSession, server: str) -> None:
        self._proxy = proxy
        self._session = session
        self._server = server
        self._cached: dict[str, bytes] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        bucket, path = request.match_info["bucket"], request.match_info.get("path", "")
        begun = time.monotonic()
        try:
            body = await request.read()
        except (ConnectionError, aiohttp.ClientError):
            return web.Response(status=400)
        deed = Deed(bucket, request.method, path, begun)
        self._proxy.deeds.add(deed)
        answer = await self._with_fault(request, bucket, body)
        self._proxy.after(deed)
        self._proxy.log.append(
            Seen(bucket, request.method, path, begun, time.monotonic(), answer.status)
        )
        self._proxy.logged.set()
        return answer

    async def _with_fault(self, request: web.Request, bucket: str, body: bytes) -> web.Response:
        fault = self._proxy.faults.get(bucket, Fault.NONE)
        if fault is Fault.HANG:
            await asyncio.sleep(3600)
        if fault is Fault.CACHE:
            return await self._from_cache(request, body)
        if request.method != "PUT":
            return await self._pass(request, body)
        if fault is Fault.REFUSE:
            code = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
            return web.Response(status=403, text=code, content_type="application/xml")
        if fault is Fault.OLD and await self._holds(request):
            return web.Response(status=200, headers={"ETag": '"0"'})
        await asyncio.sleep(self._proxy.delays.get(bucket, 0))
        if fault is Fault.TRUNCATE:
            return await self._pass(request, body[: len(body) // 2])
        return await self._pass(request, body)

    async def _from_cache(self, request: web.Request, body: bytes) -> web.Response:
        """As a cache that nobody empties: what strangers got before and never changes, they get."""
        lasts = request.match_info.get("path", "").startswith(("b/", "o/", "s/"))
        if request.method == "DELETE" and lasts:
            async with self._session.get(self._server + request.raw_path) as there:
                if there.status == web.HTTPOk.status_code:
                    self._cached[request.path] = await there.read()
        elif request.method == "PUT":
            self._cached.pop(request.path, None)
        elif request.path in self._cached:
            return web.Response(body=self._cached[request.path])
        return await self._pass(request, body)

    async def _holds(self, request: web.Request) -> bool:
        """Whether something lies there already."""
        address = self._server + request.raw_path
        async with self._session.get(address) as answer:
            return answer.status == web.HTTPOk.status_code

    async def _pass(self, request: web.Request, body: bytes) -> web.Response:
        headers = {name: text for name, text in request.headers.items() if name.lower() not in _HOP}
        headers.pop("Content-MD5", None)
        async with self._session.request(
            request.method,
            self._server + request.raw_path,
            data=body,
            headers=headers,
            allow_redirects=False,
        ) as answer:
            kept = {n: t for n, t in answer.headers.items() if n.lower() not in _HOP}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)
