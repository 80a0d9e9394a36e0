"""Drills: root keys are lost, a release key is stolen, and files that are carried go wrong."""

import asyncio
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from service.clock import SystemClock
from service.pipeline import follow
from service.running.house import House
from service.wiring import opened
from signing.openpgp import Keyring, RoleSigner
from signing.seal import manifest, seal_manifest, seal_pointer
from store.lock import Lock
from tamizdat import paths
from tamizdat.edition import Sealed
from tamizdat.wire import Withdrawn
from tests.kit.keyroom import PASSPHRASE, Room, published
from tests.kit.program import Answer, inside

PATIENCE = 60.0
LONG = timedelta(minutes=5)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return published(tmp_path_factory.mktemp("drills"))


@pytest.fixture
def room(founded: Room, tmp_path: Path) -> Room:
    shutil.copytree(founded.top, tmp_path / "top")
    return Room(tmp_path / "top", founded.root)


def test_with_two_root_keys_lost_all_goes_on_but_no_root_follows(room: Room) -> None:
    release = room.roles()["release"]["keys"][0]
    room.done("key", "draft", room.draft)
    only, *_ = room.sign()

    refused = room.key("accept", room.draft, only)
    published = inside("-C", room.folder, "publish", "--json")
    revoked = room.done("key", "revoke", "release", release)
    after = inside("-C", room.folder, "publish", "--json")

    assert refused.code == 1
    assert "has 1 signatures of role root in root 1, not 2" in refused.err
    assert published.code == 0
    assert "no edition can be made" in revoked["silence"]
    assert (after.code, after.json["refusals"]) == (1, [])
    assert room.verified()["authentic"]


def test_while_no_edition_can_be_made_a_withdrawal_waits(room: Room) -> None:
    (article,) = (one["id"] for one in room.done("article", "list"))
    room.done("key", "revoke", "release", room.roles()["release"]["keys"][0])

    inside("-C", room.folder, "article", "withdraw", article)
    waiting = room.verified()
    (page,) = (room.mirror / "en").rglob(f"{article}.html")
    waits = page.read_bytes()
    press = room.create("release", "press")
    words = ("--secret", room.top / "words")
    room.done("key", "rotate", "release", room.draft, press / "online.asc", *words)
    room.done("key", "accept", room.draft, *room.sign())
    room.done("publish")

    assert (waiting["authentic"], waiting["edition"]) == (True, 1)
    assert (room.verified()["authentic"], room.verified()["edition"]) == (True, 2)
    assert waits != page.read_bytes()
    assert page.read_bytes() == (room.mirror / "en" / "withdrawn.html").read_bytes()


async def forged(room: Room, later: timedelta) -> None:
    """A thief with all online keys lays an edition onto the mirror, dated as he likes."""
    async with opened(room.folder) as newsroom, Keyring(room.top / "stolen") as stolen:
        editions, keys = newsroom.ledgers.editions, newsroom.keys.root
        before = await editions.newest()
        listed, pointer = await editions.withdrawals(), await editions.newest_pointer()
        assert before
        assert listed
        assert pointer
        at = SystemClock().now() + later
        made = await seal_manifest(
            manifest(
                channel=keys.channel,
                edition=before.number + 1,
                root_version=1,
                issued=at,
                oldest=before.number,
                removal=False,
                before=before,
                shards=before.manifest.shards,
                bundles=before.manifest.bundles,
                build=before.manifest.build,
            ),
            RoleSigner(stolen, keys.roles["release"].keys),
        )
        lay(room.mirror, paths.manifest(made.number), made.sealed)
        version = Withdrawn.parse(listed.body, "withdrawn.json").version
        pointed = await seal_pointer(
            made,
            version=pointer.pointer.version + 1,
            root_version=1,
            withdrawn=(version, listed),
            issued=at,
            signer=RoleSigner(stolen, keys.roles["timestamp"].keys),
        )
        name = paths.passing_signature("latest.json", pointed.sealed.sha256)
        (room.mirror / "latest.json").write_bytes(pointed.sealed.body)
        (room.mirror / name).write_text(pointed.sealed.signatures[0].armor)


def lay(mirror: Path, path: str, sealed: Sealed) -> None:
    (mirror / path).parent.mkdir(exist_ok=True)
    (mirror / path).write_bytes(sealed.body)
    for one in sealed.signatures:
        (mirror / paths.lasting_signature(path, one.fingerprint)).write_text(one.armor)


