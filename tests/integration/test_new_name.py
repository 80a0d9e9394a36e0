"""A new name under what is out: it waits for a second person where approvals are asked for."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tamizdat.article import ArticleId
from tests.kit.export import Post, export
from tests.kit.eyes import MIRA, OTO, PIA, Eyes, eyes
from tests.kit.newsdesk import written
from tests.kit.press import Press
from tests.kit.seeker import hits, needles, tree

NAME, OTHER = "Wilhelmina Quast", "A. Grey"
TEXT = replace(written("<p>It sailed.</p>"), authors=(NAME,))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Eyes]:
    async with eyes(tmp_path / "room") as made:
        yield made


async def released(house: Eyes) -> ArticleId:
    article = await house.asked(TEXT)
    await house.approve(article)
    return article


async def authors(house: Eyes, article: ArticleId) -> tuple[str, ...]:
    story = await house.desk.story(article)
    assert story
    return story.authors


async def test_a_new_name_waits_for_somebody_else(house: Eyes) -> None:
    article = await released(house)

    first = await house.desk.switch(NAME, OTHER, MIRA)
    again = await house.desk.switch(NAME, OTHER, MIRA)
    before = await authors(house, article)
    second = await house.desk.switch(f" {NAME.upper()}", OTHER, OTO)

    assert "second person" in first.waits
    assert again.waits
    assert before == (NAME,)
    assert (second.waits, second.articles) == ("", (article,))
    assert await authors(house, article) == (OTHER,)


async def test_another_pair_of_names_is_another_request(house: Eyes) -> None:
    article = await released(house)

    await house.desk.switch(NAME, OTHER, MIRA)
    other = await house.desk.switch(NAME, "B. Grey", OTO)

    assert other.waits
    assert await authors(house, article) == (NAME,)


async def test_a_request_is_forgotten_after_a_day(house: Eyes) -> None:
    await released(house)

    await house.desk.switch(NAME, OTHER, MIRA)
    house.clock.on(hours=25)
    late = await house.desk.switch(NAME, OTHER, OTO)

    assert late.waits


async def test_taking_a_name_out_waits_for_nobody(house: Eyes) -> None:
    article = await released(house)

    done = await house.desk.switch(NAME, "", MIRA)

    assert (done.waits, done.articles) == ("", (article,))
    assert await authors(house, article) == ()


async def test_who_was_forced_to_sign_in_switches_nothing_alone(house: Eyes) -> None:
    article = await released(house)
    await house.room.ledgers.people.freeze(PIA, house.clock.now())

    removed = await house.desk.switch(NAME, "", PIA)
    renamed = await house.desk.switch(NAME, OTHER, PIA)
    second = await house.desk.switch(NAME, OTHER, OTO)

    assert removed.waits
    assert renamed.waits
    assert second.articles == (article,)


async def test_what_waits_stays_its_first_askers_where_somebody_forced_asks_the_same(
    house: Eyes,
) -> None:
    await released(house)
    await house.room.ledgers.people.freeze(PIA, house.clock.now())

    await house.desk.switch(NAME, OTHER, MIRA)
    await house.desk.switch(NAME, OTHER, PIA)
    alone = await house.desk.switch(NAME, OTHER, MIRA)

    assert alone.waits


async def test_no_name_of_a_request_stands_in_the_ledger(house: Eyes) -> None:
    await house.desk.switch(NAME, OTHER, MIRA)

    assert hits(tree(house.room.folder / "state"), needles(NAME, OTHER)) == []


def test_two_people_at_the_console_give_the_same_names(tmp_path: Path) -> None:
    press = Press.founded(tmp_path / "room")
    (tmp_path / "e.xml").write_bytes(export(Post(number=1, title="Bread", text="Dear.")))
    press.run("import", "wxr", tmp_path / "e.xml", "--release")
    with (press.folder / "tamizdat.toml").open("a") as config:
        config.write("\n[desk]\napprovals = 1\n")

    first = press.run("author", "rename", NAME, OTHER, "--person", "mira")
    second = press.run("author", "rename", NAME, OTHER, "--person", "oto")
    removed = press.run("author", "remove", NAME)

    assert (first.code, second.code, removed.code) == (1, 0, 0)
    assert "second person" in first.err
