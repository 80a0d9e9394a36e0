"""Reading: mailboxes' feeds over HTTP. Nothing tells who reads: no log, no cookie, no counter."""

import asyncio
import logging
import socket
import uuid
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from aiohttp import web

from gateway.feed import (
    MEDIA_TYPES,
    PAGE,
    Document,
    Format,
    Shown,
    archives,
    before_current,
    newest_of_each,
    render,
)
from gateway.inbox import Store
from gateway.mailbox import decode, hidden
from gateway.shutting import shut
from gateway.visitors import Visitors
from tamizdat.digest import Digest, digest
from tamizdat.errors import TamizdatError
from tamizdat.letters import Kept, Mailbox

KEPT, KEPT_BYTES = 64, 4 * 1024 * 1024
"""Documents kept in memory, rendered."""

MAX_ID = 64
SECONDS = 30
STOP_SECONDS = 0.25
"""How long an answer may still take when we stop; aiohttp waits twice as long."""

SETTLED = timedelta(seconds=2)
SHORT = "private, max-age=60"
FOR_EVER = "private, max-age=31536000, immutable"

_FORMATS: dict[str, Format] = {
    "atom.xml": "atom.xml",
    "rss.xml": "rss.xml",
    "feed.json": "feed.json",
}
_PRIVATE = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'",
}

log = logging.getLogger(__name__)
_silent = logging.getLogger(f"{__name__}.http")
_silent.disabled = True  # aiohttp would write the address of whoever sent a broken request

_Key = tuple[str, Format, int | None, int, tuple[int, ...]]
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rendered:
    body: bytes
    etag: str
    modified: datetime


class Readings:
    """The feeds of all mailboxes. `base` is our public address, `/` last."""

    def __init__(self, base: str, store: Store) -> None:
        self.base = base
        self._store = store
        self._kept: OrderedDict[_Key, _Rendered] = OrderedDict()

    def application(self) -> web.Application:
        """The program that answers."""
        app = web.Application(middlewares=[_quiet])
        app.router.add_get("/{read}/{format}", self._current)
        app.router.add_get("/{read}/archive/{number:[1-9][0-9]{0,6}}/{format}", self._archive)
        return app

    async def _current(self, request: web.Request) -> web.StreamResponse:
        mailbox, kind = await self._asked(request)
        found = await self._rendered(request, mailbox, kind, None)
        return _answer(request, found, kind, SHORT, settled=self._settled(found))

    async def _archive(self, request: web.Request) -> web.StreamResponse:
        mailbox, kind = await self._asked(request)
        number = int(request.match_info["number"])
        closed = archives(mailbox.count)
        if number == closed + 1:  # an archive names the next one before it is closed
            raise web.HTTPFound(f"../../{kind}")
        if number > closed:
            raise web.HTTPNotFound
        found = await self._rendered(request, mailbox, kind, number)
        return _answer(request, found, kind, FOR_EVER, settled=self._settled(found))

    def _settled(self, found: _Rendered) -> bool:
        """Whether no letter can still come within the second that Last-Modified names."""
        return self._store.clock.now() - found.modified >= SETTLED

    async def _asked(self, request: web.Request) -> tuple[Mailbox, Format]:
        kind = _FORMATS.get(request.match_info["format"])
        read = request.match_info["read"]
        if kind is None or len(read) > MAX_ID:
            raise web.HTTPNotFound
        mailbox = await self._store.mailboxes.by_read(hidden(read))
        if mailbox is None:
            raise web.HTTPNotFound
        return mailbox, kind

    async def _rendered(
        self, request: web.Request, mailbox: Mailbox, kind: Format, archive: int | None
    ) -> _Rendered:
        count = archive * PAGE if archive else mailbox.count
        first = max(1, count - PAGE + 1)
        kept = await self._store.mailboxes.listed(mailbox.number, first, count)
        key = (mailbox.read, kind, archive, count, tuple(one.position for one in kept))
        if key not in self._kept:
            base = f"{self.base}{request.match_info['read'].lower()}/"
            self._kept[key] = await asyncio.to_thread(
                _rendered, self._store, mailbox, kept, kind, archive, base, count
            )
        found = self._kept[key]
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT or self._weight() > KEPT_BYTES:
            self._kept.popitem(last=False)
        return found

    def _weight(self) -> int:
        return sum(len(one.body) for one in self._kept.values()) if len(self._kept) > 1 else 0


@asynccontextmanager
async def serving(readings: Readings, door: socket.socket) -> AsyncIterator[int]:
    """Serve at `door`, a bound socket, until the block ends; gives the port."""
    runner = web.AppRunner(
        readings.application(), access_log=None, logger=_silent, shutdown_timeout=STOP_SECONDS
    )
    await runner.setup()
    visitors = Visitors(cast("web.Server", runner.server))
    try:
        server = await asyncio.get_running_loop().create_server(visitors, sock=door)
        visitors.look()
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            await shut(server, door)
            visitors.stop()
    finally:
        await runner.cleanup()


@web.middleware
async def _quiet(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        async with asyncio.timeout(SECONDS):
            return await handler(request)
    except (TamizdatError, TimeoutError) as error:
        log.warning("a feed could not be read", extra={"kind": type(error).__name__})
        raise web.HTTPServiceUnavailable from None


def _rendered(
    store: Store,
    mailbox: Mailbox,
    kept: Sequence[Kept],
    kind: Format,
    archive: int | None,
    base: str,
    count: int,
) -> _Rendered:
    shown = [_shown(store, mailbox, one) for one in kept]
    updated = max((one.at for one in kept), default=mailbox.opened)
    document = Document(
        base=base,
        urn=uuid.uuid5(uuid.NAMESPACE_OID, mailbox.read).urn,
        title=store.blobs.read(mailbox.label).decode(),
        updated=updated,
        entries=newest_of_each(shown),
        archive=archive,
        before=((archive - 1) or None) if archive else before_current(count),
    )
    body = render(document, kind)
    return _Rendered(body=body, etag=digest(body)[:32], modified=updated)


def _shown(store: Store, mailbox: Mailbox, kept: Kept) -> Shown:
    content = decode(store.blobs.read(Digest(kept.sha256)))
    own = mailbox.keep_all and kept.revision > 1
    name = f"{kept.urn}:{kept.revision}" if own else kept.urn
    return Shown(content=content, id=name, updated=kept.at)


def _answer(
    request: web.Request, rendered: _Rendered, kind: Format, cached: str, *, settled: bool
) -> web.StreamResponse:
    headers = {**_PRIVATE, "Cache-Control": cached}
    same = _matches(request, rendered)
    response = web.Response(status=304 if same else 200, headers=headers)
    if not same:
        response.content_type = MEDIA_TYPES[kind]
        response.charset = "utf-8"
        response.body = rendered.body
    response.etag = rendered.etag
    if settled:
        response.last_modified = rendered.modified
    return response


def _matches(request: web.Request, rendered: _Rendered) -> bool:
    """Whether the reader has it already; If-None-Match alone counts where it is there."""
    tags = request.if_none_match
    if tags is not None:
        return any(tag.value in {"*", rendered.etag} for tag in tags)
    since = request.if_modified_since
    return since is not None and rendered.modified <= since
