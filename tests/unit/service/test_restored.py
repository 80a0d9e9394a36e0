"""What a restored ledger has yet to learn, and what it tells of texts that it does not know."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.backup.losses import Losses, article_of, buried, losses
from service.backup.restored import Asking, Holding, read, restored_at, written
from tamizdat.article import ArticleId
from tamizdat.digest import digest
from tamizdat.edition import Stamp
from tamizdat.ledgers import Record
from tamizdat.wire import Shard

AT = datetime(2026, 11, 23, 18, 2, 11, tzinfo=UTC)
HERON, CRANE, STORK, SWIFT = (ArticleId(sign * 13) for sign in "abcd")
STATES = [
    None,
    Asking(created="2026-11-23T18:02:11Z"),
    Asking(created="2026-11-23T18:02:11Z", edition=0, build=""),
    Asking(created="2026-11-23T18:02:11Z", edition=41, build=digest(b"build")),
    Holding(texts={}),
    Holding(texts={HERON: 1, CRANE: 12}),
]


@pytest.mark.parametrize("state", STATES)
def test_the_fact_is_read_as_it_was_written(state: Asking | Holding | None) -> None:
    assert read(written(state)) == state


def test_a_restore_leaves_a_question() -> None:
    assert read(restored_at(AT)) == Asking(created="2026-11-23T18:02:11Z")


def test_a_ledger_that_was_never_restored_asks_nothing() -> None:
    assert read(None) is None


def path(article: ArticleId) -> str:
    return f"en/2026/{article}.html"


def page(text: bytes) -> Stamp:
    return Stamp(digest(text), len(text))


def record(article: ArticleId, text: bytes | None) -> Record:
    return Record(
        id=article,
        revision=1,
        language="en",
        section=None,
        published=AT,
        text=digest(b"text"),
        page=page(text) if text else None,
        entry=None,
        withdrawn=None,
    )


FILES = {
    path(HERON): page(b"heron"),
    path(CRANE): page(b"crane, corrected"),
    path(STORK): page(b"stork"),
    "en/index.html": page(b"front"),
    "o/aa/aa.jpg": page(b"picture"),
}
KNOWN = {HERON: record(HERON, b"heron"), CRANE: record(CRANE, b"crane"), SWIFT: record(SWIFT, b"")}


def test_what_is_not_known_and_what_is_older_is_told_apart() -> None:
    lost = losses(FILES, KNOWN, (), comparable=True)

    assert lost == Losses(unknown=(path(STORK),), older={CRANE: path(CRANE)})
    assert lost.paths == (path(STORK), path(CRANE))


def test_what_was_withdrawn_is_not_lost() -> None:
    assert losses(FILES, KNOWN, {STORK, CRANE}, comparable=True) == Losses(older={})


def test_pages_that_were_rendered_otherwise_tell_nothing_of_texts() -> None:
    assert losses(FILES, KNOWN, (), comparable=False) == Losses(unknown=(path(STORK),), older=None)


def test_what_was_never_shown_or_is_withdrawn_here_is_not_older() -> None:
    known = {
        HERON: record(HERON, None),
        CRANE: replace(record(CRANE, b"crane"), withdrawn=AT),
        STORK: record(STORK, b"stork"),
    }

    assert losses(FILES, known, (), comparable=True) == Losses(older={})


def test_only_the_page_of_an_article_is_one() -> None:
    assert article_of(path(HERON)) == HERON
    assert article_of("en/withdrawn.html") is None
    assert article_of(f"en/2026/{HERON}.htm") is None


def test_nothing_lost_has_no_paths() -> None:
    assert Losses().paths == ()


SHARDS = [
    Shard(key="front", files=(("index.html", 1, digest(b"")),)),
    Shard(key="fa/2024", files=((f"fa/2024/{CRANE}.html", 1, digest(b"")),)),
    Shard(key="ru/2026-05", files=((f"ru/2026/{HERON}.html", 1, digest(b"")),)),
]
BURIED = [
    (HERON, "ru", datetime(2026, 5, 1, tzinfo=UTC)),
    (CRANE, "fa", datetime(2024, 1, 1, tzinfo=UTC)),
    (STORK, "en", datetime(2026, 11, 1, tzinfo=UTC)),
]


@pytest.mark.parametrize(("article", "language", "month"), BURIED)
def test_what_was_withdrawn_unknown_is_buried_where_its_notice_lies(
    article: ArticleId, language: str, month: datetime
) -> None:
    made = buried(article, AT, SHARDS, "en")

    assert (made.language, made.published, made.withdrawn) == (language, month, AT)
    assert (made.text, made.page, made.section) == (None, None, None)
