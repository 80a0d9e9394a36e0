"""A folder on the web: a plain server on loopback, as any host would have it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[str]:
    """Serve `folder` until the block ends; gives its address, `/` last."""
    site = web.Application()
    site.router.add_static("/", folder)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    try:
        listener = web.TCPSite(runner, "127.0.0.1", 0)
        await listener.start()
        (host, port) = runner.addresses[0][:2]
        yield f"http://{host}:{port}/"
    finally:
        await runner.cleanup()
