"""Limits: what a stranger counts up, makes large or links elsewhere ends at a wall of ours."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_asyncio

from service.keeping import PAGE, keep_page
from signing import archive, passport
from signing.archive import HandedOver
from signing.fetch import read
from signing.lectern import MAX_BESIDE, MAX_MANIFESTS, Lectern
from signing.sources import FileSource, FolderSource
from signing.trust import MAX_KEPT, Trust
from signing.verify import verify
from tamizdat.edition import MAX_FILE
from tamizdat.errors import FormatError
from tests.kit.gifts.mint import PAGES, Mint, open_mint, zipped
from tests.kit.gifts.zips import FAR, Entry, ending, with_zip64
from tests.kit.gifts.zips import archive as zip_of
from tests.unit.signing.paper import Newsroom, complete, lay
from tests.unit.signing.test_trust import NOW, changed, refusal


@pytest_asyncio.fixture
async def mint() -> Mint:
    return await open_mint()


def clause(call: Callable[[], object]) -> str:
    with pytest.raises(FormatError) as caught:
        call()
    return caught.value.clause


@pytest.mark.parametrize(
    ("names", "broken"),
    [
        ([f"e/3/manifest.json.{n:040X}.asc" for n in range(MAX_BESIDE + 1)], "2.1"),
        ([f"e/{n}/manifest.json" for n in range(1, MAX_MANIFESTS + 2)], "4.5"),
    ],
)
def test_a_crowd_is_refused_before_it_is_read(names: list[str], broken: str) -> None:
    nowhere = FolderSource(Path("/nowhere"))

    Lectern(nowhere, frozenset(names[1:]))

    assert clause(lambda: Lectern(nowhere, frozenset(names))) == broken


def test_a_manifest_asks_for_no_more_editions_than_are_kept(room: Newsroom) -> None:
    trust = Trust.begin(room.root_id, room.roots[0], NOW)
    made = room.published[2].edition.manifest
    number = MAX_KEPT + 7
    before = {"edition": number, "prev": None}

    good = changed(room, made, "release", oldest=8, **before)
    wrong = changed(room, made, "release", oldest=7, **before)

    assert trust.manifest(good, number, None).oldest == 8
    assert refusal(lambda: trust.manifest(wrong, number, None)) == "3.4"


def locator_in_directory() -> bytes:
    """A plain end that fits, and before it the mark of a larger one that the library believes."""
    plain = zipped(PAGES)
    length, offset = struct.unpack_from("<2L", plain, len(plain) - 10)
    return plain[:-22] + with_zip64(plain)[-42:-22] + ending(3, length + 20, offset)


ARCHIVES = [
    ("a larger end", with_zip64(zipped(PAGES)), "7.4"),
    ("a larger end that looks plain", locator_in_directory(), "7.4"),
    ("a directory that is long", zipped(PAGES)[:-22] + ending(1, 9000, 0), "7.4"),
    ("a directory elsewhere", zipped(PAGES)[:-22] + ending(3, 10, 0), "7.4"),
    ("a packing that nobody asked for", zip_of([Entry(method=12, body=b"x")]), "7.4"),
    ("a file over any", zip_of([Entry(size=MAX_FILE + 1)]), "3.12"),
    ("a size of four gigabytes", zip_of([Entry(size=FAR - 1)]), "7.4"),
    ("more than it says", zip_of([Entry(size=2)]), "7.4"),
]


@pytest.mark.parametrize(("name", "body", "broken"), ARCHIVES)
def test_a_zip_that_lies_is_refused_though_it_is_signed(
    mint: Mint, name: str, body: bytes, broken: str
) -> None:
    handed = opened(mint, body)

    assert clause(lambda: list(archive.members(handed, name))) == broken


def opened(mint: Mint, body: bytes) -> HandedOver:
    return archive.open_file(mint.signed_zip(body), mint.root_id, NOW, None, "copy")


async def test_what_is_no_plain_file_is_not_waited_for(room: Newsroom, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")

    report = await verify(FileSource(tmp_path / "pipe.zip"), room.root_id, NOW)

    assert not report.authentic
    assert "no plain file" in report.reason


@pytest.mark.parametrize("links", ["part", "folder", "file"])
async def test_a_part_that_a_stranger_prepared_leads_nowhere(
    room: Newsroom, tmp_path: Path, links: str
) -> None:
    lay(tmp_path / "mirror", complete(room, 3))
    outside, part = tmp_path / "outside", tmp_path / ".to.part"
    outside.mkdir()
    targets = {"part": part, "folder": part / "en", "file": part / "index.html.new"}
    targets[links].parent.mkdir(exist_ok=True)
    targets[links].symlink_to(outside if links != "file" else outside / "x")

    report = await read([FolderSource(tmp_path / "mirror")], tmp_path / "to", room.root_id, NOW)

    assert report.authentic, report.reason
    assert list(outside.iterdir()) == []


async def test_a_target_that_is_a_link_is_read_into_what_it_names(
    room: Newsroom, tmp_path: Path
) -> None:
    lay(tmp_path / "mirror", complete(room, 3))
    lay(tmp_path / "real", complete(room, 2))
    (tmp_path / "to").symlink_to("real")

    report = await read([FolderSource(tmp_path / "mirror")], tmp_path / "to", room.root_id, NOW)

    assert (report.authentic, report.edition) == (True, 3), report.reason
    assert (tmp_path / "to").is_symlink()


async def test_a_page_is_kept_beside_no_link(mint: Mint, tmp_path: Path) -> None:
    (tmp_path / "in.html").write_bytes(mint.page)
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / f".{PAGE}.new").symlink_to(tmp_path / "outside")

    report = await keep_page([str(tmp_path / "in.html")], tmp_path / "to", mint.root_id, NOW, None)

    assert report.authentic
    assert (tmp_path / "to" / PAGE).read_bytes() == mint.page
    assert not (tmp_path / "outside").exists()


def test_a_trailer_that_is_far_too_long_is_not_decoded(mint: Mint) -> None:
    page = b"x\n<!--tamizdat-1:" + b"A" * 70_000 + b"-->\n"

    assert clause(lambda: passport.split(page, "copy")) == "7.1"
    assert passport.split(mint.page, "copy").form == "html"
