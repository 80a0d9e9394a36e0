"""Mirrors, disks, keys and configs that fail: one line each, and the rest goes on."""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from feeds.sources import folder as markdown
from service.clock import SystemClock
from service.config import FILE
from service.pipeline import publish
from service.stories.correcting import Change, correct
from service.stories.importing import bring_in
from service.wiring import opened
from signing.sources import FolderSource
from signing.verify import Report, verify
from signing.web import UrlSource, new_session
from tamizdat.article import ArticleId
from tamizdat.errors import ConfigError
from tests.kit.bucketing import buckets
from tests.kit.disk import Said, SmallDisk
from tests.kit.printshop import SECONDS, PrintShop, set_up, surroundings, texts
from tests.kit.proxy import Fault, Proxy, proxied
from tests.kit.showing import shown

FAULTY = {"lake": Fault.REFUSE, "mere": Fault.TRUNCATE, "tarn": Fault.OLD}
SOUND = "pine"
FOLDER = "reed"
ONE_LINE = "\n"


@dataclass(frozen=True)
class Street:
    """A newsroom whose buckets lie behind a proxy of ours."""

    shop: PrintShop
    proxy: Proxy

    async def publish(self) -> dict[str, Any]:
        return await asyncio.to_thread(self.shop.publish)

    async def correct(self, title: str) -> None:
        await corrected(self.shop, title)

    async def read(self, bucket: str) -> Report:
        """What a stranger's `verify` says of a bucket."""
        now = SystemClock().now()
        async with new_session() as session:
            return await verify(UrlSource(self.proxy.base(bucket), session), self.shop.root, now)


async def filled(folder: Path) -> PrintShop:
    shop = await set_up(folder / "paper")
    async with opened(shop.folder) as room:
        await bring_in(room, markdown.read(texts(folder / "texts", ("en",))), release=True)
    return shop


async def corrected(shop: PrintShop, title: str) -> None:
    async with opened(shop.folder) as room:
        article = min(record.id for record in await room.ledgers.articles.texts())
    change = Change(file=None, title=title, replace=(), reason="a new headline")
    await correct(shop.folder, ArticleId(article), change)


@asynccontextmanager
async def street(folder: Path, *names: str) -> AsyncIterator[Street]:
    shop = await filled(folder)
    async with buckets(names) as server, proxied(server) as proxy:
        for name in names:
            shop.add_bucket(name, proxy.endpoint, proxy.base(name))
        shop.add_folder(FOLDER)
        yield Street(shop=shop, proxy=proxy)


async def test_three_faulty_buckets_are_one_line_each_and_hold_up_nobody(tmp_path: Path) -> None:
    async with street(tmp_path, *FAULTY, SOUND) as road:
        assert (await road.publish())["refusals"] == []
        await road.correct("While three buckets fail")
        road.proxy.faults.update(FAULTY)

        failing = await road.publish()
        meanwhile = {name: await road.read(name) for name in (*FAULTY, SOUND)}
        road.proxy.faults.clear()
        mended = await road.publish()
        afterwards = {name: await road.read(name) for name in (*FAULTY, SOUND)}

    refusals = {one["mirror"]: one["detail"] for one in failing["refusals"]}
    assert sorted(refusals) == sorted(FAULTY)
    assert not any(ONE_LINE in detail for detail in refusals.values())
    assert "access denied" in refusals["lake"]
    assert "comes back cut" in refusals["mere"]
    assert "an old copy or a lie" in refusals["tarn"]
    assert {one["mirror"]: one["verified"] for one in failing["placements"]} == {
        SOUND: True,
        FOLDER: True,
    }
    # formats 4.3: the last good edition stays readable where a push broke off
    assert {name: (r.authentic, r.edition) for name, r in meanwhile.items()} == {
        **dict.fromkeys(FAULTY, (True, 1)),
        SOUND: (True, 2),
    }
    assert mended["refusals"] == []
    assert {(r.authentic, r.edition, r.changing_to) for r in afterwards.values()} == {
        (True, 2, None)
    }


async def test_a_hanging_bucket_delays_no_other(tmp_path: Path) -> None:
    async with street(tmp_path, "lake", SOUND) as road:
        await road.publish()
        road.proxy.delays[SOUND] = 0.4
        await road.correct("With a sound bucket beside it")
        road.proxy.log.clear()
        await road.publish()
        alone = road.proxy.span(SOUND)
        road.proxy.faults["lake"] = Fault.HANG
        beside = float("inf")
        for turn in range(3):  # others use this machine too: whoever waits does so each time
            await road.correct(f"With a hanging bucket beside it, {turn}")
            beside = min(beside, await until_pointed(road))
            if beside <= alone * 1.1:
                break

    print(f"a push of {alone:.2f} s alone, of {beside:.2f} s beside a hanging bucket")  # noqa: T201 - figures
    assert alone >= 5
    assert beside <= alone * 1.1


