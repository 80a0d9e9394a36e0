"""A new name: signing what is out with another name asks for a second person, like a release."""

import hashlib
import hmac
import json
from datetime import timedelta

from feeds.letters import line
from service.newsroom import Newsroom
from service.stories.bylines import check, switch
from tamizdat.byline import Switched, hidden
from tamizdat.moment import moment, spelled
from tamizdat.progress import CONSOLE

WAITS = "byline waits"
KEPT = timedelta(days=1)
"""How long a request waits for the second person."""

ASK = "It waits for a second person, within a day: they give the same two names."


async def switch_by(room: Newsroom, name: str, to: str, person: str) -> Switched:
    """`switch`, or a request that waits for somebody else; hold `room.writing`.

    Taking a name out is done at once: nobody who is in danger waits. Who was forced to sign in
    does nothing alone. Of names and people only keyed digests wait in the ledger.
    """
    name, to = line(name), line(to)
    check(name, to)
    number = _number(person)
    known = await room.ledgers.people.get(number) if number != CONSOLE else None
    frozen = known is not None and known.frozen is not None
    if not frozen and not (to and room.config.desk.approvals):
        return await switch(room, name, to, number)
    pair = f"{name}\0{to}"
    fact = f"{WAITS} {hidden(room.salt, pair)}"
    who = hmac.new(room.salt, f"person\0{person}".encode(), hashlib.sha256).hexdigest()
    seconded = await _is_seconded(room, fact, who)
    if frozen or not seconded:
        if not seconded:  # else its first asker could second themselves
            told = {"who": who, "at": spelled(room.clock.now())}
            await room.ledgers.facts.set(fact, json.dumps(told))
        return Switched(waits=ASK)
    done = await switch(room, name, to, number)
    await room.ledgers.facts.set(fact, "")
    return done


async def _is_seconded(room: Newsroom, fact: str, who: str) -> bool:
    """Whether somebody else asked for the same within the last day."""
    told = await room.ledgers.facts.get(fact)
    if not told:
        return False
    asked = json.loads(told)
    return bool(asked["who"] != who and moment(asked["at"]) + KEPT > room.clock.now())


def _number(person: str) -> int:
    desk, _, number = person.partition(":")
    return int(number) if desk == "desk" and number.isdecimal() else CONSOLE
