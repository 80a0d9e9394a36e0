"""Telling: how a pass ended, as a worker tells it and the service reads it. Pure."""

import json
from datetime import UTC, datetime

from service.running.passing import Again, Ended
from tamizdat.dispatching import MOST_TOLD, Job
from tamizdat.errors import LedgerError
from tamizdat.placement import MirrorId, Placement, Refusal

MOST_DETAIL = MOST_TOLD // 8
"""Characters of a refusal that are told; each may be spelled with six."""


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
        case None:
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
