from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from signing import seal
from signing.fetch import read
from signing.sources import FileSource, FolderSource
from signing.verify import verify
from tamizdat.edition import Stamp
from tamizdat.errors import ConfigError, SourceError
from tests.unit.signing.paper import (
    NOTICE,
    START,
    Files,
    Newsroom,
    complete,
    first_files,
    lay,
    passing,
    second_files,
    tree,
    writes,
)
from tests.unit.signing.zips import plain_zip

NOW = START + timedelta(hours=6)


class StoppedError(Exception):
    """The process was killed here."""


class Brittle(FolderSource):
    """A folder from which only so many files can be read, ever."""

    def __init__(self, folder: Path, left: int, trouble: type[Exception] = SourceError) -> None:
        super().__init__(folder)
        self.left = left
        self.trouble = trouble
        self.fetched: list[str] = []

    async def fetch(self, wanted: Mapping[str, int]) -> Mapping[str, bytes]:
        found: dict[str, bytes] = {}
        for path, limit in wanted.items():
            self.left -= 1
            if self.left < 0:
                raise self.trouble("the line is cut")
            one = await super().fetch({path: limit})
            found |= one
            self.fetched += one
        return found

    async def stamps(self, wanted: Mapping[str, int]) -> Mapping[str, Stamp]:
        return await super().stamps(wanted)


async def test_a_copy_is_taken_whole_and_verifies(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path / "mirror", complete(room, 3))

    report = await read([FolderSource(tmp_path / "mirror")], tmp_path / "to", room.root_id, NOW)

    assert (report.authentic, report.edition) == (True, 3), report.reason
    again = await verify(FolderSource(tmp_path / "to"), room.root_id, NOW)
    assert (again.authentic, again.fresh) == (True, True), again.reason
    assert tree(tmp_path / "to").keys() == complete(room, 3).keys()
    assert {path.split("/")[0] for path in tree(tmp_path)} == {"mirror", "to"}


async def test_the_newest_of_several_is_taken(room: Newsroom, tmp_path: Path) -> None:
    for number in (1, 2):
        lay(tmp_path / f"m{number}", complete(room, number))
    sources = [FolderSource(tmp_path / f"m{number}") for number in (1, 2, 3)]

    report = await read(sources, tmp_path / "to", room.root_id, NOW)

    assert (report.authentic, report.edition) == (True, 2)
    assert "m3" in report.reason


async def test_an_older_edition_never_replaces_a_newer_one(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path / "m1", complete(room, 1))
    lay(tmp_path / "to", complete(room, 3))
    before = tree(tmp_path / "to")

    report = await read([FolderSource(tmp_path / "m1")], tmp_path / "to", room.root_id, NOW)

    assert (report.authentic, report.edition) == (True, 3)
    assert "nothing newer" in report.reason
    assert tree(tmp_path / "to") == before


async def test_unchanged_files_are_not_fetched_again(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path / "mirror", complete(room, 3))
    lay(tmp_path / "to", complete(room, 2))
    source = Brittle(tmp_path / "mirror", 1000)

    report = await read([source], tmp_path / "to", room.root_id, NOW)

    assert report.edition == 3
    assert "en/2026/aaaaaaaaaaaaa.html" not in source.fetched
    assert "en/lists/1.html" in source.fetched


@pytest.mark.parametrize("trouble", [SourceError, StoppedError])
async def test_the_last_good_edition_outlives_any_cut(
    room: Newsroom, tmp_path: Path, trouble: type[Exception]
) -> None:
    lay(tmp_path / "mirror", complete(room, 3))
    lay(tmp_path / "to", complete(room, 1))

    for left in range(80):
        source = Brittle(tmp_path / "mirror", left, trouble)
        try:
            report = await read([source], tmp_path / "to", room.root_id, NOW)
        except (StoppedError, ExceptionGroup):
            report = await verify(FolderSource(tmp_path / "to"), room.root_id, NOW)
        assert report.authentic, (left, report.reason)
        assert (await verify(FolderSource(tmp_path / "to"), room.root_id, NOW)).authentic
        if report.edition == 3:
            break

    assert report.edition == 3


async def test_a_damaged_copy_is_mended(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path / "mirror", complete(room, 3))
    lay(tmp_path / "to", complete(room, 3) | {"index.html": b"forged", "en/evil.html": b"x"})

    report = await read([FolderSource(tmp_path / "mirror")], tmp_path / "to", room.root_id, NOW)

    assert report.authentic
    assert "en/evil.html" not in tree(tmp_path / "to")


async def test_a_file_that_one_mirror_forged_comes_from_another(
    room: Newsroom, tmp_path: Path
) -> None:
    lay(tmp_path / "bad", complete(room, 3) | {"index.html": b"<p>forged 3</p>\n"})
    lay(tmp_path / "good", complete(room, 3))
    sources = [FolderSource(tmp_path / "bad"), FolderSource(tmp_path / "good")]

    report = await read(sources, tmp_path / "to", room.root_id, NOW)

    assert report.authentic
    assert (tmp_path / "to/index.html").read_bytes() == b"<p>index 3</p>\n"


