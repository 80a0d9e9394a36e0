"""Catching up with mirrors on the web, after months, and after the keys went on without us."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feeds.sources import folder as markdown
from service.backup.backing_up import back_up
from service.backup.catching_up import CaughtUp, catch_up
from service.backup.passphrase import Locked
from service.backup.restoring import restore
from service.clock import SystemClock
from service.keys.published import publish_root
from service.newsroom import Newsroom
from service.pipeline import Published, publish
from service.stories.correcting import Change, correct
from service.stories.importing import bring_in
from service.wiring import opened
from signing.openpgp import Keyring, RoleSigner
from signing.seal import next_root, seal_root
from signing.sources import FolderSource
from signing.state import State
from signing.verify import Report, verify
from signing.web import UrlSource, new_session
from tamizdat.edition import Sealed
from tamizdat.errors import LedgerError
from tests.kit.printshop import PrintShop, set_up
from tests.kit.web import served

WORDS = "six words of one passphrase"
MIRRORS = ("amber", "birch")


@dataclass(frozen=True)
class Still:
    """A clock that stands."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Place:
    """A newsroom whose mirrors lie beside it."""

    top: Path
    shop: PrintShop

    def mirror(self, name: str) -> Path:
        return self.top / "mirrors" / name

    async def write(self, name: str) -> None:
        texts = self.top / name
        texts.mkdir()
        head = f"id: {name}\ntitle: The {name}\nlanguage: en\ndate: 2026-01-02"
        (texts / f"{name}.md").write_text(f"---\n{head}\n---\n\nThe {name} flew.\n")
        async with opened(self.shop.folder) as room:
            assert (await bring_in(room, markdown.read(texts), release=True)).taken == 1

    async def publish(self, at: datetime | None = None) -> Published:
        async with opened(self.shop.folder) as room:
            done = await publish(replace(room, clock=Still(at)) if at else room)
        assert done.refusals == ()
        return done

    async def correct(self, title: str) -> None:
        async with opened(self.shop.folder) as room:
            article = min(record.id for record in await room.ledgers.articles.texts())
        change = Change(file=None, title=title, replace=(), reason="")
        await correct(self.shop.folder, article, change)

    async def back_up(self) -> None:
        await back_up(
            self.shop.folder,
            Locked(file=self.top / "b.gpg", passphrase=WORDS),
            Locked(file=self.top / "k.gpg", passphrase=WORDS[::-1]),
        )

    async def restore(self) -> None:
        self.shop.folder.rename(self.top / "gone")
        await restore(
            Locked(file=self.top / "b.gpg", passphrase=WORDS),
            self.shop.folder,
            Locked(file=self.top / "k.gpg", passphrase=WORDS[::-1]),
        )

    async def caught_up(self) -> CaughtUp | None:
        async with opened(self.shop.folder) as room:
            return await catch_up(room)

    async def verified(self, name: str, seen: State | None = None) -> Report:
        source = FolderSource(self.mirror(name))
        return await verify(source, self.shop.root, SystemClock().now(), seen)


async def settled(top: Path, **urls: str) -> Place:
    place = Place(top, await set_up(top / "paper"))
    for name in MIRRORS:
        place.mirror(name).mkdir(parents=True, exist_ok=True)
        url = {"url": urls[name]} if name in urls else {}
        place.shop.add(name, backend="folder", folder=f"../mirrors/{name}", **url)
    return place


@asynccontextmanager
async def on_the_web(top: Path) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        urls = {}
        for name in MIRRORS:
            (top / "mirrors" / name).mkdir(parents=True)
            urls[name] = await stack.enter_async_context(served(top / "mirrors" / name))
        yield await settled(top, **urls)


async def test_mirrors_on_the_web_are_asked_as_a_stranger_asks(tmp_path: Path) -> None:
    async with on_the_web(tmp_path) as place, new_session() as session:
        await place.write("heron")
        await place.publish()
        await place.back_up()
        await place.write("swift")
        await place.publish()
        here = UrlSource(await address(place, "amber"), session)
        before = await verify(here, place.shop.root, SystemClock().now())
        await place.restore()

        told = await place.caught_up()
        done = await place.publish()
        after = await verify(here, place.shop.root, SystemClock().now(), before.seen)

    assert told is not None
    assert (told.adopted, len(told.lost.unknown), told.silent) == ((2,), 1, ())
    assert done.edition == 3
    assert (before.edition, after.authentic, after.edition) == (2, True, 3)


async def address(place: Place, name: str) -> str:
    async with opened(place.shop.folder) as room:
        return next(str(one.mirror.base) for key, one in room.outlets.items() if key == name)


async def test_after_months_the_editions_between_are_gone_and_it_goes_on(tmp_path: Path) -> None:
    place, now = await settled(tmp_path), SystemClock().now()
    await place.write("heron")
    await place.publish(now - timedelta(days=124))
    await place.back_up()
    for days in (93, 62, 31, 0):
        await place.correct(f"Title {days}")
        await place.publish(now - timedelta(days=days))
    seen = (await place.verified("amber")).seen
    lying = sorted(int(one.name) for one in (place.mirror("amber") / "e").iterdir())
    await place.restore()

    async with opened(place.shop.folder) as room:
        told = await catch_up(room, blind=True)
        done = await publish(room)

    assert lying == [4, 5]
    assert told is not None
    assert told.adopted == (4, 5)
    assert (done.edition, done.refusals) == (6, ())
    for name in MIRRORS:
        report = await place.verified(name, seen)
        assert (report.authentic, report.edition) == (True, 6), report.reason


async def rotated(place: Place) -> None:
    """Root 2, signed by the root keys, lies in the newsroom and on its mirrors."""
    keys = place.shop.folder / "keys"
    async with opened(place.shop.folder) as room, Keyring(keys / "root") as offline:
        sealed = await second_root(room, offline)
    publish_root(keys, 2, sealed)
    await place.publish()


async def second_root(room: Newsroom, offline: Keyring) -> Sealed:
    first = room.keys.root
    root = next_root(first, issued=room.clock.now(), keys=first.keys, roles=first.roles)
    return await seal_root(root, [RoleSigner(offline, first.roles["root"].keys[:2])])


async def test_keys_that_are_older_than_the_mirrors_root_are_refused(tmp_path: Path) -> None:
    place = await settled(tmp_path)
    await place.write("heron")
    await place.publish()
    await place.back_up()
    await rotated(place)
    await place.correct("Under root 2")
    await place.publish()
    await place.restore()

    with pytest.raises(LedgerError, match="amber has root 2, the keys here know 1: put the newest"):
        await place.publish()

    assert (await place.verified("amber")).edition == 3
