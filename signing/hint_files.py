"""Hint files as they lie in a copy: which there may be."""

import re

from signing.lectern import Lectern
from signing.trust import Trust
from tamizdat.errors import FormatError
from tamizdat.wire import Hints

MOST = 256
"""So many hint files may lie in a copy (formats 10.6)."""

_PATH = re.compile(r"hints/([0-9a-f]{8})\.json")


def path_of(shard: str) -> str:
    """Where the hint file of a shard lies."""
    return f"hints/{shard}.json"


def shard_at(path: str) -> str | None:
    """The shard whose hint file lies at `path`, None for another file."""
    found = _PATH.fullmatch(path)
    return found[1] if found else None


async def verify(desk: Lectern, trust: Trust) -> None:
    """Nothing where every hint file that can be seen is ours; else FormatError (formats 10.6)."""
    there = sorted(shard for shard in map(shard_at, desk.listing or ()) if shard)
    if len(there) > MOST:
        raise FormatError("10.6", "hints/", f"holds over {MOST} files")
    for shard in there:
        await taken(desk, trust, shard)


async def taken(desk: Lectern, trust: Trust, shard: str) -> Hints | None:
    """The hint file of a shard, verified; None where it does not lie there."""
    sealed = await desk.passing(path_of(shard), Hints.limit)
    return trust.hints(sealed, shard) if sealed else None
