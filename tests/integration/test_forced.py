"""A newsroom in which somebody was forced to sign in: what they do waits for a second person."""

from pathlib import Path

from tamizdat.state import StoryState
from tests.kit.eyes import HOUR, MIRA, OTO, PIA, Eyes, eyes
from tests.kit.newsdesk import written

TEXT = written("<p>It sailed.</p>", "The ferry")


async def forced(house: Eyes, person: int = MIRA) -> None:
    await house.room.ledgers.people.freeze(person, house.clock.at)


async def test_what_they_release_goes_out_by_somebody_else_only(tmp_path: Path) -> None:
    async with eyes(tmp_path / "room", approvals=0) as house:
        article = await house.written(TEXT)
        await forced(house)
        waits = await house.desk.release(article, person=MIRA)
        again = await house.desk.release(article, person=MIRA)
        record = await house.room.ledgers.articles.find([article])
        out = await house.approve(article, OTO)

    assert (waits.card.state, again.card.state) == (StoryState.WAITING, StoryState.WAITING)
    assert record == {}
    assert out.card.state is StoryState.OUT


async def test_their_approval_brings_nothing_out(tmp_path: Path) -> None:
    async with eyes(tmp_path / "room") as house:
        article = await house.asked(TEXT)
        await forced(house, OTO)
        noted = await house.approve(article, OTO)
        out = await house.approve(article, PIA)

    assert noted.card.state is StoryState.WAITING
    assert len(noted.card.progress.approvals) == 1
    assert out.card.state is StoryState.OUT


async def test_what_they_approved_before_asks_when_its_time_comes(tmp_path: Path) -> None:
    async with eyes(tmp_path / "room") as house:
        article = await house.asked(TEXT, house.clock.at + HOUR)
        await house.approve(article, OTO)
        await forced(house, OTO)
        house.clock.at += HOUR
        await house.turn()

        assert (await house.progress(article)).state is StoryState.HELD


async def test_what_they_withdraw_waits_and_a_second_person_does_it(tmp_path: Path) -> None:
    async with eyes(tmp_path / "room", approvals=0) as house:
        article = await house.written(TEXT)
        draft = await house.written(TEXT)
        await house.desk.release(article, person=OTO)
        await forced(house)
        said = [await house.desk.withdraw(one, MIRA) for one in (article, draft)]
        twice = await house.desk.withdraw(article, MIRA)
        kept = await house.is_drafted(draft)
        done = await house.desk.withdraw(article, OTO)

    assert said[0] == said[1] == twice
    assert said[0] is not None
    assert "wait for a second person" in said[0]
    assert (kept, done) == (True, None)


async def test_a_withdrawal_that_waits_stays_its_first_askers(tmp_path: Path) -> None:
    async with eyes(tmp_path / "room", approvals=0) as house:
        articles = [await house.written(TEXT) for _ in range(4)]
        for one in articles:
            await house.desk.release(one, person=OTO)
        await forced(house)
        said = [await house.desk.withdraw(one, OTO) for one in articles]
        await house.desk.withdraw(articles[3], MIRA)
        alone = await house.desk.withdraw(articles[3], OTO)
        second = await house.desk.withdraw(articles[3], PIA)

    assert said[:3] == [None, None, None]
    assert said[3] is not None
    assert alone is not None
    assert second is None


async def test_who_is_removed_takes_clocks_and_approvals_along_in_one_step(
    tmp_path: Path,
) -> None:
    async with eyes(tmp_path / "room") as house:
        clocked = await house.asked(TEXT, house.clock.at + HOUR)
        await house.approve(clocked, OTO)
        others = await house.asked(written("<p>Another.</p>", "Another"), house.clock.at + HOUR)
        await house.approve(others, PIA)

        gone = await house.room.ledgers.people.remove(OTO, house.clock.at)

        assert (gone.approvals, gone.clocks) == (1, 1)
        asks, stays = await house.progress(clocked), await house.progress(others)
        assert (asks.state, asks.approvals) == (StoryState.WAITING, ())
        assert asks.due == house.clock.at + HOUR
        assert stays.state is StoryState.CLOCK
