"""What every ledger of released articles keeps to."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from store.articles import SqlArticles
from store.drafts import SqlDrafts
from store.editions import SqlEditions
from store.engine import Ledger
from tamizdat.digest import digest
from tamizdat.errors import LedgerError
from tests.contract.ledger_values import START, edition, name, released, rendered, revised

LATER = START + timedelta(days=40)


@pytest.fixture
def articles(ledger: Ledger) -> SqlArticles:
    return SqlArticles(ledger)


async def test_a_released_record_is_found_as_it_was(articles: SqlArticles) -> None:
    record = released(1)

    await articles.release([record])

    assert await articles.find([name(1), name(2)]) == {name(1): record}


async def test_a_record_without_a_section_stands_only_in_the_list_of_its_language(
    articles: SqlArticles,
) -> None:
    await articles.release([released(1, section=None)])

    assert await articles.positions([name(1)]) == {name(1): [(("ru", ""), 1)]}
    assert (await articles.find([name(1)]))[name(1)].section is None


async def test_positions_count_from_one_in_the_order_of_release(articles: SqlArticles) -> None:
    await articles.release([released(5), released(3, section="war"), released(4)])
    await articles.release([released(9, language="be"), released(1)])

    places = await articles.positions([name(n) for n in (1, 3, 4, 5, 9)])

    assert places == {
        name(5): [(("ru", ""), 1), (("ru", "news"), 1)],
        name(3): [(("ru", ""), 2), (("ru", "war"), 1)],
        name(4): [(("ru", ""), 3), (("ru", "news"), 2)],
        name(9): [(("be", ""), 1), (("be", "news"), 1)],
        name(1): [(("ru", ""), 4), (("ru", "news"), 3)],
    }
    assert await articles.lengths() == {
        ("ru", ""): 4,
        ("ru", "news"): 3,
        ("ru", "war"): 1,
        ("be", ""): 1,
        ("be", "news"): 1,
    }


async def test_a_revision_keeps_its_positions_and_replaces_the_text(articles: SqlArticles) -> None:
    await articles.release([released(1), released(2)])

    await articles.release([revised(released(1))])

    assert await articles.find([name(1)]) == {name(1): revised(released(1))}
    assert await articles.positions([name(1)]) == {name(1): [(("ru", ""), 1), (("ru", "news"), 1)]}
    assert (await articles.lengths())["ru", ""] == 2


async def test_a_revision_that_moves_loses_the_old_section_and_nobody_takes_its_place(
    articles: SqlArticles,
) -> None:
    await articles.release([released(1), released(2)])
    await articles.release([revised(released(2), section="war")])

    await articles.release([released(3)])

    assert await articles.positions([name(2), name(3)]) == {
        name(2): [(("ru", ""), 2), (("ru", "war"), 1)],
        name(3): [(("ru", ""), 3), (("ru", "news"), 3)],
    }
    assert [at for at, _ in await articles.listed(("ru", "news"), 1, 9)] == [1, 3]


async def test_a_move_back_gets_a_new_position(articles: SqlArticles) -> None:
    first = released(1)
    moved = revised(first, section="war")
    await articles.release([first, moved])

    await articles.release([revised(moved)])

    assert await articles.positions([name(1)]) == {name(1): [(("ru", ""), 1), (("ru", "news"), 2)]}
    assert (await articles.lengths())["ru", "war"] == 1


async def test_two_revisions_in_one_batch_are_taken_in_order(articles: SqlArticles) -> None:
    moved = revised(released(1), section="war")

    await articles.release([released(1), moved, released(2, section="war")])

    assert await articles.find([name(1)]) == {name(1): moved}
    places = await articles.positions([name(1), name(2)])
    assert places[name(1)] == [(("ru", ""), 1), (("ru", "war"), 1)]
    assert places[name(2)] == [(("ru", ""), 2), (("ru", "war"), 2)]


async def test_a_batch_with_a_withdrawn_article_is_refused_whole(articles: SqlArticles) -> None:
    await articles.release([released(1)])
    await articles.withdraw(name(1), LATER)

    with pytest.raises(LedgerError, match="is withdrawn"):
        await articles.release([released(2), revised(released(1))])

    assert await articles.find([name(2)]) == {}
    assert (await articles.lengths())["ru", ""] == 1


REFUSED = [
    ("goes back", revised(released(1)), "next"),
    ("says something else", replace(revised(revised(released(1))), text=digest(b"x")), "next"),
    ("changes language", replace(released(1, language="be"), revision=4), "keeps"),
    ("changes publication", replace(released(1), revision=4, published=LATER), "keeps"),
    ("has no text", replace(released(1), revision=4, text=None), "no text"),
]


@pytest.mark.parametrize(("why", "record", "says"), REFUSED, ids=[row[0] for row in REFUSED])
async def test_what_is_no_next_revision_is_refused(
    articles: SqlArticles, why: str, record: object, says: str
) -> None:
    third = revised(revised(released(1)))
    await articles.release([third])

    with pytest.raises(LedgerError, match=says):
        await articles.release([record])  # type: ignore[list-item]

    assert await articles.find([name(1)]) == {name(1): third}, why


async def test_the_same_revision_may_be_released_again(articles: SqlArticles) -> None:
    await articles.release([released(1)])

    await articles.release([released(1)])

    assert (await articles.lengths())["ru", ""] == 1


async def test_a_withdrawn_article_keeps_id_language_month_and_empty_positions(
    articles: SqlArticles,
) -> None:
    await articles.release([released(1), released(2)])

    before = await articles.withdraw(name(1), LATER)

    gone = replace(
        released(1),
        section=None,
        published=datetime(2026, 3, 1, tzinfo=UTC),
        text=None,
        withdrawn=LATER,
    )
    assert before == released(1)
    assert await articles.find([name(1)]) == {name(1): gone}
    assert await articles.withdrawn() == [gone]
    assert await articles.texts() == [released(2)]
    assert await articles.positions([name(1)]) == {name(1): [(("ru", ""), 1), (("ru", "news"), 1)]}
    assert await articles.listed(("ru", ""), 1, 2) == [(2, released(2))]
    assert await articles.newest(("ru", "news"), 5) == [released(2)]
    assert await articles.since("ru", START - timedelta(days=90), 5) == [released(2)]
    assert gone in await articles.changed()


async def test_no_row_of_a_withdrawn_article_tells_its_day(
    articles: SqlArticles, ledger: Ledger
) -> None:
    await articles.release([released(1)])

    await articles.withdraw(name(1), LATER)

    query = text("SELECT published FROM listing UNION ALL SELECT published FROM article")
    async with ledger.reading() as connection:
        found = set((await connection.execute(query)).scalars())
    assert found == {int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())}


async def test_withdrawing_forgets_the_page_and_the_draft(
    articles: SqlArticles, ledger: Ledger
) -> None:
    drafts, editions = SqlDrafts(ledger), SqlEditions(ledger)
    await articles.release([released(1)])
    await editions.commit(edition(1), [rendered(released(1))], [released(1)])
    await drafts.put(name(1), "ru", digest(b"draft"), START)
    await drafts.put(name(2), "ru", digest(b"other"), START)

    before = await articles.withdraw(name(1), LATER)

    known = (await articles.find([name(1)]))[name(1)]
    assert before.page == rendered(released(1)).page
    assert (known.page, known.entry) == (None, None)
    assert await drafts.get(name(1)) is None
    assert await drafts.get(name(2)) == digest(b"other")


async def test_withdrawing_again_changes_nothing(articles: SqlArticles, ledger: Ledger) -> None:
    await articles.release([released(1)])
    await articles.withdraw(name(1), LATER)
    first = await articles.find([name(1)])
    await SqlEditions(ledger).commit(edition(1), [], list(first.values()))

    again = await articles.withdraw(name(1), LATER + timedelta(days=1))

    assert first == {name(1): again}
    assert await articles.find([name(1)]) == first
    assert await articles.changed() == []


async def test_withdrawing_what_was_never_released_is_refused(articles: SqlArticles) -> None:
    with pytest.raises(LedgerError, match="never released"):
        await articles.withdraw(name(1), LATER)


async def test_the_newest_stand_by_publication_and_then_by_id(articles: SqlArticles) -> None:
    twin = replace(released(7), published=released(3).published)
    await articles.release([released(3), released(1), twin, released(2), released(8, section="x")])
    tied = sorted([released(3), twin], key=lambda record: record.id, reverse=True)

    newest = await articles.newest(("ru", "news"), 3)

    assert newest == [*tied, released(2)]
    assert [record.id for record in await articles.newest(("ru", ""), 1)] == [name(8)]
    assert await articles.newest(("ru", "nothing"), 3) == []
    keys = [("ru", "news"), ("ru", "nothing"), ("ru", "")]
    each = [record for key in keys for record in await articles.newest(key, 1)]
    assert await articles.newest_of_each(keys, 1) == each != []


async def test_since_includes_its_start_and_stops_at_its_count(articles: SqlArticles) -> None:
    await articles.release([released(n) for n in (4, 1, 3, 2)] + [released(9, language="be")])

    found = await articles.since("ru", released(2).published, 2)

    assert found == [released(4), released(3)]
    assert len(await articles.since("ru", released(2).published, 9)) == 3


async def test_a_list_is_read_by_positions_both_included(articles: SqlArticles) -> None:
    await articles.release([released(n) for n in range(1, 8)])

    found = await articles.listed(("ru", "news"), 3, 5)

    assert found == [(n, released(n)) for n in (3, 4, 5)]


async def test_all_are_changed_when_the_templates_are(
    articles: SqlArticles, ledger: Ledger
) -> None:
    await articles.release([released(1), released(2)])
    await articles.withdraw(name(2), LATER)
    await SqlEditions(ledger).commit(edition(1), [], await articles.changed())
    assert await articles.changed() == []

    await articles.mark_all_changed()

    assert {record.id for record in await articles.changed()} == {name(1), name(2)}


async def test_ten_thousand_are_released_and_found_in_seconds(articles: SqlArticles) -> None:
    records = [released(n) for n in range(10_000)]
    ids = [record.id for record in records]
    start = time.monotonic()

    await articles.release(records)

    assert len(await articles.find(ids)) == 10_000
    assert len(await articles.positions(ids)) == 10_000
    assert time.monotonic() - start < 30


async def test_an_article_that_was_withdrawn_elsewhere_is_known_as_withdrawn(
    articles: SqlArticles,
) -> None:
    gone = replace(released(1), text=None, section=None, withdrawn=LATER)

    await articles.bury(gone)
    await articles.bury(replace(gone, language="fa"))

    month = START.replace(day=1, hour=0, minute=0, second=0)
    assert await articles.find([name(1)]) == {name(1): replace(gone, published=month)}
    assert [record.id for record in await articles.changed()] == [name(1)]
    assert await articles.lengths() == {("ru", ""): 1}
    assert await articles.listed(("ru", ""), 1, 1) == []
    with pytest.raises(LedgerError, match="is withdrawn"):
        await articles.release([released(1)])


async def test_what_is_buried_leaves_alone_what_is_known(articles: SqlArticles) -> None:
    await articles.release([released(1)])

    await articles.bury(replace(released(1), text=None, withdrawn=LATER))

    assert await articles.find([name(1)]) == {name(1): released(1)}


async def test_what_has_a_text_cannot_be_buried(articles: SqlArticles) -> None:
    with pytest.raises(LedgerError, match="release it instead"):
        await articles.bury(released(1))
