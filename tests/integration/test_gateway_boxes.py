"""Boxes by verb: what is opened, told, refused and closed, without a host that runs."""

import asyncio
import socket
from pathlib import Path

import pytest

from service.post.posting import hosted
from tamizdat.errors import ConfigError
from tests.kit.posthouse import DOMAIN, everything_below, founded, opened
from tests.kit.program import Answer, inside
from tests.kit.strangers import HOST, free_port

CONFIG = "tamizdat.toml"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    return founded(tmp_path)


def verb(room: Path, *words: str) -> Answer:
    return inside("-C", room, "gateway", *words)


def set_post(room: Path, **keys: str) -> None:
    """Replace the `[post]` block."""
    text = (room / CONFIG).read_text().partition("[post]")[0]
    lines = [f'{key} = "{value}"' for key, value in keys.items()]
    (room / CONFIG).write_text("\n".join([text + "[post]", *lines]) + "\n")


@pytest.mark.parametrize("words", [["open", "x"], ["boxes"], ["close", "1"], ["host"]])
def test_a_newsroom_that_hosts_nothing_is_told_which_block_to_add(
    tmp_path: Path, words: list[str]
) -> None:
    inside("init", tmp_path / "room")

    answer = verb(tmp_path / "room", *words)

    assert answer.code == 2
    assert "[post]" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_the_addresses_are_told_once_and_kept_nowhere(room: Path) -> None:
    told = verb(room, "open", "The [b]Heron[/b]")
    listed = verb(room, "boxes")

    write = told.out.partition("Letters go to")[2].split()[0]
    read = told.out.partition("http://")[2].split("/")[1]
    assert write.endswith(f"@{DOMAIN}")
    assert told.out.count(read) == 3
    assert "shown only now" in told.out
    assert "[b]Heron[/b]" in listed.out
    kept = everything_below(room) + listed.out.encode()
    assert not [one for one in (write.split("@")[0], read) if one.encode() in kept]


def test_readers_are_told_the_address_of_the_web_server_before_ours(room: Path) -> None:
    set_post(room, domain=DOMAIN, http="0.0.0.0:0", base="https://feeds.example/post")

    told = opened(room)

    read = told["feeds"][0].split("/")[-2]
    assert told["feeds"] == [
        f"https://feeds.example/post/{read}/{kind}" for kind in ("atom.xml", "rss.xml", "feed.json")
    ]


@pytest.mark.parametrize("http", ["0.0.0.0:8182", "127.0.0.1:0", ":::8182"])
def test_an_address_that_no_reader_can_open_is_not_given_out(room: Path, http: str) -> None:
    set_post(room, domain=DOMAIN, http=http)

    answer = verb(room, "open", "x")

    assert answer.code == 2
    assert "post.base" in answer.err
    assert verb(room, "boxes", "--json").json == {"boxes": []}


@pytest.mark.parametrize("which", ["address", "read", "capitals", "number"])
def test_a_box_is_closed_by_what_its_host_has_at_hand(room: Path, which: str) -> None:
    told = opened(room)
    read = told["feeds"][0].split("/")[-2]
    names = {
        "address": f"https://else.example/deep/{read}/archive/3/rss.xml",
        "read": read,
        "capitals": read.upper(),
        "number": "1",
    }

    closed = verb(room, "close", names[which], "--json")

    assert (closed.code, closed.json) == (0, {"closed": True})
    assert verb(room, "boxes", "--json").json == {"boxes": []}
    assert not [path for path in (room / "state/post").rglob("*") if path.is_file()]


def test_who_may_only_write_cannot_close(room: Path) -> None:
    told = opened(room)

    answers = [verb(room, "close", name) for name in (told["to"].split("@")[0], "2", "Heron")]

    assert [answer.code for answer in answers] == [1, 1, 2]
    assert len(verb(room, "boxes", "--json").json["boxes"]) == 1


def test_an_id_that_is_taken_or_impossible_opens_nothing(room: Path) -> None:
    opened(room, "--for-us", "own")
    before = (room / CONFIG).read_text(), sorted((room / "secrets").iterdir())

    answers = [verb(room, "open", "x", "--for-us", one) for one in ("own", "../x", 'a"b', "")]

    assert [answer.code for answer in answers] == [2, 2, 2, 2]
    assert ((room / CONFIG).read_text(), sorted((room / "secrets").iterdir())) == before
    assert len(verb(room, "boxes", "--json").json["boxes"]) == 1


def test_secrets_that_lie_there_are_never_overwritten(room: Path) -> None:
    (room / "secrets").mkdir()
    (room / "secrets/own.feed").write_text("theirs")

    answer = verb(room, "open", "x", "--for-us", "own")

    assert answer.code == 2
    assert (room / "secrets/own.feed").read_text() == "theirs"
    assert verb(room, "boxes", "--json").json == {"boxes": []}


def test_a_box_whose_addresses_cannot_be_written_down_is_closed_again(room: Path) -> None:
    (room / "secrets").write_text("no folder")
    before = (room / CONFIG).read_text()

    answer = verb(room, "open", "x", "--for-us", "own")

    assert answer.code == 2
    assert "secrets" in answer.err
    assert (room / CONFIG).read_text() == before
    assert verb(room, "boxes", "--json").json == {"boxes": []}


def test_a_title_is_needed_and_not_a_book(room: Path) -> None:
    answers = [verb(room, "open", title) for title in (" ", "x" * 201)]

    assert [answer.code for answer in answers] == [2, 2]


@pytest.mark.parametrize("key", ["smtp", "http"])
async def test_a_port_that_is_taken_is_named(room: Path, key: str) -> None:
    with socket.create_server((HOST, 0)) as taken:
        where = f"{HOST}:{taken.getsockname()[1]}"
        free = {"smtp": f"{HOST}:{free_port()}", "http": f"{HOST}:{free_port()}"}
        await asyncio.to_thread(set_post, room, domain=DOMAIN, **(free | {key: where}))

        with pytest.raises(ConfigError, match=f"post.{key}: cannot listen at {where}"):
            async with hosted(room):
                pass


async def test_a_certificate_that_cannot_be_used_is_named(room: Path) -> None:
    (room / "cert.pem").write_text("no certificate")
    free = {"smtp": f"{HOST}:{free_port()}", "http": f"{HOST}:{free_port()}"}
    for certificate, said in (("cert.pem", "no certificate"), ("gone.pem", "No such file")):
        await asyncio.to_thread(
            set_post, room, domain=DOMAIN, certificate=certificate, key="cert.pem", **free
        )

        with pytest.raises(ConfigError, match=f"{certificate}: cannot be used .{said}"):
            async with hosted(room):
                pass


async def test_any_free_port_is_taken_and_told(room: Path) -> None:
    keys = {"smtp": f"{HOST}:0", "http": f"{HOST}:0"}
    await asyncio.to_thread(set_post, room, domain=DOMAIN, **keys)

    async with hosted(room) as found:
        pass

    assert found.base == f"http://{HOST}:{found.http}/"
    assert found.smtp > 0
