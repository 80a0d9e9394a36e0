from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from signing import account, head
from signing.account import Account, Stamps
from signing.head import Head
from signing.sources import FolderSource
from signing.state import State
from tamizdat import paths
from tamizdat.edition import MAX_FILE, Stamp
from tamizdat.errors import FormatError
from tests.unit.signing.paper import BASE, NOTICE, Newsroom, complete, lay, writes

OLD, OWN, NEW = (account.stamp(word) for word in (b"old", b"own", b"new"))
NOTED = account.stamp(NOTICE)
GONE = "en/2026/bbbbbbbbbbbbb.html"
FEED, PAGE = "en/atom.xml", "en/index.html"


def made(
    *,
    current: Mapping[str, Stamp] | None = None,
    later: Stamps | None = None,
    earlier: Stamps | None = None,
    ways: frozenset[Stamp] = frozenset(),
    base: str | None = BASE,
) -> Account:
    return Account(
        current=current or {},
        later=later or {},
        earlier=earlier or {},
        notices={"en": frozenset({NOTED})},
        gone=frozenset({"bbbbbbbbbbbbb"}),
        ways=ways,
        base=base,
    )


def refusal(call: Callable[..., object], *arguments: object) -> str:
    try:
        call(*arguments)
    except FormatError as error:
        return error.clause
    return ""


ALL = made(
    current={"own": OWN, "both": OWN, "kept": OWN},
    later={"both": frozenset({NEW}), "new": frozenset({NEW})},
    earlier={"old": frozenset({OLD}), "kept": frozenset({OLD})},
    ways=frozenset({OWN}),
)
JUDGED = [
    # the path   what lies there   the clause that refuses it
    ("own", OWN, ""),
    ("own", OLD, "4.3"),
    ("own", None, "4.4"),
    ("both", OWN, ""),
    ("both", NEW, ""),
    ("both", OLD, "4.3"),
    ("both", None, "4.4"),
    ("kept", OLD, "4.3"),
    ("new", NEW, ""),
    ("new", OWN, "4.3"),
    ("new", None, ""),
    ("old", OLD, ""),
    ("old", OWN, "4.9"),
    ("old", None, ""),
    ("ways.html", OWN, ""),
    ("ways.html", OLD, "4.3"),
    ("ways.html", None, "4.4"),
    (GONE, NOTED, ""),
    (GONE, OWN, "5.3"),
    ("fa/2026/bbbbbbbbbbbbb.html", NOTED, "5.3"),
    ("en/more/2026/bbbbbbbbbbbbb.html", OWN, "4.3"),
]


@pytest.mark.parametrize(("path", "found", "clause"), JUDGED)
def test_a_file_is_judged_by_the_editions_that_name_it(
    path: str, found: Stamp | None, clause: str
) -> None:
    assert refusal(ALL.judge, path, found) == clause


def test_what_an_edition_names_is_known() -> None:
    assert [path for path in ("own", "new", "old", "ways.html") if not ALL.knows(path)] == []
    assert not ALL.knows("evil.html")
    assert not made().knows("ways.html")  # formats 4.6: without here.json it belongs to nothing


def test_a_feed_is_read_as_it_was_stamped() -> None:
    stamped = f"<feed>{paths.PLACEHOLDER}a {paths.PLACEHOLDER}</feed>".encode()
    based = stamped.replace(paths.PLACEHOLDER.encode(), BASE.encode())
    mixed = based + paths.PLACEHOLDER.encode()

    assert made().as_stamped(FEED, based) == stamped
    assert made().as_stamped(FEED, stamped) == stamped
    assert made().as_stamped(FEED, mixed) == mixed  # formats 3.9: all of them or none
    assert made().as_stamped(PAGE, based) == based
    assert made(base=None).as_stamped(FEED, based) == based


def test_a_feed_may_be_as_long_as_its_base_makes_it() -> None:
    placeholder = paths.PLACEHOLDER.encode()
    long = "https://a.example/" + "x" * 200 + "/"
    some = [Stamp(OWN.sha256, len(placeholder) * count) for count in (1, 3)]

    for base in (BASE, long, "http://a/"):
        grown = len((placeholder * 3).replace(placeholder, base.encode()))
        assert grown <= account.feed_limit(frozenset(some), base) <= MAX_FILE
    assert account.feed_limit(frozenset({Stamp(OWN.sha256, MAX_FILE)}), BASE) == MAX_FILE
    assert account.feed_limit(frozenset(), BASE) == len(BASE)


async def read(folder: Path, room: Newsroom) -> Head:
    now = room.published[-1].edition.manifest.issued
    return await head.read(FolderSource(folder), room.root_id, now, State(root_id=room.root_id))


async def test_every_file_of_a_copy_is_wanted_up_to_its_length(
    room: Newsroom, tmp_path: Path
) -> None:
    lay(tmp_path, complete(room, 3))
    top = await read(tmp_path, room)
    listed = account.of(top)

    seen = account.wanted(top, listed)
    unseen = account.wanted(replace(top, listing=None), listed)
    large = replace(listed, current={"a": Stamp(OWN.sha256, MAX_FILE + 1)})

    assert seen == unseen
    assert seen.keys() == complete(room, 3).keys() - top.files.keys()
    assert seen[PAGE] == listed.current[PAGE].length
    assert account.wanted(replace(top, listing=None), large)["a"] == MAX_FILE  # formats 3.12


async def test_where_paths_cannot_be_seen_nothing_is_too_many(
    room: Newsroom, tmp_path: Path
) -> None:
    lay(tmp_path, complete(room, 3))
    top = await read(tmp_path, room)
    listed = account.of(top)
    more = replace(top, listing=(top.listing or frozenset()) | {"evil.html"})

    account.refuse_surplus(top, listed)
    account.refuse_surplus(replace(top, listing=None), listed)

    assert refusal(account.refuse_surplus, more, listed) == "4.6"


async def test_editions_are_kept_apart(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path, complete(room, 2))
    lay(tmp_path, writes(room, 3)[:-2])
    top = await read(tmp_path, room)

    listed = account.of(top)

    assert (top.edition, top.newest) == (2, 3)
    assert listed.current[GONE] != NOTED
    assert listed.later[GONE] == {NOTED}
    assert listed.notices == {"en": {NOTED}, "fa": {NOTED}}
    assert listed.base == BASE


def test_one_path_has_one_stamp() -> None:
    once = [("a", OWN), ("b", OLD), ("a", OWN)]

    assert account._one_stamp_each(once) == {"a": OWN, "b": OLD}
    assert refusal(account._one_stamp_each, [*once, ("a", NEW)]) == "3.6"
