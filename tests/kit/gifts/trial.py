"""A trial: one hostile thing before `verify` and `read`, and what went wrong."""

import hashlib
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tests.kit.gifts.case import Case
from tests.kit.gifts.host import Host
from tests.kit.gifts.mint import Mint
from tests.kit.gifts.pages import pages
from tests.kit.gifts.trees import trees
from tests.kit.gifts.webs import webs
from tests.kit.gifts.yard import Run, Yard
from tests.kit.gifts.zips import zips

MEMORY = 100 * 1000 * 1000
SECONDS = 2.0
SHARES = (("zips", 36), ("pages", 24), ("trees", 26), ("webs", 14))
"""Of a hundred cases, so many of each family."""


@dataclass(kw_only=True)
class Findings:
    """What went wrong, and the worst figures with the case that they belong to."""

    runs: int = 0
    wrong: list[str] = field(default_factory=list)
    memory: tuple[int, str] = (0, "")
    seconds: tuple[float, str] = (0.0, "")

    def told(self) -> str:
        """One line."""
        return (
            f"{self.runs} runs, {len(self.wrong)} findings; "
            f"most memory {self.memory[0] / 1e6:.1f} MB ({self.memory[1]}), "
            f"most time {self.seconds[0]:.2f} s ({self.seconds[1]})"
        )


def cases(mint: Mint, host: Host, *, seed: int, count: int) -> Iterator[Case]:
    """`count` hostile things; the same seed gives the same ones."""
    dice = random.Random(seed)  # noqa: S311 - no secret rests on it
    families = {
        "zips": zips(mint, dice),
        "pages": pages(mint, dice),
        "trees": trees(mint, dice),
        "webs": webs(mint, dice, host),
    }
    for name, share in SHARES:
        yield from islice(families[name], round(count * share / 100))


async def tried(yard: Yard, mint: Mint, chosen: Iterator[Case], folder: Path) -> Findings:
    """Every case through `verify` and `read`, every other one with a state."""
    findings = Findings()
    for number, case in enumerate(chosen):
        place = folder / f"c{number}"
        await _tried_one(yard, mint, case, place, findings, state=bool(number % 2))
        shutil.rmtree(place)
    return findings


async def _tried_one(
    yard: Yard, mint: Mint, case: Case, place: Path, findings: Findings, *, state: bool
) -> None:
    (place / "in").mkdir(parents=True)
    (place / "out").mkdir()
    (place / "canary").write_bytes(b"sings")
    name = case.lay(place / "in")
    before = _seen(place)
    remembered = ["--state", str(place / "out" / "state")] if state else []
    words = ["--root", mint.root_id, *remembered]
    to = place / "out" / "to"
    verified = await yard.run("verify", name, *words, folder=place)
    taken = await yard.run("read", name, "--to", to, *words, folder=place)
    wrong = [f"wrote {path}" for path in _changed(before, _seen(place))]
    for verb, run in (("verify", verified), ("read", taken)):
        wrong += [f"{verb}: {what}" for what in _complaints(run)]
        _count(findings, f"{verb} {case.name}", run)
    if not case.signed and name.startswith("/") and "tree" not in case.name and not verified.code:
        wrong.append("was taken for genuine")
    if taken.code == 0 and (await yard.run("verify", to, "--root", mint.root_id)).code:
        wrong.append("what was laid does not verify")
    if taken.code and to.exists():
        wrong.append("refused, but laid")
    findings.wrong += [f"{case.name}: {what}" for what in wrong]


def _count(findings: Findings, name: str, run: Run) -> None:
    findings.runs += 1
    findings.memory = max(findings.memory, (run.memory, name))
    findings.seconds = max(findings.seconds, (run.seconds, name))


def _complaints(run: Run) -> Sequence[str]:
    said = []
    if run.code not in {0, 1, 2}:
        said.append(f"exit {run.code}: {run.err[-300:]}")
    if run.code and (run.err.count("\n") != 1 or not run.err.strip("\n").isprintable()):
        said.append(f"not one plain line: {run.err[:300]!a}")
    if run.memory >= MEMORY:
        said.append(f"took {run.memory / 1e6:.0f} MB")
    if run.seconds >= SECONDS:
        said.append(f"took {run.seconds:.1f} s")
    return said


def _seen(place: Path) -> Mapping[str, str]:
    """What lies around the target folder, by path; nothing in it is followed."""
    found = {}
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        if name.startswith("out/"):
            if not name.startswith(("out/to", "out/.to.", "out/state")):
                found[name] = "there"
        elif path.is_symlink() or not path.is_file():
            found[name] = "there"
        else:
            found[name] = _mark(path)
    return found


def _mark(path: Path) -> str:
    told = path.stat()
    if told.st_size > 1024 * 1024:
        return f"{told.st_size} {told.st_mtime_ns}"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[str]:
    names = before.keys() | after.keys()
    return sorted(name for name in names if before.get(name) != after.get(name))
