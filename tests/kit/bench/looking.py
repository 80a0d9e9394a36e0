"""Looking: our probe at one site, many times; each look fetches a page and compares its digest.

A program of its own: `python -m tests.kit.bench.looking check|hold BASE TIMES [AUTHORITIES]`
answers in JSON. `hold` looks at a server that never answers, all looks at once.
"""

import asyncio
import json
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from reach.patience import Patience
from reach.probe import HandProbe
from service.clock import SystemClock
from tamizdat.digest import digest
from tamizdat.measurement import Aim, Content, Kind, Vantage
from tamizdat.placement import Exposure, MirrorId
from tamizdat.ports import Fetch

PAGE, AT_ONCE = "page.html", 100
WHOLE = 6.0
"""Seconds that a look at a silent server may take."""

_FEW = 50
"""Looks before the measured ones, so that what is loaded once is loaded."""


@dataclass(frozen=True, slots=True)
class OnePage:
    """A content check that takes one page."""

    sha256: str

    async def check(self, fetch: Fetch) -> Content:
        """Whether the page is as it should be."""
        body = await fetch(PAGE, 64 * 1024)
        good = body is not None and digest(body) == self.sha256
        return Content(code=None if good else "invalid")


async def looked(base: str, times: int, authorities: Path | None, sha256: str) -> dict[str, float]:
    """What `times` looks took, a hundred at once."""
    probe = HandProbe(OnePage(sha256), SystemClock(), authorities=authorities)
    await _many(probe, base, _FEW, AT_ONCE)
    wall, cpu = time.perf_counter(), time.process_time()
    good = await _many(probe, base, times, AT_ONCE)
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "good": good}


async def held(base: str, times: int) -> dict[str, float]:
    """What `times` looks take that nobody answers, all at once; bytes for each of them."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (times + 500, times + 500))
    silence = Patience(tcp=2 * WHOLE, tls=2 * WHOLE, stall=2 * WHOLE, whole=WHOLE)
    probe = HandProbe(OnePage(""), SystemClock(), patience=silence)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    wall, cpu = time.perf_counter(), time.process_time()
    await _many(probe, base, times, times)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "good": 0,
        "bytes": (after - before) / times,
    }


async def _many(probe: HandProbe, base: str, times: int, at_once: int) -> int:
    aim = Aim(mirror=MirrorId("bench"), base=base, exposure=Exposure.PUBLIC, group="open")
    vantage = Vantage(id="v", country="ZZ", network="AS64500", kind=Kind.LOCAL)
    waiting = iter(range(times))
    good = 0

    async def worker() -> None:
        nonlocal good
        for _ in waiting:
            found = await probe.measure(aim, vantage)
            good += found.failure is None

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(worker())
    return good


def main() -> None:
    """Do what the arguments tell."""
    mode, base, times, *rest = sys.argv[1:]
    if mode == "hold":
        told = asyncio.run(held(base, int(times)))
    else:
        authorities = Path(rest[1]) if rest[1:] else None
        told = asyncio.run(looked(base, int(times), authorities, rest[0]))
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