async def test_a_mirror_in_the_middle_of_a_push_can_be_read(room: Newsroom, tmp_path: Path) -> None:
    steps = [*writes(room, 1), *writes(room, 2)[:-5]]
    lay(tmp_path / "mirror", steps)

    report = await read([FolderSource(tmp_path / "mirror")], tmp_path / "to", room.root_id, NOW)

    assert (report.authentic, report.edition, report.changing_to) == (True, 1, 2), report.reason


async def test_a_folder_with_other_things_is_left_alone(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path / "mirror", complete(room, 3))
    lay(tmp_path / "to", [("letter.txt", b"dear all")])

    with pytest.raises(ConfigError, match="no copy"):
        await read([FolderSource(tmp_path / "mirror")], tmp_path / "to", room.root_id, NOW)

    assert tree(tmp_path / "to") == {"letter.txt": b"dear all"}


async def zipped(room: Newsroom, number: int, folder: Path, files: Files) -> FileSource:
    manifest = room.published[number - 1].edition.manifest
    slip = seal.slip(manifest, root_version=1, kind="zip", language="en", issued=manifest.issued)
    pages = {path: body for path, body in files.items() if path.startswith("en/")}
    body = await seal.zip_bundle(plain_zip(pages), slip, room.roots, room.signer("release"))
    file = folder / f"e{number}.zip"
    file.write_bytes(body)
    return FileSource(file)


async def test_a_zip_is_unpacked_into_an_empty_folder(room: Newsroom, tmp_path: Path) -> None:
    source = await zipped(room, 1, tmp_path, first_files())

    report = await read([source], tmp_path / "to", room.root_id, NOW)

    assert (report.authentic, report.fresh, report.edition) == (True, None, 1)
    again = await verify(FolderSource(tmp_path / "to"), room.root_id, NOW)
    assert again.authentic, again.reason
    assert (tmp_path / "to/en/2026/aaaaaaaaaaaaa.html").exists()


async def test_an_unpacked_zip_that_was_changed_is_refused(room: Newsroom, tmp_path: Path) -> None:
    await read([await zipped(room, 1, tmp_path, first_files())], tmp_path / "to", room.root_id, NOW)
    files = tree(tmp_path / "to")

    for path, body in files.items():
        (tmp_path / "to" / path).write_bytes(body + b"x")
        report = await verify(FolderSource(tmp_path / "to"), room.root_id, NOW)
        (tmp_path / "to" / path).write_bytes(body)
        assert not report.authentic, path
    lay(tmp_path / "to", [("en/evil.html", b"x")])
    assert not (await verify(FolderSource(tmp_path / "to"), room.root_id, NOW)).authentic


async def test_a_newer_zip_replaces_an_older_one_and_not_back(
    room: Newsroom, tmp_path: Path
) -> None:
    old = await zipped(room, 1, tmp_path, first_files())
    new = await zipped(room, 2, tmp_path, second_files())
    target = tmp_path / "to"

    first = await read([old], target, room.root_id, NOW)
    second = await read([new], target, room.root_id, NOW)
    back = await read([old], target, room.root_id, NOW)

    assert (first.edition, second.edition, back.edition) == (1, 2, 2)
    assert "nothing newer" in back.reason


async def test_an_old_zip_changes_nothing_in_a_newer_copy(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path / "to", complete(room, 3))
    before = tree(tmp_path / "to")

    report = await read(
        [await zipped(room, 2, tmp_path, second_files())], tmp_path / "to", room.root_id, NOW
    )

    assert (report.authentic, report.edition) == (True, 3)
    assert "holds edition 2, the folder has 3" in report.reason
    assert tree(tmp_path / "to") == before


async def test_a_withdrawn_article_never_comes_back_from_a_zip(
    room: Newsroom, tmp_path: Path
) -> None:
    lay(tmp_path / "mirror", complete(room, 3) | {"index.html": b"damaged"})
    source = await zipped(room, 2, tmp_path, second_files())

    report = await read(
        [source, FolderSource(tmp_path / "mirror")], tmp_path / "to", room.root_id, NOW
    )

    assert not report.authentic
    assert "withdrawn" in report.reason  # formats 5.3
    assert not (tmp_path / "to").exists()


