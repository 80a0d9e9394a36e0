"""Release by several people: what bears their signatures, and what may go out with one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signing import removal
from signing.fetch import read
from signing.sources import FolderSource
from signing.state import State
from signing.trust import Trust
from signing.verify import Report, verify
from tamizdat import paths
from tamizdat.article import ArticleId
from tamizdat.digest import digest
from tamizdat.edition import Sealed
from tamizdat.errors import FormatError
from tamizdat.wire import Manifest, Role, Root, Shard, ShardRef
from tests.unit.signing.paper import (
    NOTICE,
    START,
    Files,
    Newsroom,
    complete,
    first_files,
    lay,
    object_path,
    second_files,
    third_files,
    writes,
)

NOW = START + timedelta(hours=6)
PAIR = ("release", "release-b")
GONE = "en/2026/bbbbbbbbbbbbb.html"


class Pair(Newsroom):
    """A newsroom in which two of three must sign what is released."""

    def root_body(self, *, release: str = "release", version: int = 1) -> Root:
        body = super().root_body(release=release, version=version)
        pens = [self.pen(name) for name in (*PAIR, "release-c")]
        role = Role(keys=tuple(pen.fingerprint for pen in pens), threshold=2)
        keys = body.keys | {pen.fingerprint: pen.key for pen in pens}
        return replace(body, keys=keys, roles=body.roles | {"release": role})

    def signed_by(self, number: int, *names: str) -> None:
        """Let just these have signed an edition."""
        made = self.published[number - 1]
        signatures = tuple(self.pen(name).sign(made.edition.sealed.body) for name in names)
        sealed = replace(made.edition.sealed, signatures=signatures)
        self.published[number - 1] = replace(made, edition=replace(made.edition, sealed=sealed))


async def paired(third: Files | None = None, **told: Any) -> Pair:
    """Two whole editions, and a removal that one person signed."""
    room = Pair()
    await room.found()
    await room.publish(first_files())
    await room.publish(second_files())
    room.gone[ArticleId("bbbbbbbbbbbbb")] = START + timedelta(hours=3)
    await room.publish(third or removed(), **({"removal": True} | told))
    room.signed_by(1, *PAIR)
    room.signed_by(2, *PAIR)
    return room


def removed() -> Files:
    """The third edition, without a bundle."""
    return {path: body for path, body in third_files().items() if not path.startswith("b/")}


def begin(room: Newsroom, now: datetime = NOW) -> Trust:
    return Trust.begin(room.root_id, room.roots[0], now)


def mirror(room: Newsroom, number: int = 3, ground: int = 2) -> Files:
    """What lies on a mirror: the edition, and the shards of the one that it rests on."""
    return complete(room, number) | room.published[ground - 1].shards


async def told(room: Newsroom, folder: Path, files: Files, at: datetime = NOW) -> Report:
    lay(folder, files)
    return await verify(FolderSource(folder), room.root_id, at)


SIGNERS: list[tuple[str, Sequence[str], str]] = [
    # who signed, and what a reader says
    ("nobody", (), "2.10"),
    ("one", ("release",), "2.10"),
    ("one twice", ("release", "release"), "2.10"),
    ("one and a key of another role", ("release", "timestamp"), "2.10"),
    ("one and a stranger", ("release", "stranger"), "2.10"),
    ("two", PAIR, ""),
    ("the other two", ("release-b", "release-c"), ""),
    ("all three", (*PAIR, "release-c"), ""),
]


@pytest.mark.parametrize(("who", "names", "clause"), SIGNERS)
async def test_an_edition_takes_signatures_of_two_people(
    who: str, names: Sequence[str], clause: str, tmp_path: Path
) -> None:
    room = await paired()
    room.signed_by(2, *dict.fromkeys(names))
    files = complete(room, 2)
    twice = [name for name in names if names.count(name) > 1][:1]
    for name in twice:
        later = room.pen(name).sign(room.published[1].edition.sealed.body, 1_763_600_009)
        files[f"e/2/manifest.json.{'A' * 40}.asc"] = later.armor.encode()

    report = await told(room, tmp_path, files)

    assert (report.authentic, bool(report.clause)) == (not clause, bool(clause)), who


@pytest.mark.parametrize(("who", "names", "clause"), SIGNERS)
async def test_trust_counts_each_person_once(who: str, names: Sequence[str], clause: str) -> None:
    room = await paired()
    body = room.published[1].edition.sealed.body
    signatures = tuple(room.pen(name).sign(body) for name in names)

    found = refusal(begin(room), Sealed(body=body, sha256=digest(body), signatures=signatures), 2)

    assert found == clause, who


def refusal(trust: Trust, sealed: Sealed, number: int) -> str:
    try:
        trust.manifest(sealed, number, None)
    except FormatError as error:
        return error.clause
    return ""


async def test_a_reader_with_a_state_stays_where_one_signature_lacks(tmp_path: Path) -> None:
    room = await paired()
    state = State(root_id=room.root_id)
    lay(tmp_path / "one", complete(room, 1))
    first = await read([FolderSource(tmp_path / "one")], tmp_path / "mine", room.root_id, NOW)
    room.signed_by(2, "release")
    lay(tmp_path / "two", complete(room, 2))
    seen = first.seen or state

    report = await read(
        [FolderSource(tmp_path / "two")], tmp_path / "mine", room.root_id, NOW, seen
    )

    assert (report.authentic, report.edition) == (True, 1)
    assert "has 1 signatures of role release" in report.reason


async def test_a_removal_goes_out_with_one_signature(tmp_path: Path) -> None:
    room = await paired()

    report = await told(room, tmp_path, mirror(room))

    assert (report.authentic, report.fresh, report.edition) == (True, True, 3), report.reason
    assert report.expires == START + timedelta(hours=27)  # formats 5.7


async def test_a_removal_that_lacks_signatures_is_fresh_for_a_day(tmp_path: Path) -> None:
    room = await paired()
    issued = room.published[2].edition.manifest.issued
    last, over = issued + timedelta(hours=24, seconds=-1), issued + timedelta(hours=24)

    before = await told(room, tmp_path, mirror(room), last)
    after = await told(room, tmp_path, mirror(room), over)

    assert (before.authentic, before.fresh) == (True, True)
    assert (after.authentic, after.fresh) == (True, False)  # formats 5.7


async def test_with_all_signatures_a_removal_is_as_any_edition(tmp_path: Path) -> None:
    room = await paired(third_files() | {"en/2026/eeeeeeeeeeeee.html": b"<h1>New</h1>\n"})
    room.signed_by(3, *PAIR)
    at = START + timedelta(hours=30)

    report = await told(room, tmp_path, complete(room, 3), at)

    assert (report.authentic, report.fresh) == (True, True), report.reason


async def test_a_distrusted_key_does_not_count_as_the_second() -> None:
    room = Pair()
    await room.found()
    await room.publish(first_files())
    room.signed_by(1, *PAIR)
    room.distrusted.append(room.pen("release-b").fingerprint)
    await room.publish(second_files())
    room.gone[ArticleId("bbbbbbbbbbbbb")] = START + timedelta(hours=3)
    listed = begin(room).withdrawn(room.lists[-1], None, State(root_id=room.root_id))
    late = replace(listed, issued=START)
    room.signed_by(2, *PAIR)
    edition = room.published[1].edition
    removing = replace(edition, manifest=replace(edition.manifest, removal=True))
    trust = begin(room)

    assert trust.is_lone(removing, late)
    assert not trust.is_lone(removing, None)
    assert not trust.is_lone(removing, late, before=True)
    assert not trust.is_lone(replace(edition, sealed=replace(edition.sealed, signatures=())), late)


ADDITIONS: list[tuple[str, Files]] = [
    ("a page", {"en/2026/eeeeeeeeeeeee.html": b"<h1>New</h1>\n"}),
    ("a picture", {object_path(b"another picture"): b"another picture"}),
    ("a list page", {"en/lists/3.html": b"<ul></ul>\n"}),
    ("other words of an article", {"en/2026/aaaaaaaaaaaaa.html": b"<h1>Other</h1>\n"}),
    ("other words of the withdrawn article", {GONE: b"<h1>Other</h1>\n"}),
    ("another notice", {"en/withdrawn.html": b"<p>Go to another place</p>\n"}),
    ("a bundle", {paths.bundle(digest(b"bundle 3"), "zip"): b"bundle 3"}),
]


@pytest.mark.parametrize(("what", "more"), ADDITIONS)
async def test_a_removal_with_one_signature_adds_nothing(
    what: str, more: Files, tmp_path: Path
) -> None:
    room = await paired(removed() | more)

    report = await told(room, tmp_path, mirror(room))

    assert (report.authentic, report.clause) == (False, "5.8"), what


async def test_a_removal_may_keep_those_shards_as_objects(tmp_path: Path) -> None:
    shards = (await paired()).published[1].shards.values()
    room = await paired(removed() | {kept(body): body for body in shards})
    lay(tmp_path / "there", complete(room, 3))

    report = await read([FolderSource(tmp_path / "there")], tmp_path / "mine", room.root_id, NOW)
    again = await verify(FolderSource(tmp_path / "mine"), room.root_id, NOW)

    assert (report.authentic, again.authentic) == (True, True), (report.reason, again.reason)


def kept(body: bytes) -> str:
    return f"o/{digest(body)[:2]}/{digest(body)}.json"


async def test_a_removal_rests_on_shards_that_lie_there(tmp_path: Path) -> None:
    room = await paired()
    files = {path: body for path, body in mirror(room).items() if path in complete(room, 3)}

    report = await told(room, tmp_path, files)

    assert report.clause == "5.8"


async def test_a_removal_rests_on_a_whole_edition(tmp_path: Path) -> None:
    cut = await paired(oldest=3)
    first = Pair()
    await first.found()
    await first.publish(first_files(), removal=True)

    alone = await told(first, tmp_path / "alone", complete(first, 1))
    short = await told(cut, tmp_path / "cut", mirror(cut))

    assert (alone.clause, short.clause) == ("5.8", "5.8")


async def test_a_second_removal_rests_on_the_same_edition(tmp_path: Path) -> None:
    room = await paired()
    room.gone[ArticleId("ddddddddddddd")] = START + timedelta(hours=4)
    await room.publish(removed() | {"en/2026/ddddddddddddd.html": NOTICE}, removal=True)
    good = mirror(room, 4)
    await room.publish(removed() | {"en/2026/eeeeeeeeeeeee.html": b"New\n"}, removal=True)
    bad = mirror(room, 5)

    report = await told(room, tmp_path / "good", good)
    refused = await told(room, tmp_path / "bad", bad)

    assert (report.authentic, report.edition, report.fresh) == (True, 4, True), report.reason
    assert refused.clause == "5.8"


async def test_a_whole_edition_after_a_removal_ends_the_day(tmp_path: Path) -> None:
    room = await paired()
    await room.publish(removed() | {"en/2026/eeeeeeeeeeeee.html": b"<h1>New</h1>\n"})
    room.signed_by(4, *PAIR)
    at = START + timedelta(hours=35)

    report = await told(room, tmp_path, complete(room, 4), at)

    assert (report.authentic, report.fresh, report.edition) == (True, True, 4), report.reason
    assert report.expires == room.published[3].pointer.pointer.expires


async def test_a_removal_that_is_being_pushed_is_judged_too(tmp_path: Path) -> None:
    good, bad = await paired(), await paired(removed() | ADDITIONS[0][1])
    reports = []
    for name, room in (("good", good), ("bad", bad)):
        lay(tmp_path / name, complete(room, 2))
        reports.append(await told(room, tmp_path / name, begun(room)))

    assert [(one.authentic, one.changing_to, one.clause) for one in reports] == [
        (True, 3, ""),
        (False, None, "5.8"),
    ]


def begun(room: Newsroom) -> Files:
    """What a push of the third edition puts first."""
    return {path: body for path, body in writes(room, 3) if path.startswith(("e/", "s/"))}


def test_of_what_is_being_pushed_some_shards_may_lack() -> None:
    page = Shard(key="en/2026-11", files=((GONE, 1, digest(b"x")),)).encode()
    listed = ShardRef(key="en/2026-11", sha256=digest(page), len=len(page))

    later = manifest_of((listed,))

    removal.refuse_more(later, manifest_of(()), {})


def manifest_of(shards: tuple[ShardRef, ...]) -> Manifest:
    return Manifest(
        spec="1.0",
        channel="0" * 32,
        issued=START,
        edition=2,
        root_version=1,
        expires=NOW,
        oldest=1,
        removal=True,
        prev=None,
        shards=shards,
        bundles=(),
        build=digest(b""),
    )


# numbers that never went out (formats 4.5)
