from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from signing import ceremony, seal
from signing.root_draft import MAX_DRAFT, Draft, chain
from tamizdat.errors import FormatError, SigningError
from tamizdat.wire import Key, Role, Root
from tests.unit.signing.paper import Newsroom
from tests.unit.signing.pens import Pen

NEW = {pen.fingerprint: pen.key for pen in (Pen("new-a"), Pen("new-b"), Pen("new-c"))}
ONE = dict(list(NEW.items())[:1])


@pytest.fixture
def root() -> Root:
    return Newsroom().root_body()


async def drafted(room: Newsroom) -> Draft:
    await room.found()
    body = room.root_body(version=2).encode()
    return Draft(roots=tuple(room.roots), body=body, certificates="certificates\n")


def roles(now: Root, **changed: Role) -> Root:
    return replace(now, roles={**now.roles, **changed})  # type: ignore[dict-item]


async def test_a_draft_is_carried_whole() -> None:
    room = Newsroom()
    draft = await drafted(room)

    read = Draft.parse(draft.encode(), "next.json")

    assert read == draft
    assert read.root.version == 2
    assert read.before(room.root_body().issued).root == room.root_body()


@pytest.mark.parametrize("body", [b"", b"{}", b'{"type":"root"}', b"x" * (MAX_DRAFT + 1)])
def test_what_is_no_draft_is_refused(body: bytes) -> None:
    with pytest.raises(SigningError, match=r"^next\.json: is"):
        Draft.parse(body, "next.json")


async def test_a_draft_after_false_roots_is_refused() -> None:
    room = Newsroom()
    draft = await drafted(room)
    false = replace(draft.roots[0], signatures=draft.roots[0].signatures[:1])

    with pytest.raises(FormatError, match="has 1 signatures of role root"):
        replace(draft, roots=(false,)).before(room.root_body().issued)


async def test_a_chain_leads_to_its_newest_root() -> None:
    room = await Newsroom().found()
    await room.rotate("release-2")

    assert chain(tuple(room.roots), room.root_body().issued).root.version == 2


def test_a_renewed_root_says_the_same_for_another_year(root: Root) -> None:
    issued = root.issued + timedelta(days=300)

    after = ceremony.renewed(root, issued)

    assert (after.version, after.expires) == (2, issued + seal.ROOT_LIFETIME)
    assert (after.keys, after.roles, after.channel) == (root.keys, root.roles, root.channel)
    ceremony.demand_sound(root, after)


def test_exchanged_keys_are_the_only_ones_of_their_role(root: Root) -> None:
    after = ceremony.exchanged(ceremony.renewed(root, root.issued), "root", NEW)

    assert after.roles["root"] == Role(keys=tuple(NEW), threshold=2)
    assert not set(root.roles["root"].keys) & after.keys.keys()
    ceremony.demand_sound(root, after)


def test_who_releases_also_denies(root: Root) -> None:
    after = ceremony.exchanged(root, "release", ONE)

    assert after.roles["release"].keys == after.roles["denial"].keys == tuple(ONE)


def test_what_a_root_changes_is_told(root: Root) -> None:
    stays = root.roles["root"].keys[1:]
    keys: Mapping[str, Key] = {**{name: root.keys[name] for name in stays}, **NEW}
    after = ceremony.exchanged(ceremony.renewed(root, root.issued), "root", keys, 3)

    told = ceremony.told(root, after)

    assert told[0] == "Root 2 follows root 1. It is issued 2026-11-19T13:00:00Z"
    assert "root: 3 of 5 must sign (before: 2)" in told
    assert [line for line in told if line.startswith("  comes")] == [f"  comes {n}" for n in NEW]
    assert [line for line in told if line.startswith("  goes")] == [
        f"  goes  {root.roles['root'].keys[0]}"
    ]


def test_a_role_that_a_root_leaves_out_is_told(root: Root) -> None:
    bare = replace(root, roles={})

    gone, *_ = ceremony.changes(root, bare)
    new, *_ = ceremony.changes(bare, root)

    assert (gone.goes, gone.threshold) == (root.roles["root"].keys, 0)
    assert (new.comes, new.before) == (root.roles["root"].keys, 0)


UNSOUND: list[tuple[Any, str]] = [
    # what is wrong, what is said
    (lambda r: replace(r, roles={}), "role root has too few keys"),
    (lambda r: roles(r, release=Role(keys=tuple(ONE), threshold=2)), "role release has too few"),
    (lambda r: roles(r, root=Role(keys=r.roles["root"].keys, threshold=1)), "threshold of 2"),
    (lambda r: ceremony.exchanged(r, "timestamp", NEW, 2), "sign with one key"),
    (lambda r: roles(r, mirrors=r.roles["timestamp"]), "keys of their own"),
    (lambda r: replace(r, issued=r.issued - timedelta(days=1)), "the clock"),
    (lambda r: replace(r, expires=r.issued), "800 days"),
    (lambda r: replace(r, expires=r.issued + timedelta(days=801)), "800 days"),
]


@pytest.mark.parametrize(("spoil", "said"), UNSOUND)
def test_a_root_that_no_newsroom_could_live_by_is_refused(
    root: Root, spoil: Any, said: str
) -> None:
    with pytest.raises(SigningError, match=said):
        ceremony.demand_sound(root, spoil(ceremony.renewed(root, root.issued)))
