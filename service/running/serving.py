"""Serving: one program that does it all on its own, until it is told to stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from desk.desk import serving as desk_serving
from gateway.hosting import host_and_port
from service.door import door
from service.post.mail_in import taking_mail
from service.post.posting import Hosted, hosted
from service.post.responding import responding
from service.running.house import House
from service.running.memory import spare
from service.running.status import Sources, answering
from service.stopping import stopping
from service.wiring import opened

THREADS = 64
"""For disks, hashes and names that are looked up. Each name that hangs holds one for a while: the
few that asyncio has by itself would be gone with a handful of mirrors, and all work with them.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where the running service is found.

    `post` is set where it hosts our own gateway, `asking` where it answers readers' mail: to which
    address they write.
    """

    desk: str
    status: str
    post: Hosted | None
    asking: str | None = None


Ready = Callable[[Doors], Awaitable[None]]


async def serve(folder: Path, ready: Ready) -> None:
    """Run the newsroom in `folder` until SIGTERM or SIGINT; `ready` is told once all listens.

    A kill at any instant loses nothing but what browsers had not sent yet.
    """
    spare()
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="serve")
    asyncio.get_running_loop().set_default_executor(threads)
    with stopping() as stop:
        async with _open(folder) as (house, doors):
            await ready(doors)
            async with asyncio.TaskGroup() as group:
                parts = [group.create_task(part) for part in house.parts()]
                await stop.wait()
                for part in parts:
                    part.cancel()


@asynccontextmanager
async def _open(folder: Path) -> AsyncIterator[tuple[House, Doors]]:
    """The house with all its doors open, until the block ends."""
    async with AsyncExitStack() as stack:
        room = await stack.enter_async_context(opened(folder))
        post = None
        if room.config.post is not None:
            post = await stack.enter_async_context(hosted(folder))
        asking = None
        if room.config.responder is not None:
            asking = (await stack.enter_async_context(responding(folder))).address
        house = await stack.enter_async_context(House.furnished(room))
        if room.config.inbound.mail is not None:
            mail = taking_mail(room, room.config.inbound.mail, house.desk.stories_changed)
            await stack.enter_async_context(mail)
        wanted = room.config.serve
        sources = Sources(view=lambda: house.view, late=house.late)
        said = stack.enter_context(await asyncio.to_thread(door, "serve.status", wanted.status))
        status = await stack.enter_async_context(answering(sources, said))
        entered = stack.enter_context(await asyncio.to_thread(door, "serve.desk", wanted.desk))
        taken = await stack.enter_async_context(desk_serving(house.desk, entered))
        yield (
            house,
            Doors(
                desk=(wanted.address or f"http://{host_and_port(wanted.desk)[0]}:{taken}").rstrip(
                    "/"
                ),
                status=f"http://{host_and_port(wanted.status)[0]}:{status}",
                post=post,
                asking=asking,
            ),
        )
