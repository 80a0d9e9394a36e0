"""The proof of a withdrawal: whatever still stands is told, whatever was asked in vain as well."""

import asyncio
import base64
import gzip
import io
import quopri
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from mirror.holdings import BucketHoldings
from mirror.s3 import Bucket
from service.proof.crawling import Crawl, Place, clean
from service.proof.marks import Marker
from tests.contract.s3_server import KEYS, Server, running
from tests.kit.bucket import add_bucket
from tests.kit.images import jpeg
from tests.kit.press import Press
from tests.kit.program import Answer, Program
from tests.kit.proxy import Fault, Proxy, proxied
from tests.kit.seeker import hits, needles, tree

TITLE = "What the ferryman's daughter saw"
BYLINE = "Wilhelmina Quast"
SHARED = "Ostap Verne"
WORDS = (
    "At five in the morning the ferryman's daughter counted eleven lorries without plates on the "
    "north pier, and wrote their colours on the back of a bread coupon. The harbour master told "
    "her to go home; the coupon went to a cousin, and the cousin to us. Nobody on the pier was "
    "seen again in that week, the lamps there were unscrewed, and the tide table was taken down "
    "from the wall of the ticket office before the first boat left for the islands."
)
STAYS = "Bread stays on the shelf of the harbour shop, and costs what it cost in the spring."
REACHABLE = frozenset({"amber", "fern"})
PROMISED = 60.0


@dataclass(frozen=True)
class Town:
    """A newsroom with three folders, a bucket, and a bucket behind a door that can hang."""

    press: Press
    doomed: str
    living: str
    proxy: Proxy
    hanging: str

    async def run(self, *arguments: str | Path) -> Answer:
        return await asyncio.to_thread(self.press.run, *arguments)

    async def checked(self, *more: str) -> Answer:
        return await self.run("withdrawn", "check", *more, "--json")


def story(number: int, title: str, text: str, *authors: str) -> str:
    return (
        f"---\nid: story-{number}\ntitle: {title}\nlanguage: en\ndate: 2026-10-0{number}\n"
        f"authors: [{', '.join(authors)}]\nsection: Harbour\n---\n{text}\n\n![A pier](pier.jpg)\n"
    )


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
async def town(tmp_path: Path, server: Server) -> AsyncIterator[Town]:
    room = tmp_path / "room"
    press = await asyncio.to_thread(Press.founded, room)
    await asyncio.to_thread(add_bucket, room, server, mirror="fern")
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "one.md").write_text(story(1, TITLE, WORDS, BYLINE, SHARED))
    (sources / "pier.jpg").write_bytes(jpeg(3))
    async with proxied(server.endpoint) as proxy:
        hanging = await asyncio.to_thread(_add_behind, room, server, proxy)
        brought = await asyncio.to_thread(
            press.run, "import", "folder", sources, "--release", "--json"
        )
        (sources / "one.md").unlink()
        (sources / "pier.jpg").write_bytes(jpeg(4))
        (sources / "two.md").write_text(story(2, "Bread", STAYS, SHARED))
        more = await asyncio.to_thread(
            press.run, "import", "folder", sources, "--release", "--json"
        )
        await asyncio.to_thread(press.published)
        yield Town(press, brought.json["ids"][0], more.json["ids"][0], proxy, hanging)


def _add_behind(room: Path, server: Server, proxy: Proxy) -> str:
    bucket = server.bucket()
    with (room / "tamizdat.toml").open("a") as config:
        config.write(
            f'\n[[mirror]]\nid = "gull"\nbackend = "s3"\nbucket = "{bucket.name}"\n'
            f'endpoint = "{proxy.endpoint}"\ncredentials = "secret.toml"\n'
            f'url = "{proxy.base(bucket.name)}"\n'
        )
    return bucket.name


def _places(answer: Answer) -> dict[str, dict[str, object]]:
    return {one["place"]: one for one in answer.json["places"]}


def _told(answer: Answer, place: str) -> dict[str, list[str]]:
    """Where something stands in a place, and what, as the check tells it."""
    stands = _places(answer)[place]["stands"]
    assert isinstance(stands, list)
    return {one["where"]: one["what"] for one in stands}


