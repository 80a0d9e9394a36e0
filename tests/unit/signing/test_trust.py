from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from signing import seal
from signing.state import Seen, State
from signing.trust import MAX_ROOTS, Trust
from tamizdat.digest import digest
from tamizdat.edition import Sealed, Signature
from tamizdat.errors import FormatError, SigningError
from tamizdat.wire import Key, Previous, Role, Root, SignedFile, Slip
from tests.unit.signing.paper import START, Newsroom
from tests.unit.signing.pens import Pen, PenSigner

NOW = START + timedelta(hours=6)


def begin(room: Newsroom, now: datetime = NOW) -> Trust:
    return Trust.begin(room.root_id, room.roots[0], now)


def fresh(room: Newsroom) -> State:
    return State(root_id=room.root_id)


def refusal(call: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(FormatError) as caught:
        call(*arguments)
    return caught.value.clause


def signed(room: Newsroom, body: bytes, *roles: str) -> Sealed:
    made = tuple(room.pen(role).sign(body) for role in roles)
    return Sealed(body=body, sha256=digest(body), signatures=made)


def changed(room: Newsroom, file: SignedFile, role: str, **fields: Any) -> Sealed:
    return signed(room, replace(file, **fields).encode(), role)


def root_of(room: Newsroom, *signers: str, **fields: Any) -> Sealed:
    return signed(room, replace(room.root_body(), **fields).encode(), *signers)


def begun(sealed: Sealed) -> Trust:
    return Trust.begin(sealed.sha256, sealed, NOW)


def test_a_root_is_pinned_by_its_digest(room: Newsroom) -> None:
    assert refusal(lambda: Trust.begin(digest(b"x"), room.roots[0], NOW)) == "6.2"


ROOT_SIGNERS = [
    ((), "none"),
    (("root-a",), "one of two"),
    (("root-a", "root-a"), "one twice"),
    (("root-a", "release"), "one of another role"),
    (("root-a", "stranger"), "one unknown"),
]


@pytest.mark.parametrize(("signers", "name"), ROOT_SIGNERS)
def test_a_root_takes_its_threshold(room: Newsroom, signers: Sequence[str], name: str) -> None:
    assert refusal(lambda: begun(root_of(room, *signers))) == "2.10", name


def test_a_signature_too_many_that_is_wrong_refuses_the_file(room: Newsroom) -> None:
    good = root_of(room, "root-a", "root-b")
    wrong = room.pen("root-c").sign(b"other bytes")
    renamed = Signature(fingerprint="A" * 40, armor=good.signatures[0].armor)

    begun(good)
    for extra, clause in ((wrong, "2.8"), (renamed, "2.1")):
        spoilt = replace(good, signatures=(*good.signatures, extra))
        assert refusal(begun, spoilt) == clause


def spelled_again(key: Key) -> Key:
    """The same key: the bits that base64 leaves over are set."""
    letter = chr(ord(key.raw[-2]) + 1)
    return replace(key, raw=f"{key.raw[:-2]}{letter}=")


def test_a_root_that_is_not_sound_is_refused(room: Newsroom) -> None:
    body = room.root_body()
    pen = room.pen("root-a")
    twin = Pen("paper/root-a", created=5)
    odd = body.keys | {pen.fingerprint: replace(pen.key, created=9)}
    late = replace(pen.key, created=2**32)
    trio = body.roles["root"].keys
    cases: list[tuple[dict[str, Any], str]] = [
        ({"version": 2}, "6.2"),
        ({"keys": odd}, "2.9"),
        ({"keys": body.keys | {twin.fingerprint: twin.key}}, "2.10"),
        ({"keys": body.keys | {twin.fingerprint: spelled_again(twin.key)}}, "2.10"),
        ({"keys": body.keys | {pen.fingerprint: late}}, "3.2"),
        ({"roles": body.roles | {"release": Role(keys=("A" * 40,), threshold=1)}}, "3.2"),
        ({"roles": body.roles | {"root": Role(keys=(*trio, trio[0]), threshold=2)}}, "3.2"),
        ({"roles": {k: v for k, v in body.roles.items() if k != "root"}}, "2.10"),
        ({"spec": "2.0"}, "1.7"),
        ({"type": "pointer"}, "3.2"),
    ]

    for fields, clause in cases:
        sealed = root_of(room, "root-a", "root-b", **fields)
        assert refusal(begun, sealed) == clause, fields


def test_the_next_root_takes_both_thresholds(room: Newsroom) -> None:
    new = tuple(Pen(f"new/{letter}") for letter in "abc")
    body = room.root_body(version=2)
    keys = body.keys | {pen.fingerprint: pen.key for pen in new}
    role = Role(keys=tuple(pen.fingerprint for pen in new), threshold=2)
    root = replace(body, keys=keys, roles=body.roles | {"root": role})
    text = root.encode()
    old_two = (room.pen("root-a").sign(text), room.pen("root-b").sign(text))
    new_two = (new[0].sign(text), new[1].sign(text))

    def follow(signatures: tuple[Signature, ...]) -> Trust:
        return begin(room).next_root(Sealed(body=text, sha256=digest(text), signatures=signatures))

    assert follow(old_two + new_two).root.version == 2
    for short in (old_two, new_two, old_two[:1] + new_two, old_two + new_two[:1]):
        assert refusal(follow, short) == "2.10"


def test_no_root_is_skipped_and_no_channel_changes(room: Newsroom) -> None:
    third = root_of(room, "root-a", "root-b", version=3)
    moved = root_of(room, "root-a", "root-b", version=2, channel="f" * 32)

    assert refusal(lambda: begin(room).next_root(third)) == "6.2"
    assert refusal(lambda: begin(room).next_root(moved)) == "6.3"


def test_a_chain_of_roots_has_an_end(room: Newsroom) -> None:
    trust = begin(room)
    long = replace(trust, roots=trust.roots * MAX_ROOTS, sealed=trust.sealed * MAX_ROOTS)

    assert refusal(lambda: long.next_root(room.roots[0])) == "6.2"


async def test_an_older_or_other_root_is_refused(room: Newsroom) -> None:
    trust = begin(room)
    await room.rotate("release-2")
    second = room.roots[1]
    newer = trust.next_root(second)

    newer.not_before(State(root_id=room.root_id))
    newer.not_before(State(root_id=room.root_id, root=Seen(number=1, sha256=room.root_id)))
    newer.not_before(State(root_id=room.root_id, root=Seen(number=2, sha256=second.sha256)))
    for number, sha256 in ((2, second.sha256), (1, digest(b"x"))):
        seen = State(root_id=room.root_id, root=Seen(number=number, sha256=sha256))
        assert refusal(trust.not_before, seen) == "6.6"


def test_a_pointer_takes_the_role_timestamp(room: Newsroom) -> None:
    sealed = room.published[2].pointer.sealed
    trust, seen = begin(room), fresh(room)

    assert trust.pointer(sealed, seen).edition == 3
    for role in ("release", "mirrors", "denial", "root-a", "stranger"):
        wrong = signed(room, sealed.body, role)
        assert refusal(trust.pointer, wrong, seen) == "2.10"
    for count in ((), ("timestamp", "timestamp")):
        wrong = signed(room, sealed.body, *count)
        assert refusal(trust.pointer, wrong, seen) == "2.2"


def test_types_are_not_confused(room: Newsroom) -> None:
    made = room.published[2]
    trust, seen = begin(room), fresh(room)

    as_pointer = signed(room, made.here.body, "timestamp")
    as_here = signed(room, made.pointer.sealed.body, "mirrors")
    as_manifest = signed(room, made.pointer.sealed.body, "release")

    assert refusal(lambda: trust.pointer(as_pointer, seen)) == "3.3"
    assert refusal(lambda: trust.here(as_here)) == "3.10"
    assert refusal(lambda: trust.manifest(as_manifest, 3, None)) == "3.4"
    assert refusal(lambda: trust.slip(as_manifest, None, "e3.zip")) == "7.2"


def test_channel_and_root_version_are_checked(room: Newsroom) -> None:
    pointer = room.published[2].pointer.pointer
    trust, seen = begin(room), fresh(room)

    for fields in ({"channel": "f" * 32}, {"root_version": 2}):
        wrong = changed(room, pointer, "timestamp", **fields)
        assert refusal(trust.pointer, wrong, seen) == "6.3"


def test_a_pointer_never_goes_back(room: Newsroom) -> None:
    trust = begin(room)
    made = room.published[2].pointer
    other = changed(room, made.pointer, "timestamp", issued=START)
    higher = changed(room, made.pointer, "timestamp", version=9, edition=2)
    seen = State(
        root_id=room.root_id,
        pointer=Seen(number=3, sha256=made.sealed.sha256),
        edition=Seen(number=3, sha256=made.pointer.manifest.sha256),
    )

    trust.pointer(made.sealed, seen)
    for wrong in (room.published[1].pointer.sealed, other, higher):
        assert refusal(trust.pointer, wrong, seen) == "6.6"


BASES = [
    "ftp://x/",
    "https://x",
    "https://x/?a=/",
    'https://x/"><b>/',
    "https://x/ y/",
    "https://user@x/",
    "https://x/" + "a" * 600 + "/",
]


@pytest.mark.parametrize("base", BASES)
async def test_a_base_is_a_plain_address(room: Newsroom, base: str) -> None:
    made = room.published[2]
    trust = begin(room)
    here = trust.here(made.here)

    wrong = changed(room, here, "mirrors", base=base)

    assert refusal(lambda: trust.here(wrong)) == "3.10"
    for good in (None, "http://127.0.0.1:8080/", "https://[::1]:1/a/b/"):
        assert trust.here(changed(room, here, "mirrors", base=good)).base == good


def test_a_list_of_withdrawals_is_not_older_than_the_pointers(room: Newsroom) -> None:
    trust, seen = begin(room), fresh(room)
    pointer = room.published[2].pointer.pointer
    first, second = room.lists
    listed = trust.withdrawn(second, pointer, seen)

    twin = changed(room, listed, "release", issued=START)
    later = changed(room, listed, "release", version=3)

    assert trust.withdrawn(first, None, seen).version == 1
    assert trust.withdrawn(later, pointer, seen).version == 3
    for wrong in (first, twin):
        assert refusal(trust.withdrawn, wrong, pointer, seen) == "5.5"
    before = State(root_id=room.root_id, withdrawn=Seen(number=2, sha256=second.sha256))
    assert refusal(lambda: trust.withdrawn(first, None, before)) == "6.6"
    for role in ("timestamp", "mirrors", "root-a"):
        wrong = signed(room, second.body, role)
        assert refusal(trust.withdrawn, wrong, pointer, seen) == "2.10"


def test_a_manifest_takes_the_role_release(room: Newsroom) -> None:
    sealed = room.published[2].edition.sealed
    trust = begin(room)

    assert trust.manifest(sealed, 3, None).edition == 3
    for roles in ((), ("timestamp",), ("mirrors",), ("root-a", "root-b"), ("release", "release")):
        wrong = signed(room, sealed.body, *roles)
        assert refusal(trust.manifest, wrong, 3, None) == "2.10"
    assert refusal(lambda: trust.manifest(sealed, 2, None)) == "3.4"


def test_a_manifest_is_sound_in_itself(room: Newsroom) -> None:
    manifest = room.published[2].edition.manifest
    trust = begin(room)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"oldest": 4}, "3.4"),
        ({"prev": Previous(edition=1, sha256=digest(b"x"))}, "4.5"),
        ({"shards": manifest.shards[::-1]}, "3.4"),
        ({"shards": manifest.shards + manifest.shards[-1:]}, "3.4"),
    ]

    for fields, clause in cases:
        wrong = changed(room, manifest, "release", **fields)
        assert refusal(trust.manifest, wrong, 3, None) == clause, fields


