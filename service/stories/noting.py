"""Noting: what editors do goes into the log of deeds, before it is done."""

from collections.abc import Sequence

from service.newsroom import Newsroom
from tamizdat.article import ArticleId
from tamizdat.deeds import Deed, What
from tamizdat.moves import Approve, Move, Release, SetClock


def person_of(move: Move) -> int | None:
    """Who makes a move; None where the clock does."""
    return move.person if isinstance(move, Approve | Release | SetClock) else None


async def note_moves(
    room: Newsroom, article: ArticleId, moves: Sequence[Move], *, out: bool
) -> None:
    """Note approvals, and who or what brings the story out.

    A kill after this leaves a row of what was not done, never something done without a row.
    """
    now = room.clock.now()
    done = [What.APPROVED for move in moves if isinstance(move, Approve)]
    done += [What.RELEASED] if out else []
    person = person_of(moves[-1]) if moves else None
    deeds = [Deed(at=now, what=what, person=person, article=article) for what in done]
    if deeds:
        await room.ledgers.deeds.note(*deeds)


async def note(room: Newsroom, what: What, person: int | None, *articles: ArticleId | None) -> None:
    """Note one thing that was done to each of these."""
    now = room.clock.now()
    deeds = [Deed(at=now, what=what, person=person, article=article) for article in articles]
    await room.ledgers.deeds.note(*deeds)
