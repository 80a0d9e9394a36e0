"""A hundred readers hold one thing each from before the block, and find the newest edition by it.

Mirrors are servers on loopback, a port each; a blocked one is a port that is closed. An address
that lasts stands for the onion service. Nobody tells the readers anything after the block.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.sources import folder as markdown
from service.config import FILE
from service.handing.asking import ask
from service.handing.giving import give
from service.pipeline import publish
from service.post.mailing import LETTERS, opened_mail
from service.stories.importing import bring_in
from service.wiring import opened
from signing.state import State
from signing.token import Token
from signing.web import UrlSource, new_session
from tamizdat.verdict import Finding
from tests.kit.orchard import Orchard
from tests.kit.printshop import PrintShop, set_up, texts
from tests.kit.showing import HOST, shown
from tests.kit.standby import Clock
from tests.kit.stranded import Stranded, counted, in_bundle, in_letter
from tests.kit.strangers import free_port
from tests.kit.tally import Counter

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

PUBLIC, SECRET, SPARES = ("amber", "birch", "cedar"), ("oak", "pine"), ("reed", "sage")
LASTING, EACH, AT_ONCE = "onion", 20, 6
OK, SNI = Finding.OK, Finding.TLS_SNI
LATE = "---\ntitle: What came after\nlanguage: en\n---\n\nWords that were not there before.\n"
GATEWAY = """
[[gateway]]
id = "post"
host = "127.0.0.1"
port = 9
tls = "none"
to = "to"
feed = "feed"
sender = "letters@tideline.example"
"""


@dataclass(kw_only=True)
class Street:
    """The newsroom's mirrors, each on a port of its own, and who blocks them."""

    shop: PrintShop
    ports: dict[str, int]
    _open: dict[str, AsyncExitStack] = field(default_factory=dict)

    def base(self, name: str) -> str:
        return f"http://{HOST}:{self.ports[name]}/{name}/"

    async def show(self, name: str) -> None:
        stack = self._open[name] = AsyncExitStack()
        await stack.enter_async_context(shown({name: self.shop.mirror(name)}, self.ports[name]))

    async def block(self, name: str) -> None:
        await self._open.pop(name).aclose()

    async def close(self) -> None:
        for name in list(self._open):
            await self.block(name)


async def founded(folder: Path) -> Street:
    names = (*PUBLIC, *SECRET, *SPARES, LASTING)
    street = Street(shop=await set_up(folder), ports={name: free_port() for name in names})
    for name in names:
        street.shop.mirror(name).mkdir(parents=True)
        own = {"backend": "folder", "folder": f"mirrors/{name}", "url": street.base(name)}
        if name in (*SECRET, *SPARES):
            own |= {"exposure": "secret", "group": "mail"}
        own |= {"group": LASTING} if name == LASTING else {}
        street.shop.add(name, **own, state="spare" if name in SPARES else "active")
    config = folder / FILE
    lasting = f'onion = "{street.base(LASTING)}"\n'
    text = config.read_text().replace("# onion = ", f"{lasting}# onion = ", 1)
    config.write_text(text + '\n[[channel]]\nid = "mail"\n' + GATEWAY)
    (folder / "to").write_text("us@gateway.example")
    (folder / "feed").write_text("https://gateway.example/feed")
    for name in names:
        await street.show(name)
    return street


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    made = await founded(tmp_path / "room")
    yield made
    await made.close()


async def printed(street: Street) -> None:
    """The first edition, and its letters, as they would leave."""
    folder = street.shop.folder
    async with opened(folder) as room:
        await bring_in(room, markdown.read(texts(folder / "texts", ("en",))), release=True)
        assert not (await publish(room)).refusals
        async with opened_mail(room) as mail:
            assert await mail.queue() > 0


async def readers(street: Street) -> Sequence[Stranded]:
    """A hundred readers of what the block will take: a public mirror, and a secret one."""
    amber, root = street.shop.mirror("amber"), street.shop.root
    front = (amber / "en/index.html").read_text()
    feeds = [(amber / f"en/{name}").read_text() for name in ("atom.xml", "rss.xml", "feed.json")]
    letters = sorted(p for p in (street.shop.folder / LETTERS).rglob("*") if p.is_file())
    bundle = in_bundle(next((amber / "b").glob("*.zip")).read_bytes())
    tokens = [await give(street.shop.folder, "mail", f"reader {n}") for n in range(EACH)]
    whole: list[Stranded] = []
    for n in range(EACH):
        letter = in_letter(letters[n % len(letters)].read_bytes())
        told = await known_with(street, tokens[n])
        whole += [
            Stranded(kind="front page", root=root, saved=[street.base("amber"), front]),
            Stranded(kind="feed", root=root, saved=[feeds[n % len(feeds)]]),
            Stranded(kind="letter", root=root, saved=[letter]),
            Stranded(kind="bundle", root=root, saved=[bundle]),
            Stranded(kind="token", root=root, saved=told, token=tokens[n]),
        ]
    return whole


async def known_with(street: Street, token: Token) -> Sequence[str]:
    """What `tamizdat ways` told before the block: three addresses at most."""
    async with new_session() as session:
        source = UrlSource(street.base("amber"), session)
        seen = State(root_id=street.shop.root)
        found = await ask([source], token, seen, datetime.now(UTC))
    assert found.mirrors[0] == street.base("oak")
    assert len(found.mirrors) <= 3
    return found.mirrors


async def the_newsroom_answers(street: Street) -> int:
    """Looks find the block; a stand-in, hint files and the next edition go out; its number."""
    counter = Counter()
    async with opened(street.shop.folder) as room:
        clock = Clock(room.clock.now())
        orchard = Orchard(street.shop, room, clock, counter)
        for _ in range(2):
            await orchard.see(amber=SNI, oak=SNI, birch=OK, cedar=OK, pine=OK, reed=OK)
        await orchard.tend()
        more = street.shop.folder / "more"
        more.mkdir()
        (more / "late.md").write_text(LATE)
        await bring_in(orchard.room, markdown.read(more), release=True)
        done = await publish(orchard.room)
    assert {one.mirror for one in done.refusals} == {"amber", "oak"}
    return done.edition


async def test_ninety_five_of_a_hundred_stranded_readers_reach_the_newest_edition(
    street: Street, tmp_path: Path
) -> None:
    await printed(street)
    stranded = await readers(street)
    for name in ("amber", "oak"):
        await street.block(name)

    newest = await the_newsroom_answers(street)

    turns = asyncio.Semaphore(AT_ONCE)

    async def reach(number: int, one: Stranded) -> tuple[str, int]:
        async with turns:
            return one.kind, await one.reach(tmp_path / f"reader-{number}")

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(reach(n, one)) for n, one in enumerate(stranded)]
    found = counted([task.result() for task in tasks], newest)
    print(f"edition {newest}, read by:", found)  # noqa: T201 - the figures are the point
    assert newest == 2
    assert len(stranded) == 100
    assert sum(read for read, _ in found.values()) >= 95