async def test_a_key_that_root_dropped_counts_no_more(room: Newsroom) -> None:
    trust = begin(room)
    await room.rotate("release-2")
    newer = trust.next_root(room.roots[1])
    sealed = room.published[2].edition.sealed
    later = changed(room, room.published[2].edition.manifest, "release-2", root_version=2)

    assert refusal(lambda: newer.manifest(sealed, 3, None)) == "2.10"  # formats 2.11
    assert newer.manifest(later, 3, None).root_version == 2


async def test_the_chain_vouches_for_editions_before(room: Newsroom) -> None:
    trust = begin(room)
    await room.rotate("release-2")
    newer = trust.next_root(room.roots[1])
    sealed = room.published[1].edition.sealed
    named = room.published[2].edition.manifest.prev
    bare = replace(sealed, signatures=())

    assert named
    assert newer.manifest_before(sealed, named).edition == 2
    assert newer.manifest_before(bare, named, partly=True).edition == 2
    assert newer.old_manifest(sealed, 2).edition == 2
    assert refusal(lambda: newer.manifest_before(bare, named)) == "2.10"
    assert refusal(lambda: newer.old_manifest(bare, 2)) == "2.10"
    other = room.published[0].edition.sealed
    assert refusal(lambda: newer.manifest_before(other, named)) == "4.5"