async def test_with_two_mirrors_down_and_one_hanging_the_rest_is_clean_within_a_minute(
    town: Town, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    down = [town.press.mirror(name) for name in ("birch", "cedar")]
    for mirror in down:
        mirror.rename(kept / mirror.name)
        mirror.write_text("no folder: the disk is gone")
    town.proxy.faults[town.hanging] = Fault.HANG

    outside, away = Program(tmp_path), ("-C", town.press.folder)
    async with asyncio.TaskGroup() as group:
        withdrawn = group.create_task(outside.start(*away, "article", "withdraw", town.doomed))
        async with asyncio.timeout(PROMISED):
            meanwhile = await _until_clean(town)
    before = _places(meanwhile)
    for mirror in down:
        mirror.unlink()
        (kept / mirror.name).rename(mirror)
    town.proxy.faults.clear()
    returned = await town.checked()
    followed = await town.run("publish", "--json")
    after = await town.checked()

    assert withdrawn.result().code == 1
    assert meanwhile.code == 1
    assert before["birch"]["refused"]
    assert before["cedar"]["refused"]
    assert before["gull"]["refused"]
    assert returned.code == 1
    assert {name for name, one in _places(returned).items() if one["stands"]} >= {
        "birch", "cedar", "gull",
    }  # fmt: skip
    assert (followed.code, after.code) == (0, 0), after
    assert after.json["gone"]
    assert after.json["looked_for"] == [town.doomed]
    assert all(one["files"] for one in _places(after).values())


async def _until_clean(town: Town) -> Answer:
    """Look again and again until nothing stands on what can be reached."""
    while True:
        answer = await town.checked("--seconds", "4")
        looked = {} if answer.code not in {0, 1} or not answer.out else _places(answer)
        reached = [looked[name] for name in REACHABLE if name in looked]
        if len(reached) == len(REACHABLE) and not any(
            one["stands"] or one["refused"] for one in reached
        ):
            return answer


async def test_what_stands_is_found_in_whatever_it_is_wrapped(town: Town) -> None:
    cedar = town.press.mirror("cedar")
    page = next(cedar.glob(f"en/2026/{town.doomed}.html")).read_bytes()
    feed = (cedar / "en/feed.xml").read_bytes() if (cedar / "en/feed.xml").exists() else page
    bundles = {one.suffix: one.read_bytes() for one in (cedar / "b").iterdir()}
    pictures = [one.read_bytes() for one in (cedar / "o").rglob("*.*") if one.is_file()]
    await town.run("article", "withdraw", town.doomed, "--json")
    before = await town.checked()
    planted = {
        "page.html": page,
        "feed.xml": feed,
        "old.zip": bundles[".zip"],
        "in.gz": gzip.compress(_zipped("inner.zip", _zipped("page.html", page))),
        "letter.eml": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        + quopri.encodestring(WORDS.encode()),
        "coded.eml": base64.encodebytes(WORDS.encode()),
        "wide.txt": ("\ufeff" + WORDS).encode("utf-16-le"),
        "wrapped.txt": "\r\n".join(WORDS.upper().split()).encode(),
        "marked.html": WORDS.replace(" the ", " <b>t</b>he&nbsp;").encode(),
        "cut.txt": " ".join(WORDS.split()[31:53]).encode(),
        "line.json": b'{"t":"What the ferryman\\u2019s  daughter saw"}',
        "by.txt": b"by WILHELMINA\nQuast",
    }
    for name, body in planted.items():
        (cedar / "x").mkdir(exist_ok=True)
        (cedar / "x" / name).write_bytes(body)
    for number, body in enumerate(pictures):
        (cedar / "x" / f"picture-{number}").write_bytes(body)

    found = _told(await town.checked(town.doomed), "cedar")

    assert before.code == 0, before
    for name in planted:
        assert any(where.startswith(f"x/{name}") for where in found), name
    assert sum(where.startswith("x/picture-") for where in found) == 1
    assert [what for where, what in found.items() if where == "x/by.txt"] == [["byline"]]
    assert [what for where, what in found.items() if where == "x/line.json"] == [["title"]]


def _zipped(name: str, body: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return kept.getvalue()


async def test_versions_that_a_bucket_keeps_are_found(town: Town, server: Server) -> None:
    client = server.client()
    name = (town.press.folder / "tamizdat.toml").read_text().split('bucket = "')[1].split('"')[0]
    await asyncio.to_thread(
        client.put_bucket_versioning, Bucket=name, VersioningConfiguration={"Status": "Enabled"}
    )
    page = f"en/2026/{town.doomed}.html"
    body = town.press.mirror().joinpath(page).read_bytes()
    await asyncio.to_thread(client.put_object, Bucket=name, Key=page, Body=body)

    await town.run("article", "withdraw", town.doomed, "--json")
    answer = await town.checked()
    client.close()

    found = _told(answer, "fern")
    assert answer.code == 1
    assert any(where.startswith(f"{page} (version ") for where in found)
    assert not any(where == page for where in found)


async def test_what_is_kept_for_the_check_is_no_text_and_can_be_forgotten(town: Town) -> None:
    await town.run("article", "withdraw", town.doomed, "--json")

    kept = hits(tree(town.press.folder / "state"), needles(WORDS[:40], TITLE, BYLINE))
    forgotten = await town.run("withdrawn", "forget", town.doomed)
    blind = await town.checked()
    unknown = await town.run("withdrawn", "check", town.living)

    assert kept == []
    assert forgotten.code == 0
    assert blind.code == 1
    assert town.doomed in blind.json["not_looked_for"]
    assert unknown.code == 2
    assert "was not withdrawn" in unknown.err


LISTED = (
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Contents><Key>page.html</Key></Contents><IsTruncated>false</IsTruncated></ListBucketResult>"
)
DENIED = "<Error><Code>AccessDenied</Code></Error>"


async def _miser(request: web.Request) -> web.Response:
    """A provider that lists what lies there, but not the versions it keeps."""
    if "versions" in request.query:
        return web.Response(status=403, text=DENIED, content_type="application/xml")
    listing = "list-type" in request.query
    return web.Response(
        text=LISTED if listing else "The pier.", content_type="application/xml" if listing else None
    )


async def test_a_bucket_whose_versions_may_not_be_listed_is_not_called_clean() -> None:
    application = web.Application()
    application.router.add_get("/{path:.*}", _miser)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
    holdings = BucketHoldings(
        Bucket(endpoint=endpoint, region="us-east-1", name="miser", prefix="", credentials=KEYS)
    )

    crawl = Crawl(marker=Marker(b"salt"), wanted=())
    (looked,) = await crawl.look([Place(name="miser", holdings=holdings, reader=None)])
    await holdings.close()
    await runner.cleanup()

    assert looked.files == 1
    assert "s3:ListBucketVersions" in looked.refused
    assert not clean([looked])
