"""Which position a released record takes: a decision, without a database."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from store.listings import release, runs
from tamizdat.article import article_id
from tamizdat.digest import digest
from tamizdat.ledgers import Record

KINDS = st.tuples(st.integers(0, 5), st.sampled_from([None, "news", "war"]))


def record(number: int, section: str | None, revision: int = 1) -> Record:
    return Record(
        id=article_id(b"salt", "test", str(number)),
        revision=revision,
        language="ru",
        section=section,
        published=datetime(2026, 3, 14, tzinfo=UTC),
        text=digest(b"text"),
        page=None,
        entry=None,
        withdrawn=None,
    )


def test_an_id_that_comes_again_begins_a_new_run() -> None:
    one, two = record(1, "news"), record(2, "news")

    assert list(runs([one, two, replace(one, revision=2), two])) == [
        (one, two),
        (replace(one, revision=2), two),
    ]
    assert list(runs([])) == []


def test_a_record_without_change_of_section_enters_nothing() -> None:
    before = record(1, "news")

    change = release([record(1, "news", 2)], {before.id: before}, {("ru", ""): 1})

    assert (change.entered, change.left, change.lengths) == ((), (), {})
    assert change.revised == (record(1, "news", 2),)


@given(st.lists(KINDS, max_size=30))
def test_no_position_is_ever_given_twice(kinds: list[tuple[int, str | None]]) -> None:
    records = [record(*kind, revision=n) for n, kind in enumerate(kinds, 1)]
    known: dict[str, Record] = {}
    lengths: dict[tuple[str, str], int] = {}
    given_out: list[tuple[tuple[str, str], int]] = []

    for run in runs(records):
        change = release(run, known, lengths)  # type: ignore[arg-type]
        given_out += [(entry.key, entry.position) for entry in change.entered]
        known |= {one.id: one for one in run}
        lengths |= change.lengths

    assert len(set(given_out)) == len(given_out)
    assert sum(lengths.values()) == len(given_out)