async def test_a_slip_takes_the_role_release(room: Newsroom) -> None:
    trust = begin(room)
    made = seal.slip(
        room.published[2].edition.manifest,
        root_version=1,
        kind="zip",
        language="en",
        issued=START,
    )
    sealed = await seal.seal(made.encode(), room.signer("release"))

    assert isinstance(trust.slip(sealed, None, "e3.zip"), Slip)
    wrong = await seal.seal(made.encode(), room.signer("timestamp"))
    assert refusal(lambda: trust.slip(wrong, None, "e3.zip")) == "2.10"


def test_a_waiting_signature_names_a_key_of_the_role(room: Newsroom) -> None:
    trust = begin(room)
    armor = room.pen("timestamp").sign(b"another body").armor

    assert trust.waiting(armor, ("timestamp",), "x") == room.pen("timestamp").fingerprint
    assert refusal(lambda: trust.waiting(armor, ("release",), "x")) == "4.7"
    assert refusal(lambda: trust.waiting(armor[:-1], ("timestamp",), "x")) == "2.3"


CLOCKS = [
    # the clock, and the moment that freshness is judged at
    (START - timedelta(days=9000), START - timedelta(days=9000) + timedelta(days=1)),
    (START + timedelta(hours=2), START + timedelta(hours=3)),
    (START + timedelta(days=5), START + timedelta(days=5)),
]


