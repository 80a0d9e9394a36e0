"""A running newsroom whose clock jumps, and whose names are not found: its work goes on."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.invitations import invite
from service.clock import SystemClock
from service.running.serving import Doors, serve
from service.wiring import beside
from store.people import SqlPeople
from tamizdat.people import Role
from tests.kit.editor import PASSWORD, Editor
from tests.kit.grounded import Grounded, editor, grounded, released
from tests.kit.stage.running import Running

pytestmark = pytest.mark.timeout(120)
HANGING = min(32, (os.cpu_count() or 1) + 4) + 1
"""One more than asyncio has threads by itself."""

PATIENCE = 100.0


async def test_names_that_hang_leave_threads_for_all_other_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answer, look_up = set[str](), threading.Event(), socket.getaddrinfo

    def hanging(host: str, *rest: Any, **named: Any) -> Any:
        if str(host).endswith(".example"):
            asked.add(str(host))
            answer.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return look_up(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    monkeypatch.setattr("mirror.readers._CONNECT_SECONDS", 60)
    bases = {f"gone{number}": f"http://gone{number}.example/" for number in range(HANGING)}
    async with grounded(tmp_path, bases=bases) as here, within(here) as running:
        async with editor(running) as somebody:
            story = await released(somebody, "Past dead names")
            places = await somebody.until_arrived(story, but=bases, patience=40)
            hung = len(asked)
        answer.set()

    assert hung > HANGING // 2
    assert {"amber", "birch", "cedar", "post"} <= set(places)


async def test_the_clock_may_jump_while_it_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = timedelta()
    monkeypatch.setattr(SystemClock, "now", lambda _: real() + wrong)
    arrived = []
    async with grounded(tmp_path) as here, within(here) as running, editor(running) as somebody:
        for wrong in (timedelta(), timedelta(days=40), timedelta(days=-1), timedelta()):
            await sign_in(somebody)
            story = await released(somebody, f"At {wrong}")
            arrived.append(await somebody.until_arrived(story, patience=30))

    assert [{"amber", "birch", "cedar", "post"} <= set(places) for places in arrived] == [True] * 4


async def sign_in(somebody: Editor) -> None:
    """Sessions end with the days that a clock makes up."""
    fields = {"name": "heron", "password": PASSWORD, "to": "/"}
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with somebody.session.post(
        f"{somebody.base}/sign-in", data=fields, headers=headers
    ) as answer:
        assert answer.status == 200


def real() -> datetime:
    """The clock on the wall, to the second, as the service takes it."""
    return datetime.now(UTC).replace(microsecond=0)


@asynccontextmanager
async def within(here: Grounded) -> AsyncIterator[Running]:
    """The service within this process, where its clock and its network can be bent."""
    listens: asyncio.Future[Doors] = asyncio.get_running_loop().create_future()

    async def ready(doors: Doors) -> None:
        listens.set_result(doors)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        served = group.create_task(serve(here.paper.folder, ready))
        doors = await listens
        async with beside(here.paper.folder) as (_, ledger):
            token = await invite(SqlPeople(ledger), Role.BOTH, real())
        yield Running(
            stage=here.ground,
            paper=here.paper,
            pid=os.getpid(),
            desk=doors.desk,
            status=doors.status,
            join=token,
        )
        os.kill(os.getpid(), signal.SIGTERM)
        await served
