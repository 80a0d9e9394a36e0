"""A push to a mirror in memory: what is put, in which order, and what is found out."""

from dataclasses import replace
from random import Random

import pytest

from mirror.changes import Changes
from mirror.memory import Memory
from mirror.push import addressed, current, push
from mirror.shelf import Shelf
from mirror.steps import steps
from tamizdat.digest import digest
from tamizdat.placement import Placement, Refusal
from tests.unit.mirror.paper import BASE, Clock, Piece, address, mirror, sealed
from tests.unit.mirror.room import FIRST, PIECES, SECOND, THIRD, Cutting, Room, Stubborn
from tests.unit.mirror.tree import expected

NO_CHANGES = Changes(added={}, changed={}, shards=(), bundles=())


@pytest.fixture
def room() -> Room:
    room = Room()
    room.paper.publish(PIECES)
    return room


async def test_a_first_push_lays_everything_and_reads_it_back(room: Room) -> None:
    target = room.paper.target()

    outcome = await room.push(target)

    assert isinstance(outcome, Placement)
    assert (outcome.edition, outcome.url) == (1, BASE)
    assert room.memory.files == expected(target, room.paper.blobs)
    assert outcome.writes == len(room.memory.files)
    assert outcome.readbacks <= outcome.writes + 9


async def test_the_order_is_that_of_the_formats(room: Room) -> None:
    await room.push(room.paper.target())

    puts = room.memory.puts()
    order = [
        puts.index(path)
        for path in (
            "root/1.json",
            "e/1/manifest.json",
            next(path for path in puts if path.startswith("s/")),
            next(path for path in puts if path.startswith("o/")),
            address(FIRST, PIECES[FIRST]),
            "withdrawn.json",
            "en/lists/1.html",
            "en/s-war/index.html",
            "here.json",
            "bundles.html",
            "en/index.html",
            "index.html",
            "latest.json",
        )
    ]  # formats 4.1
    assert order == sorted(order)


@pytest.mark.parametrize(
    "path", ["e/1/manifest.json", "here.json", "withdrawn.json", "latest.json"]
)
async def test_a_signature_is_put_before_its_file(room: Room, path: str) -> None:
    await room.push(room.paper.target())

    puts = room.memory.puts()
    signature = next(one for one in puts if one.startswith(f"{path}.") and one.endswith(".asc"))
    assert puts.index(signature) < puts.index(path)  # formats 2.2, 4.1


async def test_hint_files_are_put_after_here_their_signatures_first(room: Room) -> None:
    path = "hints/0a1b2c3d.json"
    target = replace(room.paper.target(), hints={path: sealed(b"hints")})

    await room.push(target)

    puts = room.memory.puts()
    signature = next(one for one in puts if one.startswith(f"{path}."))
    assert puts.index("here.json") < puts.index(signature) < puts.index(path)  # formats 4.1
    assert puts.index(path) < puts.index("index.html")


@pytest.mark.parametrize(("hinted", "put"), [(b"hints", False), (b"others", True)])
async def test_a_hint_file_that_was_read_back_is_not_put_again(
    room: Room, hinted: bytes, *, put: bool
) -> None:
    target = replace(room.paper.target(), hints={"hints/0a1b2c3d.json": sealed(b"hints")})

    planned = steps(NO_CHANGES, target, feeds={}, hinted={digest(hinted)})

    assert any("hints/" in one.path for step in planned for one in step.puts) is put


async def test_the_pointer_is_put_when_all_else_was_read_back(room: Room) -> None:
    await room.push(room.paper.target())

    asked = room.memory.asked
    first = next(n for n, (verb, _) in enumerate(asked) if verb == "put")
    at = asked.index(("put", "latest.json"))
    read = {path for verb, path in asked[first:at] if verb == "fetch"}
    assert read == room.memory.files.keys() - {"latest.json"}


async def test_one_new_article_costs_a_few_writes(room: Room) -> None:
    await room.push(room.paper.target())
    room.paper.publish({**PIECES, THIRD: Piece("2025-02", "three")})
    target = room.paper.target()

    outcome = await room.push(target)

    assert isinstance(outcome, Placement)
    changed = {"en/2025/cbcdefghijkl2.html", "en/lists/1.html", "en/index.html", "en/atom.xml"}
    changed |= {"bundles.html"} | {path for path in room.memory.puts() if path.startswith("b/")}
    shards = [path for path in room.memory.puts() if path.startswith("s/")]
    assert len(shards) == 3
    assert set(room.memory.puts()) >= changed
    assert outcome.writes <= len(changed) + len(shards) + 6  # FORMATS 4
    assert outcome.readbacks <= outcome.writes + 9


async def test_a_new_pointer_alone_costs_no_page(room: Room) -> None:
    await room.push(room.paper.target())
    target = room.paper.target()

    outcome = await room.push(target)

    assert isinstance(outcome, Placement)
    assert outcome.writes == 4
    assert {path.partition(".")[0] for path in room.memory.puts()} == {"here", "latest"}