async def test_the_newest_list_of_withdrawals_is_applied(room: Newsroom, tmp_path: Path) -> None:
    early = [*writes(room, 1), *writes(room, 2)]
    listed = [step for step in writes(room, 3) if "withdrawn" in step[0] or "bbbbb" in step[0]]
    later = [step for step in writes(room, 3) if step[0].startswith(("e/", "s/"))]
    lay(tmp_path / "m1", early)
    lay(tmp_path / "m2", [*early, *later, *listed])
    page = "en/2026/bbbbbbbbbbbbb.html"

    report = await read(
        [FolderSource(tmp_path / "m1"), FolderSource(tmp_path / "m2")],
        tmp_path / "to",
        room.root_id,
        NOW,
    )

    assert (report.authentic, report.edition, report.withdrawn) == (True, 2, 1), report.reason
    assert tree(tmp_path / "to")[page] == NOTICE  # formats 5.3
    assert (await verify(FolderSource(tmp_path / "to"), room.root_id, NOW)).authentic


async def test_an_unpacked_zip_keeps_the_list_of_withdrawals(
    room: Newsroom, tmp_path: Path
) -> None:
    old = await zipped(room, 1, tmp_path, {"en/index.html": b"1", "en/withdrawn.html": NOTICE})
    new = await zipped(room, 2, tmp_path, second_files())
    await read([old], tmp_path / "to", room.root_id, NOW)
    lay(tmp_path / "to", passing("withdrawn.json", room.lists[1]))

    kept = await verify(FolderSource(tmp_path / "to"), room.root_id, NOW)
    report = await read([new], tmp_path / "to", room.root_id, NOW)

    assert (kept.authentic, kept.withdrawn) == (True, 1), kept.reason
    assert "withdrawn" in report.reason
    assert tree(tmp_path / "to")["en/index.html"] == b"1"


async def test_a_withdrawn_page_among_unpacked_ones_is_refused(
    room: Newsroom, tmp_path: Path
) -> None:
    source = await zipped(room, 2, tmp_path, second_files())
    await read([source], tmp_path / "to", room.root_id, NOW)
    lay(tmp_path / "to", passing("withdrawn.json", room.lists[1]))

    report = await verify(FolderSource(tmp_path / "to"), room.root_id, NOW)

    assert report.clause == "5.3"


async def test_a_zip_is_not_unpacked_over_a_whole_copy(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path / "to", complete(room, 1))

    report = await read(
        [await zipped(room, 2, tmp_path, second_files())], tmp_path / "to", room.root_id, NOW
    )

    assert (report.authentic, report.edition) == (True, 1)
    assert "name another" in report.reason


async def test_an_unpacked_zip_that_is_damaged_is_left_alone(
    room: Newsroom, tmp_path: Path
) -> None:
    source = await zipped(room, 1, tmp_path, first_files())
    lay(tmp_path / "to", [("edition.zip", b"no zip")])

    with pytest.raises(ConfigError, match="damaged"):
        await read([source], tmp_path / "to", room.root_id, NOW)


async def test_a_page_is_no_source_of_a_copy(room: Newsroom, tmp_path: Path) -> None:
    manifest = room.published[0].edition.manifest
    slip = seal.slip(manifest, root_version=1, kind="html", language="en", issued=START)
    body = await seal.html_bundle(b"page\n", slip, room.roots, room.signer("release"))
    (tmp_path / "e1.html").write_bytes(body)

    report = await read([FileSource(tmp_path / "e1.html")], tmp_path / "to", room.root_id, NOW)

    assert not report.authentic
    assert "page to open" in report.reason


async def test_a_reader_that_knows_more_takes_nothing_older(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path / "m3", complete(room, 3))
    lay(tmp_path / "m1", complete(room, 1))
    seen = (await verify(FolderSource(tmp_path / "m3"), room.root_id, NOW)).seen

    report = await read([FolderSource(tmp_path / "m1")], tmp_path / "to", room.root_id, NOW, seen)

    assert not report.authentic
    assert "6.6" in report.reason


@pytest.mark.parametrize("exchanges", [True, False])
async def test_the_place_is_taken_with_and_without_an_exchange(
    room: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, exchanges: bool
) -> None:
    monkeypatch.setattr("signing.tree._EXCHANGE", 2 if exchanges else 99)
    lay(tmp_path / "mirror", complete(room, 3))
    lay(tmp_path / "to", complete(room, 1))

    report = await read([FolderSource(tmp_path / "mirror")], tmp_path / "to", room.root_id, NOW)

    assert (report.authentic, report.edition) == (True, 3)
    assert {path.split("/")[0] for path in tree(tmp_path)} == {"mirror", "to"}


async def test_a_copy_that_a_kill_left_aside_comes_back(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path / ".to.old", complete(room, 3))
    lay(tmp_path / "m1", complete(room, 1))

    report = await read([FolderSource(tmp_path / "m1")], tmp_path / "to", room.root_id, NOW)

    assert (report.authentic, report.edition) == (True, 3)


async def test_a_folder_that_cannot_be_made_is_named(room: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(ConfigError, match="cannot be written"):
        await read([], tmp_path / "file" / "to", room.root_id, NOW)