async def until_pointed(road: Street) -> float:
    """Seconds that the sound bucket's push takes, by its own log; nobody waits for the other."""
    road.proxy.log.clear()
    publishing = await asyncio.create_subprocess_exec(
        *road.shop.command("publish", "--json"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env=surroundings(),
    )
    async with asyncio.timeout(SECONDS):
        await road.proxy.pointed(SOUND)
    publishing.terminate()
    await publishing.wait()
    return road.proxy.span(SOUND)


async def test_a_full_disk_under_a_mirror_is_one_refusal_and_mended_later(tmp_path: Path) -> None:
    shop = await filled(tmp_path)
    shop.add_folder(FOLDER)
    shop.add("small", backend="folder", folder="disk/small")
    (shop.folder / "disk" / "small").mkdir(parents=True)
    publish = shop.command("publish", "--json")
    disk = SmallDisk(folder=shop.folder / "disk", free=200, after=tmp_path / "after")

    failing, mended = await asyncio.to_thread(disk.run, [publish], [publish])

    (refusal,) = json.loads(failing.out)["refusals"]
    assert (failing.code, failing.err) == (1, "")
    assert refusal["mirror"] == "small"
    assert "the disk is full" in refusal["detail"] or "no file of this size" in refusal["detail"]
    assert ONE_LINE not in refusal["detail"]
    assert [one["mirror"] for one in json.loads(failing.out)["placements"]] == [FOLDER]
    assert (mended.code, json.loads(mended.out)["refusals"]) == (0, [])
    assert (await verdict(shop, tmp_path / "after" / "small")).edition == 1
    assert not list((tmp_path / "after").glob(".*.incoming/*"))


@pytest.mark.parametrize("free", [0, 96])
async def test_a_full_disk_under_the_state_loses_nothing(tmp_path: Path, free: int) -> None:
    shop = await filled(tmp_path)
    folder = shop.add_folder(FOLDER)
    assert (await asyncio.to_thread(shop.publish))["refusals"] == []
    await corrected(shop, "Before the disk ran full")
    fresh = texts(tmp_path / "fresh", ("sv",))
    import_more = shop.command("import", "folder", str(fresh), "--release", "--json")
    publish = shop.command("publish", "--json")
    disk = SmallDisk(folder=shop.folder / "state", free=free, after=tmp_path / "after")

    full = [publish, import_more, publish]
    *failing, imported, published = await asyncio.to_thread(disk.run, full, [import_more, publish])

    assert 1 in {one.code for one in failing}
    assert [one_line(one) for one in failing if one.code] == [
        one.err for one in failing if one.code
    ]
    assert (imported.code, json.loads(imported.out)["set_aside"]) == (0, [])
    assert (published.code, json.loads(published.out)["refusals"]) == (0, [])
    report = await verdict(shop, folder)
    assert (report.authentic, report.edition) == (True, json.loads(published.out)["edition"])
    pages = [page.read_text() for page in folder.glob("*/2026/*.html")]
    assert len(pages) == len(list((tmp_path / "texts").glob("*.md"))) + len(
        list(fresh.glob("*.md"))
    )
    assert sum("Before the disk ran full" in page for page in pages) == 1


async def verdict(shop: PrintShop, folder: Path) -> Report:
    return await verify(FolderSource(folder), shop.root, SystemClock().now())


def one_line(said: Said) -> str:
    """What the error stream must be: one line, and no trace of Python."""
    first, *more = said.err.splitlines()
    assert more == []
    assert "Traceback" not in first
    return first + ONE_LINE


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> PrintShop:
    """A newsroom with two folder mirrors, published, and one correction not yet published."""

    async def make(folder: Path) -> PrintShop:
        shop = await filled(folder)
        shop.add_folder(FOLDER)
        shop.add_folder("moss")
        async with opened(shop.folder) as room:
            assert not (await publish(room)).refusals
        await corrected(shop, "Not yet published")
        return shop

    return asyncio.run(make(tmp_path_factory.mktemp("published")))


@pytest.fixture
def shop(published: PrintShop, tmp_path: Path) -> PrintShop:
    """A copy of it to break."""
    shutil.copytree(published.folder, tmp_path / "paper")
    return PrintShop(folder=tmp_path / "paper", root=published.root)


def config_with(old: str, new: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        text = (folder / FILE).read_text()
        assert old in text
        (folder / FILE).write_text(text.replace(old, new, 1))

    return spoil


def without(pattern: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        found = list(folder.glob(pattern))
        assert found
        for path in found:
            path.unlink()

    return spoil


def overwritten(pattern: str, start: int, body: bytes) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        found = list(folder.glob(pattern))
        assert found
        for path in found:
            was = path.read_bytes()
            path.write_bytes(was[:start] + body + was[start + len(body) :])

    return spoil


def filed(name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        shutil.rmtree(folder / name)
        (folder / name).write_text("a file")

    return spoil


def foldered(name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir()

    return spoil


REFUSED, USAGE = 1, 2
ROOT = "keys/published/root/1.json"
KEYS = "keys/online/private-keys-v1.d/*.key"
SPOILT = [
    # what went wrong                 how                                               code  words
    ("a typo in the config", config_with("[store]", "[store"), USAGE, "tamizdat.toml: is not TOML"),
    ("an unknown key", config_with("exit =", "exitt ="), USAGE, "newsroom.exitt: unknown key"),
    ("an unknown backend", config_with('"folder"', '"floppy"'), USAGE, "mirror.0.backend"),
    ("no config", without("tamizdat.toml"), USAGE, "no newsroom here"),
    ("no root", without(ROOT), USAGE, "no root lies here"),
    ("a root that is none", overwritten(ROOT, 0, b"[]"), REFUSED, "root/1.json"),
    ("no secret keys", without(KEYS), REFUSED, "gpg cannot sign"),
    ("damaged secret keys", overwritten(KEYS, 0, b"x" * 400), REFUSED, "gpg cannot sign"),
    ("no keyring", without("keys/online/pubring.kbx"), REFUSED, "key "),
    ("no ledger", without("state/ledger.db"), REFUSED, "ledger"),
    ("a ledger that is none", overwritten("state/ledger.db", 0, b"x" * 4096), REFUSED, "damaged"),
    ("a damaged ledger", overwritten("state/ledger.db", 4096, b"x" * 90000), REFUSED, "damaged"),
    ("a file for a state", filed("state"), REFUSED, "state cannot be made"),
    ("a folder for a ledger", foldered("state/ledger.db"), REFUSED, "ledger"),
    ("a folder for a config", foldered(FILE), USAGE, "cannot be read"),
    ("a folder for a lock", foldered("state/lock"), REFUSED, "cannot be locked"),
    ("a file for the keys", filed("keys/online"), REFUSED, "gpg"),
    ("a file for the blobs", filed("state/blobs"), REFUSED, "blobs"),
    ("no blobs", without("state/blobs/*/*"), REFUSED, "blob"),
    ("damaged blobs", overwritten("state/blobs/*/*", 9, b"x"), REFUSED, "blob"),
]


@pytest.mark.parametrize(
    ("spoil", "code", "words"), [row[1:] for row in SPOILT], ids=[r[0] for r in SPOILT]
)
def test_what_is_spoilt_is_one_line(
    shop: PrintShop, spoil: Callable[[Path], None], code: int, words: str
) -> None:
    spoil(shop.folder)

    done = shop.run("publish", "--json")

    assert (done.returncode, done.stdout) == (code, "")
    assert words in one_line(Said(code=code, out="", err=done.stderr))


def test_a_mirror_without_its_credentials_is_one_line(shop: PrintShop) -> None:
    shop.add_bucket("lake", "http://127.0.0.1:9", "http://127.0.0.1:9/lake/")
    (shop.folder / "secrets" / "keys.toml").unlink()

    done = shop.run("publish", "--json")

    assert done.returncode == USAGE
    assert "credentials" in one_line(Said(code=USAGE, out="", err=done.stderr))


def test_a_mirror_that_became_a_file_is_one_refusal(shop: PrintShop) -> None:
    shutil.rmtree(shop.mirror("moss"))
    shop.mirror("moss").write_text("a file")

    told = shop.publish()

    (refusal,) = told["refusals"]
    assert refusal["mirror"] == "moss"
    assert ONE_LINE not in refusal["detail"]
    assert [one["mirror"] for one in told["placements"]] == [FOLDER]


async def test_a_second_program_in_the_newsroom_is_refused_at_once(shop: PrintShop) -> None:
    async with opened(shop.folder):
        done = await asyncio.to_thread(shop.run, "publish", seconds=10)

    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert "another tamizdat is working" in one_line(Said(code=1, out="", err=done.stderr))


async def test_a_second_newsroom_on_the_same_ledger_is_refused_at_once(
    shop: PrintShop, tmp_path: Path
) -> None:
    other = PrintShop(folder=tmp_path / "other", root=shop.root)
    shutil.copytree(shop.folder, other.folder)
    config_with("sqlite:state/ledger.db", f"sqlite:{shop.folder}/state/ledger.db")(other.folder)

    async with opened(shop.folder):
        done = await asyncio.to_thread(other.run, "publish", seconds=10)

    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert "another tamizdat is working" in one_line(Said(code=1, out="", err=done.stderr))


async def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ConfigError) as caught:
            async with shown({"reed": tmp_path}, port):
                pass

    assert f"port {port} is in use" in str(caught.value)
    assert ONE_LINE not in str(caught.value)
