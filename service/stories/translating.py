"""Translating: stories in several languages, and what changed in an original meanwhile."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from service.newsroom import Newsroom
from service.stories.comparing import version
from service.stories.moving import keep, workable
from service.stories.standing import Standing, standing
from service.stories.written import KIND
from tamizdat import draft as drafts
from tamizdat.approving import Version
from tamizdat.article import Article, ArticleId, article_id
from tamizdat.closing import DRAFT
from tamizdat.digest import Digest
from tamizdat.draft import Draft
from tamizdat.errors import BlobMissingError, ConfigError
from tamizdat.moves import Save
from tamizdat.progress import Text, content_of
from tamizdat.translation import Tongue, Translation


async def tongues(room: Newsroom, article: ArticleId) -> Sequence[Tongue]:
    """The story in each language it has, the original first; it alone where it has no other."""
    row = await room.ledgers.translations.of(article)
    found = await _alive(room, row.original) if row else None
    if found is None:
        found = await _alive(room, article)
    if found is None or found.article is None:
        return []
    told = _nameless(found.article)
    others = await room.ledgers.translations.into(found.card.id)
    made = [_tongue(found, content_of(told), is_original=True)]
    for one in others:
        there = await _alive(room, one.article)
        if there:
            then = await _then(room, one)
            tongue = _tongue(there, content_of(told))
            now = version(told)
            made.append(replace(tongue, then=then, now=now) if then not in {None, now} else tongue)
    return made


async def translate(
    room: Newsroom, article: ArticleId, language: str, key: str, person: int
) -> ArticleId:
    """The story in `language`, begun as a draft that says what the original says; hold `writing`.

    `key` names what is begun. ConfigError where the paper has no such language.
    """
    row = await room.ledgers.translations.of(article)
    there = await tongues(room, article)
    known = next((one.article for one in there if one.language == language), None)
    if known is not None:
        return known
    if language not in room.config.newsroom.languages:
        raise ConfigError(f"{article}: the paper has no language {language}: add it to the config")
    original = await workable(room, there[0].article if row and there else article)
    if original.article is None:
        raise ConfigError(f"{article}: nothing is written yet: write it first")
    made = _begun(room, original.article, language, key)
    kept = Text(
        blob=await _write(room, Draft(article=made, edited=True)),
        language=language,
        at=room.clock.now(),
    )
    await keep(room, made.id, None, Save(person=person, content=content_of(made)), kept)
    await _note(room, made.id, original.article)
    return made.id


async def agree(room: Newsroom, article: ArticleId, content: Digest) -> None:
    """Note that a translation says again what its original says; hold `writing`."""
    row = await room.ledgers.translations.of(article)
    found = await _alive(room, row.original) if row else None
    if found is None or found.article is None:
        raise ConfigError(f"{article}: translates nothing that is still here")
    if content_of(_nameless(found.article)) != content:
        raise ConfigError(f"{article}: its original changed once more: look at it again")
    await _note(room, article, found.article)


async def _note(room: Newsroom, article: ArticleId, original: Article) -> None:
    seen = await _write(room, Draft(article=_nameless(original), edited=True))
    one = Translation(article=article, original=original.id, seen=seen)
    await room.ledgers.translations.note(one)


async def _write(room: Newsroom, draft: Draft) -> Digest:
    body = room.closing.close(drafts.encode(draft), DRAFT)
    return await asyncio.to_thread(room.blobs.write, body)


async def _then(room: Newsroom, one: Translation) -> Version | None:
    """What the original said when the two agreed; None where that is lost."""
    try:
        return version(drafts.decode(await asyncio.to_thread(room.blobs.read, one.seen)).article)
    except BlobMissingError:
        return None


async def _alive(room: Newsroom, article: ArticleId) -> Standing | None:
    found = await standing(room, article)
    return found if found and found.article else None


def _begun(room: Newsroom, original: Article, language: str, key: str) -> Article:
    now = room.clock.now().replace(microsecond=0)
    return replace(
        original,
        id=article_id(room.salt, KIND, key),
        revision=1,
        language=language,
        published=now,
        updated=now,
        correction="",
    )


def _nameless(article: Article) -> Article:
    """Without its byline: that needs no translation, and must go everywhere when it goes."""
    return replace(article, authors=())


def _tongue(found: Standing, content: Digest, *, is_original: bool = False) -> Tongue:
    card = found.card
    return Tongue(
        article=card.id,
        language=card.language,
        state=card.state,
        is_original=is_original,
        content=content,
    )
