"""Sharding: what is touched is written anew, the rest is taken over by digest."""

from datetime import UTC, datetime

from feeds.composer import Pages, article_shard, list_shard, page_number
from feeds.sharding import files_of, reshard
from store.blobs import MemoryBlobs
from tamizdat.article import ArticleId
from tamizdat.edition import Stamp
from tamizdat.ledgers import Record
from tamizdat.wire import ShardRef

YEAR = 2026


def stamp(blobs: MemoryBlobs, text: str) -> Stamp:
    return Stamp(blobs.write(text.encode()), len(text))


def pages(**put: dict[str, Stamp]) -> Pages:
    made = Pages()
    for key, files in put.items():
        made.put[key.replace("__", "/").replace("_", "-")].update(files)
    return made


def record(published: datetime) -> Record:
    return Record(
        id=ArticleId("abcdefghij234"),
        revision=1,
        language="en",
        section=None,
        published=published,
        text=None,
        page=None,
        entry=None,
        withdrawn=None,
    )


def keys(shards: tuple[ShardRef, ...]) -> list[str]:
    return [shard.key for shard in shards]


def test_an_article_lies_in_its_month_while_the_year_lasts_and_then_in_its_year() -> None:
    one = record(datetime(2025, 3, 9, tzinfo=UTC))

    assert article_shard(one, 2025) == "en/2025-03"
    assert article_shard(one, 2026) == "en/2025"


def test_list_pages_are_sharded_by_sixteen() -> None:
    assert [list_shard("en", number) for number in (1, 16, 17)] == [
        "en/lists/0",
        "en/lists/0",
        "en/lists/1",
    ]
    assert [page_number(position) for position in (1, 50, 51)] == [1, 1, 2]


def test_an_untouched_shard_is_taken_over_by_digest() -> None:
    blobs = MemoryBlobs()
    first = reshard(
        (),
        pages(
            en__2026_01={"en/2026/a.html": stamp(blobs, "a")},
            en__2026_02={"en/2026/b.html": stamp(blobs, "b")},
        ),
        blobs,
        YEAR,
    )

    second = reshard(first, pages(en__2026_02={"en/2026/b.html": stamp(blobs, "b2")}), blobs, YEAR)

    assert keys(second) == ["en/2026-01", "en/2026-02"]
    assert second[0] == first[0]
    assert files_of(second, blobs)["en/2026/b.html"] == stamp(blobs, "b2")


def test_months_are_folded_once_their_year_is_over() -> None:
    blobs = MemoryBlobs()
    first = reshard(
        (),
        pages(
            en__2026_01={"en/2026/a.html": stamp(blobs, "a")},
            en__2026_02={"en/2026/b.html": stamp(blobs, "b")},
            front={"index.html": stamp(blobs, "i")},
        ),
        blobs,
        YEAR,
    )

    second = reshard(first, pages(front={"index.html": stamp(blobs, "j")}), blobs, YEAR + 1)

    assert keys(second) == ["en/2026", "front"]
    assert set(files_of(second, blobs)) == {"en/2026/a.html", "en/2026/b.html", "index.html"}


def test_a_folded_year_stays_folded_where_the_clock_goes_back() -> None:
    blobs = MemoryBlobs()
    first = reshard((), pages(en__2026={"en/2026/a.html": stamp(blobs, "a")}), blobs, YEAR + 1)

    second = reshard(first, pages(en__2026_02={"en/2026/b.html": stamp(blobs, "b")}), blobs, YEAR)

    assert keys(second) == ["en/2026"]
    assert set(files_of(second, blobs)) == {"en/2026/a.html", "en/2026/b.html"}


def page_with(blobs: MemoryBlobs, *pictures: str) -> tuple[Stamp, dict[str, Stamp]]:
    found = {}
    for name in pictures:
        picture = stamp(blobs, name)
        found[f"o/{picture.sha256[:2]}/{picture.sha256}.jpg"] = picture
    return stamp(blobs, "page " + " ".join(found)), found


def test_a_picture_that_only_the_old_revision_used_is_dropped() -> None:
    blobs = MemoryBlobs()
    old, both = page_with(blobs, "dropped", "kept")
    other, shared = page_with(blobs, "kept")
    first = pages(en__2026_01={"en/2026/a.html": old, "en/2026/b.html": other, **both})
    first.articles["en/2026-01"].append("en/2026/a.html")
    before = reshard((), first, blobs, YEAR)

    change = pages(en__2026_01={"en/2026/a.html": stamp(blobs, "without pictures")})
    change.articles["en/2026-01"].append("en/2026/a.html")
    after = reshard(before, change, blobs, YEAR)

    objects = {path for path in files_of(after, blobs) if path.startswith("o/")}
    assert objects == set(shared)


def test_a_page_that_was_swept_away_names_no_pictures() -> None:
    blobs = MemoryBlobs()
    old, objects = page_with(blobs, "picture")
    first = pages(en__2026_01={"en/2026/a.html": old, **objects})
    before = reshard((), first, blobs, YEAR)
    blobs.keep_only({ref.sha256 for ref in before})

    change = pages(en__2026_01={"en/2026/a.html": stamp(blobs, "new")})
    change.articles["en/2026-01"].append("en/2026/a.html")
    after = reshard(before, change, blobs, YEAR)

    assert set(objects) <= set(files_of(after, blobs))


def test_a_front_that_is_gone_leaves_its_shard_and_an_empty_shard_leaves_the_manifest() -> None:
    blobs = MemoryBlobs()
    first = pages(
        front={"en/s-town/index.html": stamp(blobs, "s"), "index.html": stamp(blobs, "i")}
    )
    first.put["en/lists/0"]["en/s-town/1.html"] = stamp(blobs, "l")
    before = reshard((), first, blobs, YEAR)

    change = Pages()
    change.gone.update({"en/s-town/index.html", "en/s-town/1.html"})
    after = reshard(before, change, blobs, YEAR)

    assert keys(after) == ["front"]
    assert set(files_of(after, blobs)) == {"index.html"}
