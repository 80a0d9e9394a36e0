"""Withdrawing: one person, at once; a fourth within an hour waits for a second person."""

import hashlib
import hmac
from datetime import timedelta

from service.newsroom import Newsroom
from service.proof.keeping import remember
from service.proof.unrecalled import note_unrecalled
from service.stories.noting import note
from service.stories.second_person import Decision, decide
from service.sweeping import owe_sweep
from tamizdat.article import ArticleId
from tamizdat.deeds import What
from tamizdat.errors import ConfigError
from tamizdat.progress import CONSOLE

WITHIN = timedelta(hours=1)


async def withdraw(room: Newsroom, article: ArticleId, person: str) -> Decision:
    """Withdraw in the ledger, or let the request wait. The next publish carries it out.

    Of `person` only a keyed digest is kept. ConfigError where nobody knows the id.
    """
    known = await room.ledgers.articles.find([article])
    frozen = await _is_frozen(room, _number(person))
    if article not in known and not frozen:
        draft = await room.ledgers.drafts.get(article)
        if draft is None:
            raise ConfigError(f"{article}: no such article: `tamizdat draft list` shows drafts")
        await note(room, What.WITHDRAWN, _number(person), article)
        await room.ledgers.drafts.drop(article)
        await room.ledgers.progresses.forget(article)
        await room.ledgers.withdrawals.stop_waiting(article)
        await owe_sweep(room)
        return Decision(allowed=True)
    if article in known and known[article].withdrawn:
        return Decision(allowed=True)
    who = hmac.new(room.salt, f"person\0{person}".encode(), hashlib.sha256).hexdigest()
    ledger, now = room.ledgers.withdrawals, room.clock.now()
    waiting = await ledger.waiting(article)
    decision = decide(
        made_within_the_hour=await ledger.count_since(who, now - WITHIN),
        waiting_for=waiting,
        person=who,
        frozen=frozen,
    )
    if not decision.allowed:
        if not (frozen and waiting):  # else its first asker could second themselves
            await ledger.wait(article, who, now)
        return decision
    await note(room, What.WITHDRAWN, _number(person), article)
    await owe_sweep(room)
    await remember(room, known[article], now)
    await note_unrecalled(room, known[article])
    await room.ledgers.articles.withdraw(article, now)
    await ledger.record(who, now)
    await ledger.stop_waiting(article)
    return decision


async def _is_frozen(room: Newsroom, number: int) -> bool:
    person = await room.ledgers.people.get(number)
    return person is not None and person.frozen is not None


def _number(person: str) -> int:
    """Who that is in the log: somebody of the desk, or whoever works at the console."""
    desk, _, number = person.partition(":")
    return int(number) if desk == "desk" and number.isdecimal() else CONSOLE
