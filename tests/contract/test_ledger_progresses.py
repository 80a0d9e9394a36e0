"""What every ledger of stories' progress keeps to."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from store.articles import SqlArticles
from store.drafts import SqlDrafts
from store.engine import Ledger
from store.progresses import SqlProgresses
from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.errors import LedgerError
from tamizdat.progress import Approval, Progress, Text, Why
from tamizdat.state import StoryState
from tests.contract.ledger_values import START, name, released

HOUR = timedelta(hours=1)
OLD, NEW, BLOB = (Digest(letter * 64) for letter in "abc")
STORY = name(1)
WRITTEN = Progress(content=NEW, author=1)
YES = Approval(person=2, content=NEW, at=START)
WAITING = replace(
    WRITTEN,
    state=StoryState.WAITING,
    approvals=(YES, replace(YES, person=3, at=START + HOUR)),
    due=START + 5 * HOUR,
    out=OLD,
    asked=BLOB,
    before=OLD,
)
OUT = Progress(state=StoryState.OUT, out=NEW)


@pytest.fixture
def progresses(ledger: Ledger) -> SqlProgresses:
    return SqlProgresses(ledger)


async def test_a_step_is_there_whole(progresses: SqlProgresses) -> None:
    await progresses.step(STORY, None, WRITTEN)

    await progresses.step(STORY, WRITTEN, WAITING)

    assert await progresses.get(STORY) == WAITING
    assert await progresses.find([STORY, name(2)]) == {STORY: WAITING}
    assert await progresses.get(name(2)) is None


async def test_two_steps_from_one_place_are_one_too_many(progresses: SqlProgresses) -> None:
    await progresses.step(STORY, None, WRITTEN)

    with pytest.raises(LedgerError, match="another step meanwhile: look at it again"):
        await progresses.step(STORY, None, WAITING)
    with pytest.raises(LedgerError, match="another step"):
        await progresses.step(STORY, replace(WAITING, due=None), WRITTEN)

    assert await progresses.get(STORY) == WRITTEN


async def test_parts_of_a_second_do_not_make_another_step(progresses: SqlProgresses) -> None:
    exact = replace(WAITING, approvals=(replace(YES, at=START.replace(microsecond=7)),))
    await progresses.step(STORY, None, exact)

    await progresses.step(STORY, exact, WRITTEN)

    assert await progresses.get(STORY) == WRITTEN


async def test_a_draft_comes_and_goes_with_its_step(
    progresses: SqlProgresses, ledger: Ledger
) -> None:
    drafts = SqlDrafts(ledger)
    await progresses.step(STORY, None, WRITTEN, Text(blob=BLOB, language="en", at=START))
    kept = await drafts.get(STORY)

    await progresses.step(STORY, WRITTEN, Progress())

    assert kept == BLOB
    assert await drafts.get(STORY) is None


async def test_a_release_is_one_with_its_step(progresses: SqlProgresses, ledger: Ledger) -> None:
    drafts, articles = SqlDrafts(ledger), SqlArticles(ledger)
    await progresses.step(STORY, None, WRITTEN, Text(blob=BLOB, language="en", at=START))

    await progresses.release(STORY, WRITTEN, OUT, released(1))

    assert list(await articles.find([STORY])) == [STORY]
    assert await progresses.get(STORY) is None  # at rest: there is nothing to remember
    assert await drafts.get(STORY) is None


async def test_a_release_that_fails_leaves_no_step(
    progresses: SqlProgresses, ledger: Ledger
) -> None:
    articles = SqlArticles(ledger)
    await articles.release([released(1)])
    await articles.withdraw(STORY, START)
    await progresses.step(STORY, None, WRITTEN)

    with pytest.raises(LedgerError):
        await progresses.release(STORY, WRITTEN, OUT, released(1))
    with pytest.raises(LedgerError, match="is not released as a step"):
        await progresses.release(STORY, WRITTEN, OUT, released(2))

    assert await progresses.get(STORY) == WRITTEN


async def test_what_is_pending_comes_by_its_time(progresses: SqlProgresses) -> None:
    late = replace(WAITING, state=StoryState.HELD, why=Why.LATE, due=START)
    no_time = replace(WAITING, due=None)
    for number, one in enumerate((WRITTEN, no_time, WAITING, late), 1):
        await progresses.step(name(number), None, one)

    pending = await progresses.pending()

    assert list(pending.items()) == [(name(4), late), (name(3), WAITING), (name(2), no_time)]


async def test_a_withdrawal_and_forgetting_leave_nothing(
    progresses: SqlProgresses, ledger: Ledger
) -> None:
    await SqlArticles(ledger).release([released(1)])
    await progresses.step(STORY, None, WAITING)
    await progresses.step(name(2), None, WAITING)

    await SqlArticles(ledger).withdraw(ArticleId(STORY), START)
    await progresses.forget(name(2))

    async with ledger.reading() as connection:
        for table in ("progress", "approval"):
            rows = await connection.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - ours
            assert rows.scalar_one() == 0
