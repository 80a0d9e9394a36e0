"""Distrust: what a key still signs for, once the newsroom took its trust back."""

from dataclasses import replace
from datetime import timedelta

from signing import seal
from tamizdat.digest import digest
from tamizdat.wire import Previous, Slip, Withdrawn
from tests.unit.signing.paper import START, Newsroom
from tests.unit.signing.test_trust import begin, fresh, refusal


def test_a_distrusted_key_counts_for_nothing_later(room: Newsroom) -> None:
    trust, seen = begin(room), fresh(room)
    edition = room.published[2].edition
    pen = room.pen("release")
    listed = trust.withdrawn(room.lists[1], None, seen)
    early = replace(listed, keys=(pen.fingerprint,), issued=START)
    late = replace(early, issued=edition.manifest.issued)

    assert trust.manifest(edition.sealed, 3, late).edition == 3
    assert refusal(lambda: trust.manifest(edition.sealed, 3, early)) == "2.10"  # formats 5.6


async def test_a_key_with_a_named_last_edition_signs_nothing_else_whatever_its_date(
    room: Newsroom,
) -> None:
    # formats 5.6: a thief dates his forgery before the list
    trust, seen = begin(room), fresh(room)
    pen, last = room.pen("release").fingerprint, room.published[2].edition
    listed = trust.withdrawn(room.lists[1], None, seen)
    late = START + timedelta(days=9)
    old = replace(listed, keys=(pen,), issued=late)
    named = Previous(edition=3, sha256=last.sealed.sha256)
    new = replace(old, last={pen: named})
    never = replace(old, last={pen: None})
    forged = replace(last.manifest, build=digest(b"forged"), issued=START)
    sealed = (await seal.seal_manifest(forged, room.signer("release"))).sealed
    slip = seal.slip(last.manifest, root_version=1, kind="zip", language="en", issued=START)
    passed = await seal.seal(slip.encode(), room.signer("release"))

    assert trust.manifest(sealed, 3, old).edition == 3
    assert trust.manifest(last.sealed, 3, new).edition == 3
    assert refusal(lambda: trust.manifest(sealed, 3, new)) == "2.10"
    assert refusal(lambda: trust.manifest(last.sealed, 3, never)) == "2.10"
    assert refusal(lambda: trust.manifest(room.published[1].edition.sealed, 2, new)) == "2.10"
    assert isinstance(trust.slip(passed, old, "e3.zip"), Slip)
    assert refusal(lambda: trust.slip(passed, new, "e3.zip")) == "2.10"
    assert Withdrawn.parse(new.encode(), "withdrawn.json") == new
    assert b'"last"' not in old.encode()


def test_a_last_edition_of_a_key_that_is_not_distrusted_says_nothing(room: Newsroom) -> None:
    trust, pen = begin(room), room.pen("release").fingerprint
    listed = trust.withdrawn(room.lists[1], None, fresh(room))

    odd = replace(listed, last={pen: None})

    assert trust.manifest(room.published[2].edition.sealed, 3, odd).edition == 3