@pytest.mark.parametrize(("clock", "moment"), CLOCKS)
def test_the_clock_has_a_floor(room: Newsroom, clock: datetime, moment: datetime) -> None:
    trust = begin(room, clock)

    assert trust.reference(room.published[2].edition.manifest) == moment  # formats 6.5
    assert trust.reference(None) >= clock


def test_fresh_ends_with_the_first_promise(room: Newsroom) -> None:
    pointer = room.published[2].pointer.pointer
    manifest = room.published[2].edition.manifest
    soon = NOW - timedelta(hours=1)

    assert begin(room).fresh(pointer, manifest)
    assert not begin(room).fresh(replace(pointer, expires=soon), manifest)
    assert not begin(room).fresh(pointer, replace(manifest, expires=soon))
    assert not begin(room, pointer.fresh_until).fresh(pointer, manifest)
    assert not begin(room, START + timedelta(days=366)).fresh(pointer, manifest)


async def test_sealing_keeps_as_many_signatures_as_needed(room: Newsroom) -> None:
    signer: PenSigner = room.signer("root-a", "root-b", "root-c")

    sealed = await seal.seal(b"{}\n", signer, needed=2)

    assert len(sealed.signatures) == 2
    with pytest.raises(SigningError, match="3 of 4"):
        await seal.seal(b"{}\n", signer, needed=4)


async def test_the_next_root_follows_the_first(room: Newsroom) -> None:
    first = Root.parse(room.roots[0].body, "root")

    second = seal.next_root(first, issued=NOW, keys=first.keys, roles=first.roles)

    assert (second.version, second.channel) == (2, first.channel)
    assert second.expires - second.issued == seal.ROOT_LIFETIME
