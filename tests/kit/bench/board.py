"""The board, while `tamizdat serve` runs: its page, asked for by somebody who is signed in."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from tests.kit.bench.cloud import PATIENCE
from tests.kit.bench.paper import Paper
from tests.kit.editor import joined
from tests.kit.strangers import free_port


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Where it is, what lets one in, the bytes it answers with, and the number of its process."""

    address: str
    cookie: str
    body: bytes
    pid: int


@contextmanager
def running(paper: Paper) -> Iterator[Board]:
    """The service, and somebody signed in, until the block ends."""
    with (paper.folder / "tamizdat.toml").open("a") as config:
        config.write(
            f'\n[serve]\ndesk = "127.0.0.1:{free_port()}"\nstatus = "127.0.0.1:{free_port()}"\n'
        )
    command = paper.command("serve", "--json")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as service:
        try:
            assert service.stdout is not None
            told = json.loads(service.stdout.readline())
            cookie, body = asyncio.run(_signed_in(told["desk"], told["join"]))
            address = f"{told['desk']}/board"
            yield Board(address=address, cookie=cookie, body=body, pid=service.pid)
        finally:
            service.terminate()
            service.wait(PATIENCE)


async def _signed_in(desk: str, join: str) -> tuple[str, bytes]:
    async with joined(desk, join.rpartition("/")[2]) as editor:
        cookie = "; ".join(f"{one.key}={one.value}" for one in editor.session.cookie_jar)
        body = (await editor.page("/board")).encode()
    alone = aiohttp.ClientSession(headers={"Cookie": cookie})
    async with alone, alone.get(f"{desk}/board") as answer:
        assert answer.status == HTTPStatus.OK, "the cookie alone does not let us in"
    return cookie, body
