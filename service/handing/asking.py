"""Asking: what a reader with a token learns from mirrors that they know."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from signing.head import HERE, roots
from signing.hint_files import taken
from signing.hints import opened
from signing.lectern import Lectern
from signing.sources import Source
from signing.state import State
from signing.token import Token
from tamizdat.errors import FormatError, SourceError
from tamizdat.wire import Here

MOST = 3
"""Mirrors that a reader is told of at most."""

PATIENCE = 60.0
"""Seconds that one mirror gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What one mirror told, verified: the address in the slot, and those its `here.json` names."""

    told_by: str
    rank: tuple[int, int]
    addresses: tuple[str, ...]
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """At most three mirrors, the group's own first; until when that holds, and what failed."""

    mirrors: tuple[str, ...]
    expires: datetime | None
    fresh: bool
    refusals: tuple[str, ...]


async def ask(sources: Sequence[Source], token: Token, seen: State, now: datetime) -> Ways:
    """What the newest hint file says that any of these mirrors has, by the reader's own rules."""

    async def one(source: Source) -> Way | str:
        try:
            async with asyncio.timeout(PATIENCE):
                return await _asked(source, token, seen, now)
        except TimeoutError:
            return f"{source.name}: no answer in {PATIENCE:.0f} s"
        except (FormatError, SourceError) as error:
            return f"{source.name}: {error}"

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(source)) for source in sources]
    answers = [task.result() for task in tasks]
    told = [one for one in answers if isinstance(one, Way)]
    refusals = tuple(one for one in answers if isinstance(one, str))
    if not told:
        return Ways(mirrors=(), expires=None, fresh=False, refusals=refusals)
    best = max(told, key=lambda one: one.rank)
    return Ways(
        mirrors=best.addresses[:MOST],
        expires=best.expires,
        fresh=now < best.expires,
        refusals=refusals,
    )


async def _asked(source: Source, token: Token, seen: State, now: datetime) -> Way:
    desk = Lectern(source, None)
    trust = await roots(desk, seen.root_id, now)
    trust.not_before(seen)
    hints = await taken(desk, trust, token.shard)
    if hints is None:
        raise SourceError("has no hints for this token")
    sealed = await desk.passing(HERE, Here.limit)
    named = trust.here(sealed).hints if sealed else ()
    mine = opened(hints, token)
    told = dict.fromkeys((*([mine] if mine else []), *named))
    rank = (trust.root.version, hints.version)
    return Way(told_by=source.name, rank=rank, addresses=tuple(told), expires=hints.expires)
