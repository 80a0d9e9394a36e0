"""What every ledger of translations keeps to."""

from dataclasses import replace

import pytest

from store.engine import Ledger
from store.naming import named
from store.translations import SqlTranslations
from tamizdat.digest import digest
from tamizdat.translation import Translation
from tests.contract.ledger_values import name

SEEN, LATER = digest(b"then"), digest(b"later")
ONE = Translation(article=name(2), original=name(1), seen=SEEN)
OTHER = Translation(article=name(3), original=name(1), seen=SEEN)


@pytest.fixture
def translations(ledger: Ledger) -> SqlTranslations:
    return SqlTranslations(ledger)


async def test_a_translation_knows_its_original_and_that_its_translations(
    translations: SqlTranslations,
) -> None:
    await translations.note(ONE)
    await translations.note(OTHER)

    assert await translations.of(name(2)) == ONE
    assert await translations.of(name(1)) is None
    assert sorted(await translations.into(name(1)), key=repr) == sorted([ONE, OTHER], key=repr)
    assert await translations.into(name(2)) == []
    assert await translations.all() == sorted([ONE, OTHER], key=lambda one: one.article)


async def test_what_is_noted_again_replaces(translations: SqlTranslations) -> None:
    await translations.note(ONE)

    await translations.note(replace(ONE, seen=LATER))

    assert await translations.all() == [replace(ONE, seen=LATER)]


async def test_a_story_is_forgotten_as_either(translations: SqlTranslations) -> None:
    await translations.note(ONE)
    await translations.note(Translation(article=name(1), original=name(4), seen=SEEN))
    await translations.note(Translation(article=name(6), original=name(5), seen=SEEN))

    await translations.forget(name(1))

    assert [one.article for one in await translations.all()] == [name(6)]


async def test_a_copy_with_drafts_holds_what_the_original_said(
    translations: SqlTranslations, ledger: Ledger
) -> None:
    await translations.note(ONE)

    async with ledger.snapshot() as connection:
        whole, bare = await named(connection), await named(connection, drafts=False)

    assert SEEN in whole.texts
    assert SEEN not in bare.texts
