"""Buckets: an S3 server of our own (moto), as a child process on loopback."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp

from tests.kit.strangers import HOST, free_port

PATIENCE = 60.0


@asynccontextmanager
async def buckets(names: Sequence[str]) -> AsyncIterator[str]:
    """Start the server with public buckets `names`; gives its endpoint, ends it with the block."""
    port = free_port()
    endpoint = f"http://{HOST}:{port}"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await filled(endpoint, names)
        yield endpoint
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


async def close_bucket(endpoint: str, name: str) -> None:
    """Let the provider shut a bucket: nobody may read it any more, its owner neither."""
    denied = _policy(name, "Deny", "s3:*")
    async with (
        aiohttp.ClientSession() as session,
        session.put(f"{endpoint}/{name}?policy", data=denied) as answer,
    ):
        answer.raise_for_status()


async def _ready(session: aiohttp.ClientSession, endpoint: str) -> None:
    """Wait until the server answers; TimeoutError where it does not."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                async with session.get(endpoint):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


async def filled(endpoint: str, names: Sequence[str]) -> None:
    """Wait for a server that was started elsewhere, and make public buckets there."""
    async with aiohttp.ClientSession() as session:
        await _ready(session, endpoint)
        for name in names:
            await open_bucket(session, endpoint, name)


async def open_bucket(session: aiohttp.ClientSession, endpoint: str, name: str) -> None:
    """Make a bucket that anyone may read a file of."""
    for address, body in (
        (f"{endpoint}/{name}", None),
        (f"{endpoint}/{name}?policy", _policy(name, "Allow", "s3:GetObject")),
    ):
        async with session.put(address, data=body) as answer:
            answer.raise_for_status()


def _policy(name: str, effect: str, action: str) -> str:
    resources = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    statement = {"Effect": effect, "Principal": "*", "Action": action, "Resource": resources}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


if __name__ == "__main__":
    asyncio.run(filled(sys.argv[1], sys.argv[2:]))
