"""Retired names: looked at for two years, so that nobody speaks to our readers in our place."""

import asyncio
import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mirror.line import Line, LineError, Origin, Patience
from mirror.readers import HttpReader, Stranger
from reach.afterlife import afterlife, is_watched
from service.alarms.calling import call
from service.looks.content import trusted
from service.looks.reaching import content
from service.newsroom import Ledgers, Newsroom
from tamizdat.errors import BackendError
from tamizdat.measurement import Content
from tamizdat.moment import spelled
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tamizdat.verdict import Ruling, Word

FACT = "retired names"
MOST_TURNS = 10_000
SECONDS = 15.0
"""How long one name may take for one answer."""

DOOR = 64 * 1024
"""Bytes that are read of a front door: only its status counts."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Afterlife:
    """What was found under a retired mirror's name; `retired` is None where nobody noted it."""

    mirror: MirrorId
    url: str
    retired: datetime | None
    ruling: Ruling


async def look_at_retired(room: Newsroom) -> Sequence[Afterlife]:
    """Look at every retired name now; who is newly impersonated is told by every alarm.

    The look goes out from this machine, as any reader's would.
    """
    here = await room.as_it_stands()
    since, now = await retirements(room.ledgers), room.clock.now()
    wanted = [
        one
        for one in here.mirrors
        if one.state is MirrorState.RETIRED
        and one.base is not None
        and is_watched(since.get(one.id), now)
    ]
    async with Stranger() as stranger, asyncio.TaskGroup() as group:
        tasks = [group.create_task(_look(room, one, stranger)) for one in wanted]
    found = [
        Afterlife(mirror=one.id, url=one.address, retired=since.get(one.id), ruling=task.result())
        for one, task in zip(wanted, tasks, strict=True)
    ]
    hidden = {one.id for one in wanted if one.exposure is not Exposure.PUBLIC}
    await _tell(room, found, set() if room.config.alarm.all_mirrors else hidden)
    return found


async def retirements(ledgers: Ledgers) -> Mapping[MirrorId, datetime]:
    """When each mirror was retired last, by a turn that stands."""
    turns = await ledgers.turns.newest(MOST_TURNS)
    return {
        mirror: one.at for one in reversed(turns) if one.undone is None for mirror in one.retired
    }


async def _look(room: Newsroom, mirror: Mirror, stranger: Stranger) -> Ruling:
    base = mirror.base or ""
    reader = HttpReader(base, stranger)
    found: Content | None = None
    try:
        async with asyncio.timeout(SECONDS * 4):
            found = await _found(room, reader)
    except (BackendError, TimeoutError):
        found = None  # it does not answer, or with what is no file of ours
    return afterlife(found, await _door(base))


async def _found(room: Newsroom, reader: HttpReader) -> Content:
    """What lies there, by the newest root that takes it: nobody renews what is retired."""
    check, roots, now = content(room), room.keys.roots, room.clock.now()
    found = await check.check(reader.fetch)
    for count in range(len(roots) - 1, 0, -1):
        if found.code != "invalid":
            break
        found = await replace(check, trust=trusted(roots[:count], now)).check(reader.fetch)
    return found


async def _door(base: str) -> int | None:
    """How the front door answers; None where nobody does."""
    origin = Origin.of(base)
    line = Line(origin, Patience(connect=5.0, silence=SECONDS))
    path = "/" + base.split("://", 1)[1].partition("/")[2]
    head = f"GET {path} HTTP/1.1\r\nHost: {origin.named}\r\nUser-Agent: Mozilla/5.0\r\n\r\n"
    try:
        async with asyncio.timeout(SECONDS):
            return (await line.ask(head.encode("ascii"), b"", DOOR)).status
    except (LineError, TimeoutError):
        return None
    finally:
        line.close()


async def _tell(room: Newsroom, found: Sequence[Afterlife], hidden: Collection[MirrorId]) -> None:
    """Note what was found, and raise an alarm over what is new; strangers may read it."""
    known = json.loads(await room.ledgers.facts.get(FACT) or "{}")
    taken = {one.mirror for one in found if one.ruling.word is Word.IMPERSONATED}
    noted = {one.mirror: one.ruling.word.value for one in found}
    await room.ledgers.facts.set(FACT, json.dumps(noted, sort_keys=True))
    news = sorted(one for one in taken if known.get(one) != Word.IMPERSONATED.value)
    if not news:
        return
    log.error("a retired name answers for somebody else", extra={"mirrors": news})
    await call(room, f"retired, and somebody else answers there: {named(news, hidden)}")


def named(mirrors: Sequence[MirrorId], hidden: Collection[MirrorId]) -> str:
    """These mirrors in words; of those that are hidden only how many there are. Pure."""
    shown = [str(one) for one in mirrors if one not in hidden]
    rest = len(mirrors) - len(shown)
    return ", ".join([*shown, f"{rest} not named here"] if rest else shown)


def as_row(one: Afterlife) -> dict[str, str | None]:
    """For `--json` and the table."""
    return {
        "mirror": one.mirror,
        "url": one.url,
        "retired": spelled(one.retired) if one.retired else None,
        "verdict": one.ruling.word.value,
        "rule": one.ruling.rule,
    }
