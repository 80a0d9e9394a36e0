"""Keys of the mail responder: made, told to DNS, given away in the end."""

import asyncio
import shutil
from datetime import date, timedelta
from pathlib import Path

import dns.rrset
import pytest

from gateway.responder import domain_key
from gateway.responder.own_key import Pair
from service.post.answer_keys import add_pair, publish_old, read_pairs
from service.running.serving import _open
from tamizdat.errors import ConfigError
from tests.kit.asking import (
    ADDRESS,
    OURS,
    PROVIDER,
    Relay,
    ask,
    founded,
    hand_in,
    provider_key,
    relaying,
    with_responder,
    zone,
)
from tests.kit.posthouse import hosting
from tests.kit.program import inside
from tests.kit.strangers import free_port

TODAY = date(2026, 11, 26)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A config and nothing else: keys need no more."""
    room = tmp_path / "room"
    room.mkdir()
    (room / "tamizdat.toml").write_text('[newsroom]\nname = "The Heron"\n')
    with_responder(room, relay=25, resolver="127.0.0.1")
    return room


def test_a_key_is_made_and_told_as_dns_takes_it(room: Path) -> None:
    told = inside("-C", room, "responder", "key", "rotate")

    assert told.code == 0
    for line in told.out.splitlines():
        name, _, rest = line.partition(" IN TXT ")
        record = dns.rrset.from_text(name, 300, "IN", "TXT", rest.strip("( )"))
        assert domain_key.read(b"".join(record[0].strings)) is not None
    assert len(told.out.splitlines()) == 2
    (path,) = (room / "secrets" / "responder").glob("*.pem")
    assert path.stat().st_mode & 0o777 == 0o600


def test_one_key_a_day_is_enough(room: Path) -> None:
    first = inside("-C", room, "responder", "key", "rotate", "--json")
    second = inside("-C", room, "responder", "key", "rotate", "--json")

    assert (first.code, second.code) == (0, 2)
    assert "made today already" in second.err
    assert first.json["published"] == []


def test_a_second_key_waits_for_dns_and_all_records_are_listed(room: Path) -> None:
    add_pair(room / "secrets" / "responder", TODAY - timedelta(days=400))

    made = inside("-C", room, "responder", "key", "rotate", "--json")
    listed = inside("-C", room, "responder", "key", "list", "--json")
    told = inside("-C", room, "responder", "key", "list")

    assert made.json["used_from"] > listed.json["keys"][1]["made"]
    assert [one["signs"] for one in listed.json["keys"]] == [True, False]
    assert listed.json["keys"][1]["records"] == made.json["records"]
    assert len(told.out.splitlines()) == 4


def test_an_old_key_is_given_away_once_no_mail_needs_it(room: Path) -> None:
    folder = room / "secrets" / "responder"
    old = add_pair(folder, TODAY - timedelta(days=60))
    add_pair(folder, TODAY - timedelta(days=15))

    early = publish_old(folder, TODAY)
    (laid,) = publish_old(folder, TODAY + timedelta(days=1))

    assert early == []
    assert laid == folder / "published" / f"{old.label}.pem"
    assert Pair.read(old.label, laid.read_bytes()).records(OURS) == old.records(OURS)
    assert [one.label for one in read_pairs(folder)] == ["20261111"]


def test_publishing_says_where_the_old_key_lies(room: Path) -> None:
    folder = room / "secrets" / "responder"
    add_pair(folder, TODAY - timedelta(days=400))
    none = inside("-C", room, "responder", "key", "publish")
    add_pair(folder, TODAY - timedelta(days=300))

    told = inside("-C", room, "responder", "key", "publish")
    empty = inside("-C", room, "responder", "key", "publish", "--json")

    assert "none yet" in none.err
    assert "published/" in told.err.replace("\n", "")
    assert empty.json == {"published": []}


@pytest.mark.parametrize("text", [b"", b"no key"])
def test_a_file_that_is_no_key_is_refused(room: Path, text: bytes) -> None:
    folder = room / "secrets" / "responder"
    folder.mkdir(parents=True)
    (folder / "20261101.pem").write_bytes(text)

    with pytest.raises(ConfigError, match=r"responder\.keys"):
        read_pairs(folder)


def test_a_folder_that_cannot_be_written_is_told(room: Path) -> None:
    (room / "secrets").write_text("in the way")

    told = inside("-C", room, "responder", "key", "rotate")

    assert told.code == 2
    assert "cannot be written" in told.err


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return founded(tmp_path_factory.mktemp("paper"))


async def test_serve_answers_readers_as_well(paper: Path, tmp_path: Path) -> None:
    room = Path(shutil.copytree(paper, tmp_path / "room", symlinks=True))
    relay, smtp = Relay(), free_port()
    with (room / "tamizdat.toml").open("a") as config:
        config.write('\n[serve]\ndesk = "127.0.0.1:0"\nstatus = "127.0.0.1:0"\n')
    async with relaying(relay) as port, zone(provider_key().records(PROVIDER)) as (resolver, _):
        await asyncio.to_thread(with_responder, room, relay=port, resolver=resolver, smtp=smtp)
        async with _open(room) as (_, doors):
            codes = await hand_in(smtp, ask("reader@mail.example", "latest"))
            await relay.until(1)

    assert doors.asking == ADDRESS
    assert codes == [250]


async def test_the_program_answers_and_ends_when_told_to(paper: Path, tmp_path: Path) -> None:
    room = Path(shutil.copytree(paper, tmp_path / "room", symlinks=True))
    relay = Relay()
    async with relaying(relay) as port, zone(provider_key().records(PROVIDER)) as (resolver, _):
        await asyncio.to_thread(with_responder, room, relay=port, resolver=resolver)
        with hosting(room, "responder") as host:
            await hand_in(host.smtp, ask("reader@mail.example", "mirrors"))
            await relay.until(1)
            await asyncio.to_thread(host.stop)

    assert host.said["address"] == ADDRESS
    assert host.code == 0
    assert "reader@" not in host.out
