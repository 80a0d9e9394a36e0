"""Cost follows the change: the same deeds in an archive of 1,040 articles and in one of 10,040.

Both spread over the same languages, sections and months, and their lists are equally long modulo
the length of a page, so whatever differs grows with the archive. `make bench` prints the figures.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from feeds import places
from feeds.sharding import files_of
from mirror.changes import FRONT
from mirror.push import SAMPLED_SHARDS, SAMPLES
from service.composing import compose
from service.founding import found
from service.newsroom import Newsroom
from service.pipeline import publish
from service.stories.importing import to_record
from service.tried import NAMES
from tamizdat.edition import SealedEdition
from tamizdat.placement import MirrorId
from tests.kit.archive import LANGUAGES, archive
from tests.kit.course import DEEDS, Course, Deed, counted, newest, rebuild, run
from tests.kit.tally import Counter

FEW, SMALL, LARGE = 240, 1_040, 10_040
EDITIONS = 12
MORE = 2
"""Files by which the deeds may differ: a page may stand in another shard of lists."""

SIGNED, LOOKS = 6, 13
"""LOOKS: read back, and four that are read first, in case somebody else signed them."""

PER_MIRROR = 25
"""Writes of a release: page, two lists, front, section front, feeds, shards, and what is signed."""

CARDS = 50
"""Blobs more that may be read: where lists are short, a page and a front show the same cards."""

ALIKE = 0.10
UNSTEADY = 20
"""Hundreds of instructions that SQLite now and then counts otherwise; a scan takes more."""

FOLLOWS = ("release", "correction", "withdrawal")
WITHDRAWN_LIST = {"release": 0, "correction": 0, "withdrawal": 2}
"""Beside the six, a withdrawal puts the list of withdrawals and its signature."""

ASKED_AGAIN = {"release": 0, "correction": 0, "withdrawal": 1}
"""Only what a withdrawal deletes is asked for again."""


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Course]:
    """Both archives; the large one is not rendered twice, which takes long and tells no more."""
    place = tmp_path_factory.mktemp("cost")
    made = {count: run(place / str(count), count, DEEDS) for count in (SMALL, LARGE)}
    Console(width=132).print(_table(made))
    return made


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Deed:
    """Everything in a small archive rendered a second time."""
    return run(tmp_path_factory.mktemp("again") / "room", FEW, {"rebuild": rebuild}).deeds[
        "rebuild"
    ]


@pytest.mark.parametrize("name", FOLLOWS)
def test_writes_follow_the_change(courses: Mapping[int, Course], name: str) -> None:
    small, large = (courses[count].deeds[name] for count in (SMALL, LARGE))

    assert abs(large.changed_files - small.changed_files) <= MORE
    assert abs(large.tally.blobs_written - small.tally.blobs_written) <= MORE
    for mirror, traffic in large.tally.mirrors.items():
        before = small.tally.mirrors[mirror]
        assert abs(len(traffic.put) - len(before.put)) <= MORE
        assert abs(traffic.read - before.read) <= MORE
        assert traffic.deleted - before.deleted <= MORE
        assert traffic.bytes_put - traffic.shard_bytes_put == pytest.approx(
            before.bytes_put - before.shard_bytes_put, rel=ALIKE
        )


@pytest.mark.parametrize("name", FOLLOWS)
def test_reads_follow_the_change(courses: Mapping[int, Course], name: str) -> None:
    small, large = (courses[count].deeds[name].tally for count in (SMALL, LARGE))
    # summed over mirrors, each of which draws shards to sample pages from, and signed files
    apart = (SAMPLED_SHARDS + SAMPLES // 2 + MORE) * len(large.mirrors)

    assert large.rows == small.rows
    assert large.work <= small.work * (1 + 2 * ALIKE) + UNSTEADY
    assert large.shards_read <= small.shards_read + apart
    assert large.blobs_read <= small.blobs_read + CARDS


@pytest.mark.parametrize("name", FOLLOWS)
@pytest.mark.parametrize("count", [SMALL, LARGE])
def test_a_publish_keeps_to_its_budget(
    courses: Mapping[int, Course], count: int, name: str
) -> None:
    deed = courses[count].deeds[name]
    owed = deed.changed_files + deed.touched_shards + SIGNED + WITHDRAWN_LIST[name]

    assert not deed.placed.refusals
    assert len(deed.placed.placements) == len(deed.tally.mirrors)
    for traffic in deed.tally.mirrors.values():
        assert len(traffic.put) <= owed
        assert traffic.read <= owed + LOOKS + ASKED_AGAIN[name] * traffic.deleted


def test_a_release_is_some_twenty_small_writes(courses: Mapping[int, Course]) -> None:
    for course in courses.values():
        for traffic in course.deeds["release"].tally.mirrors.values():
            assert len(traffic.put) <= PER_MIRROR
            assert traffic.bytes_put < 500_000


def test_all_bytes_of_a_release_are_alike(courses: Mapping[int, Course]) -> None:
    small, large = (courses[count].deeds["release"].tally.most for count in (SMALL, LARGE))

    assert large.bytes_put == pytest.approx(small.bytes_put, rel=ALIKE)


def test_a_publish_without_a_change_asks_for_the_pointer_only(
    courses: Mapping[int, Course],
) -> None:
    small, large = (courses[count].deeds["nothing"].tally for count in (SMALL, LARGE))

    assert [one.requests for one in large.mirrors.values()] == [1, 1]
    assert [one.read for one in large.mirrors.values()] == [1, 1]
    assert large.blobs_written == 0
    assert (large.rows, large.blobs_read) == (small.rows, small.blobs_read)


def test_the_same_bytes_rendered_again_move_no_page(again: Deed) -> None:
    assert (again.changed_files, again.touched_shards, again.tally.blobs_written) == (0, 0, 0)
    assert again.tally.blobs_read > FEW
    for traffic in again.tally.mirrors.values():
        signed = [path for path in traffic.put if path.startswith(("e/", "here.", "latest."))]
        assert sorted(traffic.put) == sorted(signed)
        assert len(signed) == SIGNED


def test_withdrawing_a_picture_reads_no_more_pages_than_its_shard_lists(
    courses: Mapping[int, Course],
) -> None:
    """Whether another article shows the picture is asked of the pages of one year."""
    plain, pictured = (courses[LARGE].deeds[name] for name in ("withdrawal", "of a picture"))
    in_a_year = LARGE / len(LANGUAGES) * 366 / 660

    assert pictured.tally.rows <= plain.tally.rows + 2
    assert pictured.tally.blobs_read <= plain.tally.blobs_read + in_a_year + 100


async def test_an_archive_grown_by_editions_equals_one_made_at_once(tmp_path: Path) -> None:
    for name in ("once", "grown"):
        await found(tmp_path / name, "The Lantern", LANGUAGES, mirrors=("amber",))
    async with (
        counted(tmp_path / "once", Counter()) as once,
        counted(tmp_path / "grown", Counter()) as room,
    ):
        grown = replace(room, keys=once.keys)

        one = await _composed(once, FEW, FEW)
        other = await _composed(grown, FEW, 77)

        assert other.number > one.number
        assert _shards(other) == _shards(one)
        assert _pages(grown, other) == _pages(once, one)


async def test_what_is_remembered_of_a_mirror_does_not_grow_with_its_editions(
    tmp_path: Path,
) -> None:
    await found(tmp_path / "room", "The Lantern", LANGUAGES, mirrors=("amber",))
    counter = Counter()
    deletes, remembered = [], []
    async with counted(tmp_path / "room", counter) as room:
        for article in archive(EDITIONS):
            await room.ledgers.articles.release([await to_record(room, article)])
            await publish(room)
            deletes.append(counter.take().most.deleted)
            remembered.append(len(await room.ledgers.pool.placed(MirrorId("memory"))))

    assert remembered[-1] == remembered[1] == 2 * len(NAMES)
    assert max(deletes[EDITIONS // 2 :]) <= max(deletes[: EDITIONS // 2]) + MORE


async def _composed(room: Newsroom, count: int, step: int) -> SealedEdition:
    records = [await to_record(room, article) for article in archive(count)]
    for first in range(0, count, step):
        await room.ledgers.articles.release(records[first : first + step])
        await compose(room)
    return await newest(room)


def _shards(edition: SealedEdition) -> Mapping[str, str]:
    return {one.key: one.sha256 for one in edition.manifest.shards if one.key != FRONT}


def _pages(room: Newsroom, edition: SealedEdition) -> Mapping[str, object]:
    """All files, but for the page that names bundles: those are signed anew each time."""
    found = dict(files_of(edition.manifest.shards, room.blobs))
    del found[places.BUNDLES]
    return found


def _table(made: Mapping[int, Course]) -> Table:
    heads = "deed|articles|seconds|blobs new|read|KB read|rows|work|puts|KB put|looks|deletes"
    shown = Table(title="what one publish costs (requests: at the mirror that was asked most)")
    for head in heads.split("|"):
        shown.add_column(head, justify="right")
    for count, one in made.items():
        shown.add_row("first", f"{count:,}", f"{one.build:.2f}", f"{one.memory:.0f} MB peak")
    for name in DEEDS:
        for count, one in made.items():
            if name in one.deeds:
                shown.add_row(name, f"{count:,}", *_row(one.deeds[name]))
    return shown


def _row(deed: Deed) -> list[str]:
    tally, most = deed.tally, deed.tally.most
    numbers = (
        tally.blobs_written,
        tally.blobs_read,
        tally.bytes_read // 1000,
        tally.rows,
        tally.work,
        len(most.put),
        most.bytes_put // 1000,
        most.read,
        most.deleted,
    )
    return [f"{deed.seconds:.3f}", *(f"{number:,}" for number in numbers)]
