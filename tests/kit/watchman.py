"""A watchman: a process of its own that checks every mirror over and over while others work.

`python -m tests.kit.watchman JSON` writes one JSON line for each check of a mirror until its
input ends. A refusal of `verify`, a link that leads nowhere, or a changing file that is not
signed is trouble; nothing is retried here that a reader would not retry.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from threading import Event, Lock, Thread

from service.clock import SystemClock
from signing.verify import verify
from tests.kit.copies import BucketCopy, Copy, FolderCopy, Marks
from tests.kit.links import Links

PERIOD = 0.12
"""Seconds from one check to the next, where nothing changes; where it does, we look on at once."""

_STOP_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A mirror to check: a folder, or a bucket's address; `base` is what its feeds bear."""

    mirror: str
    folder: str | None = None
    bucket: str | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One look at one mirror; not `anew` where every file was the one of the look before."""

    mirror: str
    at: float
    seconds: float
    anew: bool
    edition: int | None
    changing_to: int | None
    pages: int
    trouble: str


@dataclass(slots=True)
class Watch:
    """What a watchman has seen so far."""

    checks: list[Check] = field(default_factory=list)
    begun: Event = field(default_factory=Event)

    def troubles(self) -> list[str]:
        """What no reader should ever meet."""
        return [f"{c.mirror} edition {c.edition}: {c.trouble}" for c in self.checks if c.trouble]

    def rate(self, mirror: str) -> float:
        """Checks of a mirror each second, over the whole watch."""
        times = [check.at for check in self.checks if check.mirror == mirror]
        return (len(times) - 1) / (times[-1] - times[0])

    def anew(self, mirror: str) -> int:
        """How many checks found other files than the check before."""
        return sum(check.mirror == mirror and check.anew for check in self.checks)

    def longest_gap(self, mirror: str) -> float:
        """Most seconds between two checks of a mirror."""
        times = [check.at for check in self.checks if check.mirror == mirror]
        return max(after - before for before, after in pairwise(times))


@contextmanager
def watched(root: str, mirrors: Sequence[Watched]) -> Iterator[Watch]:
    """A watchman over `mirrors` until the block ends; all of them must be published before."""
    order = json.dumps({"root": root, "mirrors": [asdict(one) for one in mirrors]})
    watch = Watch()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.kit.watchman", order],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        ears = Thread(target=_hear, args=(child, watch), name="watchman")
        ears.start()
        try:
            if not watch.begun.wait(_STOP_SECONDS):
                raise TimeoutError("the watchman did not begin")
            yield watch
        finally:
            assert child.stdin
            child.stdin.close()
            ears.join(_STOP_SECONDS)
            child.wait(_STOP_SECONDS)
    if child.returncode != 0:
        raise RuntimeError(f"the watchman died ({child.returncode})")


def _hear(child: "subprocess.Popen[str]", watch: Watch) -> None:
    assert child.stdout
    for line in child.stdout:
        watch.checks.append(Check(**json.loads(line)))
        watch.begun.set()


class _Beat:
    """The watchman's view of one mirror."""

    def __init__(self, root: str, watched: Watched) -> None:
        self._root = root
        self._mirror = watched.mirror
        self._copy: Copy
        if watched.folder:
            self._copy = FolderCopy(Path(watched.folder))
        else:
            self._copy = BucketCopy(str(watched.bucket))
        self._links = Links(self._copy, watched.base)
        self._marks: Marks = {}
        self._last: Check | None = None

    def check(self) -> Check:
        """Verify, then follow every link; the same bytes as before get the verdict of before."""
        begun = time.monotonic()
        marks = self._copy.marks()
        if self._last is None or marks != self._marks:
            self._marks = marks
            return self._all_anew(begun)
        seconds = time.monotonic() - begun
        return replace(self._last, at=begun, seconds=seconds, anew=False)

    def _all_anew(self, begun: float) -> Check:
        report = asyncio.run(verify(self._copy.source, self._root, SystemClock().now()))
        pages, missing = self._links.broken()
        trouble = "" if report.authentic else f"verify: {report.clause} {report.reason}"
        if missing:
            trouble += f" {len(missing)} dangling: {'; '.join(missing[:3])}"
        self._last = Check(
            mirror=self._mirror,
            at=begun,
            seconds=time.monotonic() - begun,
            anew=True,
            edition=report.edition,
            changing_to=report.changing_to,
            pages=pages,
            trouble=trouble,
        )
        return self._last


def _until_told(told: Event) -> None:
    sys.stdin.read()
    told.set()


def _walk_the_beat(beat: _Beat, told: Event, say: Lock) -> None:
    while not told.is_set():
        begun = time.monotonic()
        check = beat.check()
        with say:
            sys.stdout.write(json.dumps(asdict(check)) + "\n")
            sys.stdout.flush()
        if not check.anew:
            told.wait(max(0.0, begun + PERIOD - time.monotonic()))


def main() -> None:
    """Check each mirror on a thread of its own until the input ends."""
    order = json.loads(sys.argv[1])
    beats = [_Beat(order["root"], Watched(**one)) for one in order["mirrors"]]
    told, say = Event(), Lock()
    Thread(target=_until_told, args=(told,), daemon=True).start()
    with ThreadPoolExecutor(len(beats)) as pool:
        for walk in [pool.submit(_walk_the_beat, beat, told, say) for beat in beats]:
            walk.add_done_callback(lambda _: told.set())
            walk.result()


if __name__ == "__main__":
    main()
