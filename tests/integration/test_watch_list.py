"""The watch list: closed on the disk, asked about before a release, told to nobody else."""

import io
import sys
from pathlib import Path

import pytest

from desk.cautions import cautions
from service.founding import found
from service.wiring import opened
from tamizdat.errors import ConfigError, SourceError
from tests.kit.newsdesk import Office, written
from tests.kit.program import Answer, inside
from tests.kit.seeker import hits, needles, tree

NAME, OTHER = "Мария Холмова", "Ostap Verne"
PHRASE = "a lantern on the harbour wall at nine"


def seal(room: Path) -> None:
    (room / "phrase").write_text(f"{PHRASE}\n")
    (room / "phrase").chmod(0o600)
    config = (room / "tamizdat.toml").read_text()
    (room / "tamizdat.toml").write_text(f'{config}\n[desk]\nsealed = "phrase"\n')


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    room = tmp_path / "room"
    await found(room, "The Heron", ("en", "ru"))
    seal(room)
    return room


def said(room: Path, text: str, *verb: str, monkeypatch: pytest.MonkeyPatch) -> Answer:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    return inside("-C", room, "watch", *verb, "--json")


async def test_a_name_on_the_list_is_asked_about_while_it_is_written(folder: Path) -> None:
    async with opened(folder) as room:
        desk = Office(room).desk
        await desk.watch_list.add([NAME, OTHER])

        story = await desk.save(None, written("<p>Сказала Марии Холмовой.</p>", language="ru"))
        clean = await desk.save(story.card.id, written("<p>Сказала соседке.</p>", language="ru"))

    asked = [one for one in cautions(story) if "watch for" in one.words]
    assert [one.words for one in asked] == ["“Марии Холмовой” is a name that we watch for"]
    assert asked[0].look
    assert asked[0].more.startswith("Take it out")
    assert clean.watched == ()


async def test_the_list_lies_closed_and_what_is_removed_is_gone(folder: Path) -> None:
    async with opened(folder) as room:
        names = Office(room).desk.watch_list

        added = await names.add([NAME, OTHER, f" {OTHER} "])
        lying = hits(tree(folder / "state"), needles(NAME, OTHER))
        removed = await names.remove([OTHER, "Nobody"])
        left = await names.names()

    assert (added, removed, left) == (2, 1, [NAME])
    assert lying == []


def test_names_come_over_the_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "room"
    inside("init", room)
    seal(room)

    added = said(room, f"{NAME}\n\n{OTHER}\n", "add", monkeypatch=monkeypatch)
    listed = inside("-C", room, "watch", "list", "--json")
    removed = said(room, f"{NAME}\n", "remove", monkeypatch=monkeypatch)
    empty = said(room, "\n", "add", monkeypatch=monkeypatch)

    assert added.json == {"added": 2}
    assert listed.json == sorted([NAME, OTHER])
    assert removed.json == {"removed": 1}
    assert inside("-C", room, "watch", "list").out == f"{OTHER}\n"
    assert (empty.code, "no name" in empty.err) == (2, True)


async def test_no_list_is_kept_where_it_would_lie_open(tmp_path: Path) -> None:
    room = tmp_path / "room"
    await found(room, "The Heron", ("en",))

    async with opened(room) as open_room:
        with pytest.raises(ConfigError, match=r"desk\.sealed"):
            await Office(open_room).desk.watch_list.add([NAME])
        assert await Office(open_room).desk.watch_list.names() == ()


async def test_a_name_out_of_bounds_is_refused(folder: Path) -> None:
    async with opened(folder) as room:
        names = Office(room).desk.watch_list

        with pytest.raises(ConfigError, match="characters"):
            await names.add(["x" * 201])
        with pytest.raises(ConfigError, match="over 5000 names"):
            await names.add([f"name {number}" for number in range(5001)])


async def test_another_passphrase_opens_nothing(folder: Path) -> None:
    async with opened(folder) as room:
        await Office(room).desk.watch_list.add([NAME])
    (folder / "phrase").write_text("another passphrase that is long enough\n")

    async with opened(folder) as room:
        with pytest.raises(SourceError, match="passphrase"):
            await Office(room).desk.watch_list.names()
