"""Buckets for the demo: an S3 server of our own (moto), as a child process on loopback."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp

from tamizdat.errors import BackendError, ConfigError

HOST = "127.0.0.1"
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
        async with aiohttp.ClientSession() as session:
            await _ready(session, endpoint, child)
            for name in names:
                await _open_bucket(session, endpoint, name)
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


def free_port() -> int:
    """A port on loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


async def _ready(
    session: aiohttp.ClientSession, endpoint: str, child: asyncio.subprocess.Process
) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while child.returncode is None:
                try:
                    async with session.get(endpoint):
                        return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.1)
    except TimeoutError as error:
        raise BackendError(
            f"the demo's S3 server did not start in {PATIENCE:.0f} s", retry=True
        ) from error
    raise ConfigError("the demo's S3 server does not start: run `make setup` (it needs moto[s3])")


async def _open_bucket(session: aiohttp.ClientSession, endpoint: str, name: str) -> None:
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
