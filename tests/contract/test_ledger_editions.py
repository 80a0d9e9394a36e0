"""What every ledger of editions keeps to."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from store.articles import SqlArticles
from store.editions import SqlEditions
from store.engine import Ledger
from tamizdat.errors import LedgerError
from tests.contract.ledger_values import (
    START,
    edition,
    name,
    pointer,
    released,
    rendered,
    revised,
    seal,
)

LATER = START + timedelta(days=40)


@pytest.fixture
def editions(ledger: Ledger) -> SqlEditions:
    return SqlEditions(ledger)


@pytest.fixture
def articles(ledger: Ledger) -> SqlArticles:
    return SqlArticles(ledger)


async def test_an_empty_ledger_has_no_edition_pointer_or_withdrawals(
    editions: SqlEditions,
) -> None:
    assert await editions.newest() is None
    assert await editions.get(1) is None
    assert await editions.newest_pointer() is None
    assert await editions.withdrawals() is None


async def test_an_edition_is_read_back_as_it_was_sealed(editions: SqlEditions) -> None:
    await editions.commit(edition(1), [], [])
    await editions.commit(edition(2), [], [])

    assert await editions.newest() == edition(2)
    assert await editions.get(1) == edition(1)


async def test_editions_are_read_at_one_stroke_as_they_are_one_by_one(
    editions: SqlEditions,
) -> None:
    for number in range(1, 5):
        await editions.commit(edition(number), [], [])
    await editions.forget_below(2)

    found = await editions.between(1, 3)

    assert found == [await editions.get(2), await editions.get(3)]


@pytest.mark.parametrize("number", [1, 3])
async def test_a_number_that_does_not_follow_is_refused_and_writes_nothing(
    editions: SqlEditions, articles: SqlArticles, number: int
) -> None:
    await editions.commit(edition(1), [], [])
    await articles.release([released(1)])

    with pytest.raises(LedgerError, match="cannot follow 1"):
        await editions.commit(edition(number), [rendered(released(1))], [released(1)])

    assert await editions.newest() == edition(1)
    assert await articles.changed() == [released(1)]


async def test_what_was_rendered_is_written_back_and_no_longer_changed(
    editions: SqlEditions, articles: SqlArticles
) -> None:
    await articles.release([released(1), released(2)])
    made = rendered(released(1))

    await editions.commit(edition(1), [made], [released(1)])

    known = replace(released(1), page=made.page, entry=made.entry)
    assert await articles.find([name(1)]) == {name(1): known}
    assert await articles.changed() == [released(2)]


async def test_a_revision_released_meanwhile_stays_changed_and_keeps_the_page(
    editions: SqlEditions, articles: SqlArticles
) -> None:
    await articles.release([released(1)])
    seen = await articles.changed()
    await articles.release([revised(released(1))])
    made = rendered(released(1))

    await editions.commit(edition(1), [made], seen)

    known = replace(revised(released(1)), page=made.page, entry=made.entry)
    assert await articles.changed() == [known]


async def test_an_article_withdrawn_meanwhile_stays_changed_and_forgotten(
    editions: SqlEditions, articles: SqlArticles
) -> None:
    await articles.release([released(1)])
    seen = await articles.changed()
    await articles.withdraw(name(1), LATER)

    await editions.commit(edition(1), [rendered(released(1))], seen)

    (gone,) = await articles.changed()
    assert (gone.page, gone.entry, gone.withdrawn) == (None, None, LATER)


async def test_a_withdrawal_that_was_rendered_is_no_longer_changed(
    editions: SqlEditions, articles: SqlArticles
) -> None:
    await articles.release([released(1)])
    await articles.withdraw(name(1), LATER)

    await editions.commit(edition(1), [], await articles.changed())

    assert await articles.changed() == []


async def test_a_revision_keeps_the_page_of_the_newest_edition(
    editions: SqlEditions, articles: SqlArticles
) -> None:
    made = rendered(released(1))
    await articles.release([released(1)])
    await editions.commit(edition(1), [made], [released(1)])

    await articles.release([revised(released(1))])

    assert (await articles.find([name(1)]))[name(1)].page == made.page


async def test_old_editions_are_forgotten_with_their_signatures_but_never_the_newest(
    editions: SqlEditions, ledger: Ledger
) -> None:
    for number in (1, 2, 3):
        await editions.commit(edition(number), [], [])

    await editions.forget_below(3)
    await editions.forget_below(99)

    assert [await editions.get(number) for number in (1, 2)] == [None, None]
    assert await editions.newest() == edition(3)
    async with ledger.reading() as connection:
        left = (await connection.execute(text("SELECT count(*) FROM signature"))).scalar()
    assert left == len(edition(3).sealed.signatures)


async def test_only_the_newest_two_pointers_are_kept(editions: SqlEditions, ledger: Ledger) -> None:
    for version in (1, 2, 5):
        await editions.commit_pointer(pointer(version))

    assert await editions.newest_pointer() == pointer(5)
    async with ledger.reading() as connection:
        query = text("SELECT number FROM sealed WHERE kind = 'pointer' ORDER BY number")
        assert list((await connection.execute(query)).scalars()) == [2, 5]


@pytest.mark.parametrize("version", [1, 2])
async def test_a_pointer_that_is_not_above_the_newest_is_refused(
    editions: SqlEditions, version: int
) -> None:
    await editions.commit_pointer(pointer(2))

    with pytest.raises(LedgerError, match="cannot follow 2"):
        await editions.commit_pointer(pointer(version))

    assert await editions.newest_pointer() == pointer(2)


async def test_only_the_newest_list_of_withdrawals_is_kept(
    editions: SqlEditions, ledger: Ledger
) -> None:
    await editions.commit_withdrawals(seal(b"one"))
    await editions.commit_withdrawals(seal(b"two", signers=1))

    assert await editions.withdrawals() == seal(b"two", signers=1)
    async with ledger.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM sealed"))).scalar() == 1


async def test_signed_bytes_that_no_longer_match_are_refused(
    editions: SqlEditions, ledger: Ledger
) -> None:
    await editions.commit(edition(1), [], [])
    async with ledger.writing() as connection:
        await connection.execute(text("UPDATE sealed SET body = :body"), {"body": b"{}\n"})

    with pytest.raises(LedgerError, match="edition 1 is damaged"):
        await editions.newest()


async def test_editions_of_another_copy_are_adopted_with_a_gap_before_them(
    editions: SqlEditions,
) -> None:
    await editions.commit(edition(1), [], [])

    await editions.adopt([edition(4), edition(5)])
    await editions.adopt([])

    assert await editions.newest() == edition(5)
    assert await editions.between(1, 5) == [edition(1), edition(4), edition(5)]


@pytest.mark.parametrize("numbers", [(1,), (2, 3), (3, 5), (4, 3)])
async def test_editions_that_are_not_above_or_no_row_are_not_adopted(
    editions: SqlEditions, numbers: tuple[int, ...]
) -> None:
    await editions.commit(edition(1), [], [])
    await editions.commit(edition(2), [], [])

    with pytest.raises(LedgerError, match=r"is not above 2|are no row"):
        await editions.adopt([edition(number) for number in numbers])

    assert await editions.newest() == edition(2)