async def test_a_lagging_mirror_gets_the_manifests_between(room: Room) -> None:
    await room.push(room.paper.target())
    for text in ("two", "three", "four"):
        room.paper.publish({**PIECES, THIRD: Piece("2025-02", text)})
    target = room.paper.target()

    await room.push(target)

    manifests = [path for path in room.memory.puts() if path.endswith("manifest.json")]
    assert manifests == ["e/2/manifest.json", "e/3/manifest.json", "e/4/manifest.json"]
    assert ("delete", "latest.json") not in room.memory.asked


@pytest.mark.parametrize("base", [BASE, None])
async def test_feeds_bear_the_address_of_their_mirror(room: Room, base: str | None) -> None:
    await room.push(room.paper.target(base=base))

    feed = room.memory.files["en/atom.xml"].decode()
    assert feed.startswith(f"<id>{base or 'https://here.invalid/'}en/2025/")  # formats 3.9


async def test_a_new_address_renews_the_feeds_and_nothing_else(room: Room) -> None:
    await room.push(room.paper.target())

    await room.push(room.paper.target(base="https://two.example/"))

    assert b"https://two.example/en/2025/" in room.memory.files["en/atom.xml"]
    puts = [path for path in room.memory.puts() if not path.endswith(".asc")]
    assert puts == ["en/atom.xml", "here.json", "en/atom.xml", "latest.json"]


def test_a_feed_that_names_its_mirror_itself_keeps_the_placeholder() -> None:
    body = b"<id>https://here.invalid/a</id> as seen on https://one.example/paper/"

    assert addressed(body, BASE) == body  # formats 3.9


async def test_ways_are_put_only_where_they_changed(room: Room) -> None:
    await room.push(room.paper.target(ways="ways"))

    await room.push(room.paper.target(ways="ways"))
    same = "ways.html" in room.memory.puts()
    await room.push(room.paper.target(ways="other ways", before="ways"))

    assert not same
    assert "ways.html" in room.memory.puts()


async def test_progress_counts_to_the_end(room: Room) -> None:
    counted: list[tuple[int, int]] = []

    await push(
        mirror(),
        room.memory,
        room.memory,
        room.paper.target(),
        lying=(),
        placed=(),
        shelf=Shelf(room.paper.blobs),
        clock=Clock(),
        random=Random(1),  # noqa: S311
        progress=lambda done, total: counted.append((done, total)),
    )

    assert counted[0] == (0, len(room.memory.files))
    assert counted[-1] == (len(room.memory.files), len(room.memory.files))


async def test_a_mirror_that_cuts_files_is_refused_and_never_points(room: Room) -> None:
    room.memory = Cutting()

    outcome = await room.push(room.paper.target())

    assert isinstance(outcome, Refusal)
    assert ".html: comes back cut to " in outcome.detail
    assert "latest.json" not in room.memory.files


async def test_a_mirror_that_serves_old_bytes_is_refused(room: Room) -> None:
    room.memory = Stubborn()
    await room.push(room.paper.target())
    room.paper.publish({FIRST: Piece("2025-01", "one, but corrected"), SECOND: PIECES[SECOND]})

    outcome = await room.push(room.paper.target())

    assert isinstance(outcome, Refusal)
    assert outcome.detail.startswith(f"{address(FIRST, PIECES[FIRST])}: comes back")


async def test_drift_is_found_in_files_that_were_not_written(room: Room) -> None:
    await room.push(room.paper.target())
    for path in room.memory.files:
        if path.startswith(("en/", "o/", "s/", "b/")):
            room.memory.files[path] = b"something else"

    outcome = await room.push(room.paper.target())

    assert isinstance(outcome, Refusal)
    assert "other bytes" in outcome.detail or "cut" in outcome.detail


async def test_a_blob_that_is_gone_refuses_without_a_retry(room: Room) -> None:
    target = room.paper.target()
    room.paper.blobs.keep_only([one.sha256 for one in target.edition.manifest.shards])

    outcome = await room.push(target)

    assert isinstance(outcome, Refusal)
    assert not outcome.retry


async def test_current_is_one_request(room: Room) -> None:
    target = room.paper.target()
    await room.push(target)
    room.memory.asked.clear()

    assert await current(room.memory, target)
    assert not await current(room.memory, room.paper.target())
    assert room.memory.asked == [("fetch", "latest.json")] * 2


async def test_several_mirrors_share_what_was_read(room: Room) -> None:
    target, shelf = room.paper.target(), Shelf(room.paper.blobs)
    room.paper.blobs.reads.clear()

    for name in ("one", "two", "three"):
        memory = Memory()
        await push(
            mirror(name),
            memory,
            memory,
            target,
            lying=(),
            placed=(),
            shelf=shelf,
            clock=Clock(),
            random=Random(1),  # noqa: S311
        )

    assert len(room.paper.blobs.reads) == len(set(room.paper.blobs.reads))
