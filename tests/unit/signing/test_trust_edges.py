"""Trust at its edges: the last that is let in, and the first that is not."""

from dataclasses import replace
from datetime import timedelta

from signing.state import State
from signing.trust import MAX_ROOTS
from tamizdat.wire import Role
from tests.unit.signing.paper import Newsroom
from tests.unit.signing.test_trust import begin, begun, changed, refusal, signed

LONGEST_BASE = 500


async def test_as_many_roots_are_followed_and_not_one_more(room: Newsroom) -> None:
    trust = begin(room)
    await room.rotate("release-2")
    second = room.roots[1]

    short = replace(trust, roots=trust.roots * (MAX_ROOTS - 1), sealed=trust.sealed)
    long = replace(trust, roots=trust.roots * MAX_ROOTS, sealed=trust.sealed)

    assert len(short.next_root(second).roots) == MAX_ROOTS
    assert refusal(lambda: long.next_root(second)) == "6.2"


def test_a_base_of_the_longest_is_let_in_and_one_letter_more_is_not(room: Newsroom) -> None:
    trust = begin(room)
    here = trust.here(room.published[2].here)
    longest = "https://x/".ljust(LONGEST_BASE - 1, "a") + "/"

    good = changed(room, here, "mirrors", base=longest)
    wrong = changed(room, here, "mirrors", base=longest[:-1] + "a/")

    assert len(longest) == LONGEST_BASE
    assert trust.here(good).base == longest
    assert refusal(lambda: trust.here(wrong)) == "3.10"


async def test_an_edition_lacks_signatures_by_the_root_of_its_time(room: Newsroom) -> None:
    first = begin(room)
    body = room.root_body(version=2)
    pens = [room.pen(name) for name in ("release", "release-b")]
    role = Role(keys=tuple(pen.fingerprint for pen in pens), threshold=2)
    keys = body.keys | {pen.fingerprint: pen.key for pen in pens}
    second = replace(body, keys=keys, roles=body.roles | {"release": role})
    trust = first.next_root(signed(room, second.encode(), "root-a", "root-b"))
    edition = room.published[2].edition
    removal = replace(edition, manifest=replace(edition.manifest, removal=True))

    assert not trust.is_lone(removal, None, before=True)
    assert trust.is_lone(removal, None)  # formats 5.7


def test_a_clock_may_be_a_day_slow_and_not_a_second_more(room: Newsroom) -> None:
    pointer = room.published[2].pointer.pointer
    manifest = room.published[2].edition.manifest
    slow = pointer.issued - timedelta(days=1)  # formats 6.4

    assert begin(room, slow).fresh(pointer, manifest)
    assert not begin(room, slow - timedelta(seconds=1)).fresh(pointer, manifest)


def test_a_clock_is_slow_beside_the_later_of_pointer_and_manifest(room: Newsroom) -> None:
    pointer = room.published[2].pointer.pointer
    manifest = room.published[2].edition.manifest
    later = pointer.issued + timedelta(hours=5)
    trust = begin(room, later - timedelta(days=1, seconds=1))

    assert trust.fresh(pointer, manifest)
    assert not trust.fresh(replace(pointer, issued=later), manifest)
    assert not trust.fresh(pointer, replace(manifest, issued=later))


def test_an_edition_that_goes_away_asks_no_role_of_its_root(room: Newsroom) -> None:
    trust = begin(room)
    roles = dict(trust.root.roles)
    del roles["release"]
    bare = replace(trust, roots=(replace(trust.root, roles=roles),))
    sealed = replace(room.published[1].edition.sealed, signatures=())
    named = room.published[2].edition.manifest.prev

    assert named
    assert bare.manifest_before(sealed, named, partly=True).edition == 2  # formats 4.5


def test_a_role_may_name_every_key(room: Newsroom) -> None:
    body = room.root_body()
    every = replace(body, roles=body.roles | {"root": Role(keys=tuple(body.keys), threshold=2)})
    sealed = signed(room, every.encode(), "root-a", "root-b")

    assert begun(sealed).root.roles["root"].keys == tuple(body.keys)


def test_a_key_with_no_last_edition_counts_for_no_slip(room: Newsroom) -> None:
    trust = begin(room)
    key = room.pen("release").fingerprint
    listed = trust.withdrawn(room.lists[1], None, State(root_id=room.root_id))
    stolen = replace(listed, keys=(key,), last={key: None})

    assert stolen.distrusted(listed.issued - timedelta(days=9)) == {key}  # formats 5.6
    assert stolen.distrusted(listed.issued, room.published[2].edition.sealed.sha256) == {key}
