"""Taking out: posts and files in the messenger's channel that are to go, until they are gone."""

import logging
from collections.abc import Sequence

from tamizdat.ledgers import Facts
from tamizdat.letter import Reply
from tamizdat.messenger import Messenger

OWED = "messenger files to take out"
MOST = 10
"""What is taken out in one turn: services allow some twenty requests a minute."""

log = logging.getLogger(__name__)


async def numbers(facts: Facts, name: str) -> list[str]:
    """The numbers that are noted under `name`."""
    return (await facts.get(name) or "").split()


async def owe(facts: Facts, gone: Sequence[str]) -> None:
    """Note posts by their numbers: they are taken out from now on, also after a kill."""
    owed = await numbers(facts, OWED)
    fresh = [one for one in gone if one not in owed]
    if fresh:
        await facts.set(OWED, " ".join([*owed, *fresh]))


async def take_out(facts: Facts, messenger: Messenger) -> None:
    """Delete what is owed, newest first; what cannot be deleted is for a person."""
    owed = await numbers(facts, OWED)
    if not owed:
        return
    for number in owed[: -MOST - 1 : -1]:
        done = await messenger.delete(number)
        if done.reply in {Reply.LATER, Reply.UNSURE}:
            continue
        if done.reply is not Reply.TAKEN:
            why = {"post": number, "why": done.detail}
            log.error("a post that is to go stays: delete it by hand", extra=why)
        owed.remove(number)
        await facts.set(OWED, " ".join(owed))
