"""Outlets: a served newsroom that asks for approval, on mirrors of which half refuse."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from service.config import FILE
from service.founding import found
from tests.kit.editor import Editor, joined
from tests.kit.printshop import PrintShop, surroundings
from tests.kit.showing import shown
from tests.kit.strangers import HOST, free_port

GOOD = ("amber", "birch", "cedar")
REFUSING = ("dune", "ember", "fjord")
PATIENCE = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """The author, the approver, and the addresses of the mirrors that work."""

    author: Editor
    approver: Editor
    bases: dict[str, str]

    async def release(self, number: int) -> float:
        """Seconds from the approval until strangers read the text on every mirror that works."""
        title = f"What the harbour master said, part {number}"
        text = f"The gates stay open until tide {number}."
        story = await self.author.write(title, text)
        await self.author.ask(story, title, text)
        content = await self.approver.content(story)
        began = time.monotonic()
        await self.approver.approve(story, content)
        path = f"en/{datetime.now(UTC).year}/{story}.html"
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            for base in self.bases.values():
                group.create_task(self._seen(f"{base}{path}", title))
        return time.monotonic() - began

    async def _seen(self, address: str, title: str) -> None:
        while True:
            async with self.author.session.get(address) as answer:
                if answer.status == 200 and title in await answer.text():
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def outlets(folder: Path) -> AsyncIterator[Outlets]:
    """Three mirrors that work, three whose provider refuses connections, two people."""
    founded = await found(folder, "The Tideline", ("en",), mirrors=())
    shop, port = PrintShop(folder=folder, root=founded.root), free_port()
    bases = {name: f"http://{HOST}:{port}/{name}/" for name in GOOD}
    for name in GOOD:
        shop.mirror(name).mkdir(parents=True)
        shop.add(name, backend="folder", folder=f"mirrors/{name}", url=bases[name])
    nobody = f"http://{HOST}:{free_port()}"
    for name in REFUSING:
        shop.add_bucket(name, nobody, f"{nobody}/{name}/")
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(f'\n[serve]\ndesk = "{HOST}:{free_port()}"\nstatus = "{HOST}:{free_port()}"\n')
        file.write("\n[desk]\napprovals = 1\n")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(shown({name: shop.mirror(name) for name in GOOD}, port))
        told = await stack.enter_async_context(_serving(shop))
        first = told["join"].rpartition("/")[2]
        author = await stack.enter_async_context(joined(told["desk"], first, "heron"))
        invited = await asyncio.to_thread(shop.run, "desk", "invite", "--json")
        second = json.loads(invited.stdout)["join"].rpartition("/")[2]
        approver = await stack.enter_async_context(joined(told["desk"], second, "crane"))
        yield Outlets(author=author, approver=approver, bases=bases)


@asynccontextmanager
async def _serving(shop: PrintShop) -> AsyncIterator[dict[str, str]]:
    child = await asyncio.create_subprocess_exec(
        *shop.command("serve", "--json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=surroundings(),
    )
    assert child.stdout
    try:
        async with asyncio.timeout(PATIENCE):
            told: dict[str, str] = json.loads(await child.stdout.readline())
        yield told
    finally:
        child.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            await child.wait()
