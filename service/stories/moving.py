"""Moving: a story takes its steps in the ledger, and goes out by them in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from service.anew import FROM_NOTHING
from service.newsroom import Newsroom
from service.stories.importing import remember_again, to_record
from service.stories.noting import note_moves
from service.stories.readying import make_ready
from service.stories.revising import note_source, revised
from service.stories.send_backs import forget_note, keep_note
from service.stories.standing import Standing, standing
from service.sweeping import owe_sweep
from tamizdat.article import Article, ArticleId
from tamizdat.errors import ConfigError
from tamizdat.ledgers import Record
from tamizdat.moves import Ask, Discard, Move, Refused, decide, goes_out
from tamizdat.progress import Policy, Progress, Text
from tamizdat.rights import Right, may
from tamizdat.state import StoryState


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How a story stood before its moves, where it stands now, and what they brought out."""

    before: Standing
    progress: Progress
    released: Article | None = None


async def policy_of(room: Newsroom) -> Policy:
    """What the newsroom asks for now: approvals of those who may sign in, and may approve."""
    part = room.config.desk
    people = [one for one in await room.ledgers.people.all() if one.removed is None]
    approvers = [one for one in people if may(one.role, Right.APPROVE)]
    return Policy(
        approvals=part.approvals,
        allowed=frozenset(one.number for one in approvers if one.frozen is None),
        frozen=frozenset(one.number for one in people if one.frozen is not None),
        grace=timedelta(seconds=part.grace_seconds),
        leap=timedelta(seconds=part.leap_seconds),
    )


async def workable(room: Newsroom, article: ArticleId) -> Standing:
    """How a story stands that can still be worked on; ConfigError where there is none."""
    found = await standing(room, article)
    if found is None:
        raise ConfigError(f"{article}: no such story: write it anew")
    if found.card.state is StoryState.WITHDRAWN:
        raise ConfigError(f"{article}: was withdrawn and stays so: write a new story")
    return found


async def moved(room: Newsroom, article: ArticleId, *moves: Move) -> Moved:
    """Make these moves, all or none, and release what they bring out; hold `room.writing`.

    ConfigError says why a move may not be made.
    """
    found = await workable(room, article)
    after = await decided(room, article, found, moves)
    out = goes_out(found.card.progress, after)
    await note_moves(room, article, moves, out=out)
    if out:
        made = await _release(room, found, after)
        await forget_note(room.ledgers.facts, article)
        return Moved(before=found, progress=after, released=made)
    if after != found.noted:
        if any(isinstance(move, Discard) for move in moves):
            await owe_sweep(room)
        await room.ledgers.progresses.step(article, found.noted, after)
    await keep_note(room, article, moves)
    return Moved(before=found, progress=after)


async def decided(
    room: Newsroom, article: ArticleId, found: Standing | None, moves: Sequence[Move]
) -> Progress:
    """Where the story stands after these moves; ConfigError where one may not be made."""
    rules, now = await policy_of(room), room.clock.now()
    at = found.card.progress if found else Progress()
    for move in moves:
        told = replace(move, text=found.text) if found and isinstance(move, Ask) else move
        outcome = decide(at, told, now, rules)
        if isinstance(outcome, Refused):
            raise ConfigError(f"{article}: {outcome.why}")
        at = outcome
    return at


async def keep(
    room: Newsroom, article: ArticleId, found: Standing | None, move: Move, text: Text
) -> None:
    """Keep a text as the draft, as the step that `move` is."""
    after = await decided(room, article, found, [move])
    kept = text if after.content else None
    await room.ledgers.progresses.step(article, found.noted if found else None, after, kept)


async def _release(room: Newsroom, found: Standing, after: Progress) -> Article:
    """Release the draft of `found` as this step; ConfigError where it says nothing new."""
    article, draft = found.card.id, found.draft
    made = await revised(room, draft, found.record) if draft else None
    if draft is None or made is None:
        raise ConfigError(f"{article}: nothing would change: what is out says the same")
    if draft.edited:
        await note_source(room, draft, found.record)
    record = await to_record(room, made)
    await _anew_where_its_section_changed(room, found.record, record)
    await make_ready(room, [record])
    await room.ledgers.progresses.release(article, found.noted, after, record)
    if not draft.edited:
        await remember_again(room, made)
    return made


async def _anew_where_its_section_changed(
    room: Newsroom, before: Record | None, after: Record
) -> None:
    """The ledger forgets on which pages of the old section the article stood."""
    if before and before.section != after.section:
        await room.ledgers.facts.set(FROM_NOTHING, "1")
