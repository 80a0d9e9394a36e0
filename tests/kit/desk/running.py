"""A desk beside a browser: it serves in a thread of its own, on a loop of its own."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from playwright.sync_api import BrowserContext, Page

from desk.desk import Desk
from tamizdat.board import BoardView
from tamizdat.people import Role
from tests.kit.desk.room import PASSWORD, Room, opened
from tests.kit.desk.samples import arrival

SECONDS = 60

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Running:
    """A desk that serves, and a way to it from another thread."""

    room: Room
    loop: asyncio.AbstractEventLoop
    desk: Desk
    base: str

    def show(self, made: BoardView) -> None:
        self.loop.call_soon_threadsafe(self.desk.show_board, made)

    def arrive(self, done: int) -> None:
        self.loop.call_soon_threadsafe(self.desk.show_arrival, arrival(done))

    def tell_stories_changed(self) -> None:
        self.loop.call_soon_threadsafe(self.desk.stories_changed)

    def call(self, work: Coroutine[object, object, T]) -> T:
        """Do this on the loop that serves."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SECONDS)

    def link(self, role: Role) -> str:
        return f"{self.base}/join/{self.call(self.room.link(role))}"


@contextmanager
def running(room: Room) -> Iterator[Running]:
    """Serve until the block ends."""
    made: list[Running] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        async with opened(room) as (desk, base):
            made.append(Running(room, asyncio.get_running_loop(), desk, base))
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(SECONDS)
        yield made[0]
    finally:
        done.set()
        thread.join(SECONDS)


def join(context: BrowserContext, running: Running, role: Role = Role.BOTH) -> Page:
    """A page of somebody who has just joined."""
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    page.goto(running.link(role))
    page.fill("#name", f"heron {len(running.room.people.persons)}")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/join/" not in url)  # the desk, or what waits there for them
    return page
