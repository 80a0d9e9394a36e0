"""Unrecalled: what of a withdrawn article is in others' hands, noted when it is taken back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.plan import OVERTAKEN
from service.gathering import run
from service.newsroom import Newsroom
from service.post.channel import CHANNEL, may_stand
from tamizdat.article import ArticleId
from tamizdat.ledgers import Facts, Record
from tamizdat.letter import GatewayId, LetterState, Posting

UNRECALLED = "unrecalled"
_IN_HANDS = frozenset(LetterState) - {LetterState.QUEUED, LetterState.LOST}
"""A letter that was given up for its newer revision may be in hands as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecalled:
    """Letters by gateway that were handed over, and kinds of bundles that held the article."""

    letters: Mapping[str, int] = field(default_factory=dict)
    bundles: tuple[str, ...] = ()


async def note_unrecalled(room: Newsroom, record: Record) -> None:
    """Note it for an article that is about to be withdrawn; nothing where no edition held it."""
    if record.page is None:
        return
    letters = {
        one.name: sum(
            is_in_hands(letter)
            for letter in await room.ledgers.letters.of(GatewayId(one.name), [record.id])
        )
        for one in room.config.gateway
    }
    posts = await room.ledgers.letters.of(CHANNEL, [record.id])
    letters[CHANNEL] = sum(map(may_stand, posts))
    told = {
        "letters": {name: count for name, count in letters.items() if count},
        "bundles": list(await _bundles(room, record)),
    }
    await room.ledgers.facts.set(_name(record.id), json.dumps(told))


async def unrecalled(facts: Facts, article: ArticleId) -> Unrecalled:
    """What was noted."""
    told = await facts.get(_name(article))
    if not told:
        return Unrecalled()
    found = json.loads(told)
    return Unrecalled(letters=found["letters"], bundles=tuple(found["bundles"]))


def in_words(found: Unrecalled) -> tuple[str, ...]:
    """One sentence for each kind of thing that nobody can call back. Pure."""
    said = [_letters(name, count) for name, count in sorted(found.letters.items())]
    if found.bundles:
        said.append(f"Bundles that readers took: {', '.join(found.bundles)}")
    return tuple(said)


def is_in_hands(letter: Posting) -> bool:
    """Whether a letter may be in the hands of a gateway. Pure."""
    overtaken = letter.detail == OVERTAKEN and letter.attempts > 0
    return letter.state in _IN_HANDS or overtaken


def _letters(name: str, count: int) -> str:
    if name == CHANNEL:
        posts = "1 post" if count == 1 else f"{count} posts"
        return f"{posts} in the messenger's channel, perhaps: look, and delete it by hand"
    return f"{count} {'letter' if count == 1 else 'letters'} to {name}"


async def _bundles(room: Newsroom, record: Record) -> Sequence[str]:
    newest = await room.ledgers.editions.newest()
    if newest is None:
        return ()
    held = await run(room.ledgers.articles, record.language, room.clock.now())
    if record.id not in {one.id for one in held}:
        return ()
    kinds = {ref.kind for ref in newest.manifest.bundles if ref.language == record.language}
    return sorted(kinds)


def _name(article: ArticleId) -> str:
    return f"{UNRECALLED} {article}"
