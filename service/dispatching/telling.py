"""Telling: how passes and looks ended, as a worker tells it and the service reads it. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from service.looks.keeping import Part
from service.running.passing import Again, Ended
from tamizdat.dispatching import MOST_TOLD, Job
from tamizdat.errors import LedgerError
from tamizdat.placement import MirrorId, Placement, Refusal
from tamizdat.sighting import Round

MOST_DETAIL = 500
"""Characters of a refusal that are told; each may be spelled with twelve."""

MOST_FAULT = 200
"""Characters of what a vantage lacks that are told."""


def told(ended: Ended) -> str:
    """One line of JSON."""
    match ended:
        case Placement():
            return json.dumps(
                {
                    "edition": ended.edition,
                    "url": ended.url,
                    "at": int(ended.at.timestamp()),
                    "writes": ended.writes,
                    "readbacks": ended.readbacks,
                }
            )
        case Refusal():
            return json.dumps({"detail": ended.detail[:MOST_DETAIL], "retry": ended.retry})
        case Again():
            return json.dumps("again")
        case _:
            return json.dumps(None)


def read(job: Job, text: str) -> Ended:
    """What was told of a job; LedgerError where it is nothing that a worker says."""
    mirror = MirrorId(job.ids[0])
    try:
        match json.loads(text):
            case None:
                return None
            case "again":
                return Again()
            case {"detail": str(detail), "retry": bool(retry)}:
                return Refusal(mirror=mirror, detail=detail, retry=retry)
            case {
                "edition": int(edition),
                "url": str(url),
                "at": int(at),
                "writes": int(writes),
                "readbacks": int(readbacks),
            }:
                return Placement(
                    mirror=mirror,
                    edition=edition,
                    url=url,
                    at=datetime.fromtimestamp(at, UTC),
                    writes=writes,
                    readbacks=readbacks,
                )
    except (ValueError, OverflowError, OSError):
        pass  # told below
    raise LedgerError(f"{job.name}: a worker told what cannot be read: is it of this version?")


def told_parts(parts: Sequence[Part]) -> str:
    """One line of JSON; why vantages failed is left out where it is too much."""
    rows = [_row(part, part.fault) for part in parts]
    whole = json.dumps(rows)
    return whole if len(whole) <= MOST_TOLD else json.dumps([_row(one, None) for one in parts])


def parts(job: Job, text: str, kept: Mapping[int, Round]) -> Sequence[Part]:
    """What was told of a look, with the rounds that the ledger keeps of it.

    LedgerError where it is nothing that a worker says.
    """
    found = []
    try:
        for row in json.loads(text):
            match row:
                case [str(vantage), bool(control), list(numbers), (str() | None) as fault]:
                    rounds = tuple(kept[number] for number in numbers if number in kept)
                    found.append(Part(vantage=vantage, control=control, rounds=rounds, fault=fault))
                case _:
                    raise ValueError("a part of another form")  # noqa: TRY301 - told below
    except (ValueError, TypeError):
        raise LedgerError(
            f"{job.name}: a worker told what cannot be read: is it of this version?"
        ) from None
    return found


def _row(part: Part, fault: str | None) -> Sequence[object]:
    numbers = [one.number for one in part.rounds]
    return [part.vantage, part.control, numbers, fault[:MOST_FAULT] if fault else None]
