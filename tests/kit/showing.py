"""Showing folder mirrors over HTTP on loopback: right types, no access log."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from tamizdat import paths
from tamizdat.errors import ConfigError, FormatError

HOST = "127.0.0.1"


@asynccontextmanager
async def shown(folders: Mapping[str, Path], port: int = 0) -> AsyncIterator[int]:
    """Serve each folder below its name until the block ends; gives the port."""

    async def answer(request: web.Request) -> web.StreamResponse:
        folder = folders.get(request.match_info["mirror"])
        try:
            path = paths.check(request.match_info["path"] or "index.html")
        except FormatError as error:
            raise web.HTTPNotFound from error
        if folder is None or not (folder / path).is_file():
            raise web.HTTPNotFound
        kind = paths.media_type(path)
        return web.FileResponse(folder / path, headers={"Content-Type": kind})

    app = web.Application()
    app.router.add_get("/{mirror}/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        try:
            await site.start()
        except OSError as error:
            raise ConfigError(f"port {port} is in use ({error.strerror}): name another") from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