@pytest.mark.parametrize("later", [LONG, -LONG], ids=["later", "dated-back"])
def test_what_a_distrusted_key_signs_is_refused_whatever_its_date(
    room: Room, later: timedelta
) -> None:
    shutil.copytree(room.folder / "keys" / "online", room.top / "stolen")
    room.done("key", "revoke", "release", room.roles()["release"]["keys"][0])
    honest = room.verified()

    asyncio.run(forged(room, later))

    told = room.verified()
    assert honest["authentic"]
    assert not told["authentic"]
    assert "has 0 signatures of role release" in told["reason"]


async def listed(mirror: Path, key: str, told: asyncio.Event) -> None:
    """Wait until the mirror's list distrusts the key."""
    while key not in (mirror / "withdrawn.json").read_text():
        told.clear()
        await told.wait()


async def test_a_running_service_publishes_what_is_distrusted_beside_it(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.running.press.LISTEN", 0.05)
    key = (await asyncio.to_thread(room.roles))["release"]["keys"][0]
    told = asyncio.Event()
    async with (
        opened(room.folder) as newsroom,
        House.furnished(newsroom) as house,
        asyncio.timeout(PATIENCE),
        asyncio.TaskGroup() as group,
    ):
        house.press.told = told.set
        task = group.create_task(house.press.run())
        await told.wait()
        answer = await asyncio.to_thread(room.done, "key", "revoke", "release", key)
        await listed(room.mirror, key, told)
        late = house.late()
        task.cancel()

    assert answer == {"distrusted": key, "edition": None}
    assert "publishing failed" in late


def test_a_root_that_ends_soon_is_warned_of(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = room.key("list")
    monkeypatch.setattr("service.verbs.keys.SOON", timedelta(days=400))
    loud = room.key("list")

    assert "ENDS ON" not in quiet.err
    assert "ROOT 1 ENDS ON" in loud.err


def test_what_needs_the_newsroom_says_so_beside_a_service(room: Room) -> None:
    root = room.create("root", "anna")
    with Lock(room.folder / "state" / "lock"):
        held = room.key("rotate", "timestamp", room.draft)
        beside = room.key("rotate", "root", room.draft, root / "certificate.asc")

    assert (held.code, beside.code) == (1, 0)
    assert "another tamizdat is working" in held.err
    assert held.err.count("\n") == 1


def test_a_draft_that_is_signed_or_altered_goes_no_further(room: Room) -> None:
    room.done("key", "rotate", "timestamp", room.draft)
    signatures = room.sign()

    again = room.key("rotate", "mirrors", room.draft)
    text = room.draft.read_text()
    room.draft.write_text(text.replace('\\"threshold\\":2', '\\"threshold\\":3', 1))
    altered = room.key("accept", room.draft, *signatures)
    room.draft.write_text(text)
    first = room.done("key", "accept", room.draft, *signatures)
    twice = room.key("accept", room.draft, *signatures)

    assert "is signed already" in again.err
    assert (altered.code, "signature over other bytes" in altered.err) == (1, True)
    assert first["version"] == 2
    assert (twice.code, "draft it anew" in twice.err) == (2, True)
    assert room.done("publish")["edition"] == 2
    assert room.verified()["authentic"]


def test_a_root_that_would_end_the_newsroom_is_not_accepted(room: Room) -> None:
    press = room.create("release", "press")
    words = ("--secret", room.top / "words")
    room.done("key", "rotate", "release", room.draft, press / "online.asc", *words)
    signatures = room.sign()
    shutil.move(room.folder / "keys" / "online", room.top / "online")

    lacking = room.key("accept", room.draft, *signatures)
    shutil.rmtree(room.folder / "keys" / "online")
    shutil.move(room.top / "online", room.folder / "keys" / "online")
    stranger = room.key("accept", room.draft, *room.mirror.glob("latest.json.*.asc"))

    assert (lacking.code, "bring it first" in lacking.err) == (1, True)
    assert (stranger.code, "by no key of the role" in stranger.err) == (1, True)
    assert room.done("key", "list")["version"] == 1


async def followed(room: Room) -> int:
    async with opened(room.folder) as newsroom:
        return (await follow(newsroom)).edition


def test_after_a_new_root_a_mirror_that_follows_gets_an_edition_of_its_key(room: Room) -> None:
    press = room.create("release", "press")
    words = ("--secret", room.top / "words")
    room.done("key", "rotate", "release", room.draft, press / "online.asc", *words)
    room.done("key", "accept", room.draft, *room.sign())

    edition = asyncio.run(followed(room))
    again = asyncio.run(followed(room))

    assert (edition, again) == (2, 2)
    assert room.verified()["authentic"]


def test_a_distrusted_key_is_not_named_again(room: Room) -> None:
    room.done("key", "revoke", "release", room.roles()["release"]["keys"][0])
    room.done("key", "draft", room.draft)

    refused = room.key("accept", room.draft, *room.sign())

    assert (refused.code, "distrusted: name another" in refused.err) == (2, True)


MISTAKES: list[tuple[str, Callable[[Room], Answer], str]] = [
    # mistake, what is typed, what is said
    ("an unknown key goes", lambda r: r.key("rotate", "root", r.draft, "--out", "AB"), "no root"),
    ("a file too many", lambda r: r.key("rotate", "mirrors", r.draft, "x.asc"), "name no file"),
    ("no release key", lambda r: r.key("rotate", "release", r.draft), "name its online.asc"),
    ("a wrong option", lambda r: r.key("rotate", "mirrors", r.draft, "--out", "all"), "role root"),
    ("no draft", lambda r: r.key("show", r.folder / "tamizdat.toml"), "is no draft"),
    ("nothing there", lambda r: r.key("show", r.draft), "cannot be read"),
    ("no key of ours", lambda r: r.key("revoke", "release", "A" * 40), "no release key of ours"),
    ("a taken folder", lambda r: r.key("create", "root", r.folder, *spoken(r)), "not empty"),
    ("no certificate", lambda r: r.key("rotate", "root", r.draft, r.draft), "cannot be read"),
]


def spoken(room: Room) -> tuple[str, Path]:
    (room.top / "words").write_text(PASSPHRASE)
    return "--secret", room.top / "words"


@pytest.mark.parametrize(("mistake", "typed", "said"), MISTAKES)
def test_a_mistake_is_told_in_one_line(
    room: Room, mistake: str, typed: Callable[[Room], Answer], said: str
) -> None:
    answer = typed(room)

    assert answer.code in {1, 2}, mistake
    assert said in answer.err
    assert answer.err.count("\n") == 1


def test_a_folder_without_a_key_that_counts_signs_nothing(room: Room) -> None:
    stranger = room.create("root", "anna")
    room.done("key", "draft", room.draft)

    refused = room.key("sign", room.draft, "--with", stranger, *spoken(room), "--yes")
    missing = room.key("sign", room.draft, "--with", room.top / "nowhere", "--yes")

    assert (refused.code, "no key in it counts" in refused.err) == (2, True)
    assert "no key lies there" in missing.err


def by_gpg(home: Path, key: str, body: Path) -> Path:
    """A signature by plain gpg, as the manual says."""
    made = body.with_name(f"{key}.asc")
    with TemporaryDirectory(prefix="g") as short:
        link = Path(short) / "h"
        link.symlink_to(home, target_is_directory=True)
        command = ["gpg", "--homedir", str(link), "--batch", "-u", key, "-o", str(made)]
        command += ["--digest-algo", "SHA512", "-a", "-b", str(body)]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        kill = ["gpgconf", "--homedir", str(link), "--kill", "all"]
        subprocess.run(kill, check=True, capture_output=True, timeout=PATIENCE)
    return made


def test_a_signature_by_plain_gpg_is_as_good(room: Room) -> None:
    room.done("key", "draft", room.draft)
    body = room.top / "root.json"
    shown = room.done("key", "show", room.draft, "--body", body)
    keys = room.roles()["root"]["keys"][1:]

    signatures = [by_gpg(room.root_keys, key, body) for key in keys]
    accepted = room.done("key", "accept", room.draft, *signatures)

    assert shown["version"] == accepted["version"] == 2


def test_pages_give_the_passphrase_again(room: Room) -> None:
    spoken(room)
    pages, joined = room.top / "pages", room.top / "joined"
    made = room.done("key", "shares", room.top / "words", pages, "--of", "3/5", "--title", "anna")

    few = room.key("join", *made["files"][:2], "--to", joined)
    room.done("key", "join", *made["files"][2:], "--to", joined)
    again = room.key("join", *made["files"][2:], "--to", joined)
    odd = room.key("shares", room.top / "words", pages, "--of", "most")

    assert (few.code, "3 different shares are needed" in few.err) == (1, True)
    assert joined.read_text() == f"{PASSPHRASE}\n"
    assert "is there already" in again.err
    assert "write 2/3 or 3/5" in odd.err
    assert "Share 1 of 5" in (pages / "share-1.txt").read_text()
