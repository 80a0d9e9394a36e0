"""Pushing: an edition to an S3 bucket, first, changed a little, unchanged, and rendered again."""

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.bench import checking
from tests.kit.bench.clients import RCLONE, S5CMD, Client, clients
from tests.kit.bench.cloud import ACCESS, SECRET, Cloud, running
from tests.kit.bench.cost import Cost, spent
from tests.kit.bench.paper import Paper, founded
from tests.kit.bench.peers import HOUSE, Cast
from tests.kit.bench.report import Counted, Finding, Measure, Report, compared
from tests.kit.bench.rounds import Counts, Runner, Series, race

PUT, READ = "tamizdat, puts alone", "tamizdat, read back"
MANY = 20
FIRST, DELTA, NONE, AGAIN = "first", "1 % changed", "unchanged", "rendered again"
PHASES = {FIRST: "nothing", DELTA: "correct", NONE: "nothing", AGAIN: "rebuild"}
"""What happens before each phase; rendered again, the peers' files are as they were, but newer."""

Tell = Callable[[str], None]


def push(place: Path, count: int, rounds: int, cast: Cast, tell: Tell) -> Sequence[Report]:
    """Reports on pushing an edition of `count` articles."""
    rclone, nginx = cast.program("rclone"), cast.program("nginx")
    if not rclone or not nginx:
        return ()
    tell(f"push: {count} articles come in")
    paper, _ = founded(place / "room", count)
    paper.run("publish", "--json")
    with running(place / "cloud", rclone, nginx) as cloud:
        stage = Stage(place=place, paper=paper, cloud=cloud)
        one = _one(stage, rounds, cast, tell)
        return one, _many(place, paper, cloud, one, rounds, tell)


@dataclass(kw_only=True)
class Stage:
    """What one round works on: buckets of its own, and the trees that peers sync from."""

    place: Path
    paper: Paper
    cloud: Cloud
    turn: int = 0
    trees: dict[str, Path] = field(default_factory=dict)

    def begin(self) -> None:
        """Fresh newsrooms and buckets."""
        self.turn += 1
        for name in ("put", "read"):
            self.bucket(name)
            room = self.paper.fresh(self.place / name)
            add_bucket(room.folder, self.cloud, f"{name}{self.turn}")

    def bucket(self, name: str) -> str:
        """A bucket of this round."""
        self.cloud.bucket(f"{name}{self.turn}")
        return f"{name}{self.turn}"

    def keep(self, phase: str) -> None:
        """The bucket's files as they are now are what peers sync from in this phase."""
        tree = self.place / "trees" / phase
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree(self.cloud.place / "buckets" / f"read{self.turn}", tree)
        self.trees[phase] = tree


def add_bucket(folder: Path, cloud: Cloud, bucket: str) -> None:
    """Let a bucket be a mirror of the newsroom in `folder`."""
    secret = folder / "bucket.toml"
    secret.write_text(f'access_key = "{ACCESS}"\nsecret_key = "{SECRET}"\n')
    secret.chmod(0o600)
    with (folder / "tamizdat.toml").open("a") as config:
        config.write(
            f'\n[[mirror]]\nid = "{bucket}"\nbackend = "s3"\nbucket = "{bucket}"\n'
            f'endpoint = "{cloud.endpoint}"\ncredentials = "bucket.toml"\n'
            f'url = "{cloud.endpoint}/{bucket}/"\n'
        )


def _one(stage: Stage, rounds: int, cast: Cast, tell: Tell) -> Report:
    peers = clients(stage.cloud, cast)
    runners = [
        runner
        for phase in PHASES
        for runner in (*_ours(stage, phase), *(_peer(stage, one, phase) for one in peers))
    ]
    series = race(runners, rounds, tell)
    return Report(
        bench="push",
        title=f"pushing {stage.paper.count:,} articles to one bucket",
        rounds=rounds,
        series=series,
        findings=(
            *_against(series, "first push: processor", PUT, RCLONE, FIRST, "cpu", 0.6),
            *_against(series, "first push: processor", PUT, S5CMD, FIRST, "cpu", 0.4),
            *_against(series, "first push: seconds", PUT, RCLONE, FIRST, "wall", 1.0),
            *_against(series, "first push: seconds", PUT, S5CMD, FIRST, "wall", 1.0),
            *_against(series, "first push, read back: processor", READ, RCLONE, FIRST, "cpu", None),
            *_against(series, "1 % changed, read back: seconds", READ, RCLONE, DELTA, "wall", None),
        ),
        counted=_counted(series),
        remarks=("ours within the service, the edition made; peers from their start",),
    )


def _against(
    series: Sequence[Series],
    text: str,
    ours: str,
    theirs: str,
    phase: str,
    measure: Measure,
    at_most: float | None,
) -> Sequence[Finding]:
    names = f"{ours}: {phase}", f"{theirs}: {phase}"
    return compared(f"{text}, to {theirs}", series, *names, measure, at_most)


def _many(place: Path, paper: Paper, cloud: Cloud, one: Report, rounds: int, tell: Tell) -> Report:
    """To many mirrors at once, beside as many runs of rclone to one."""
    name = f"tamizdat, {MANY} buckets"
    turns = iter(range(1, rounds + 1))

    def prepare() -> None:
        turn = next(turns)
        room = paper.fresh(place / "many")
        for number in range(MANY):
            cloud.bucket(f"many{turn}-{number}")
            add_bucket(room.folder, cloud, f"many{turn}-{number}")

    runner = Runner(
        name=name,
        prepare=prepare,
        run=lambda: _laid(place / "many", "put", "nothing")[0],
        outcome=lambda _cost: cloud.requests(),
    )
    series = [
        *race([runner], rounds, tell),
        *(s for s in one.series if s.name == f"{RCLONE}: {FIRST}"),
    ]
    return Report(
        bench="push",
        title=f"pushing {paper.count:,} articles to {MANY} buckets",
        rounds=rounds,
        series=series,
        findings=compared(
            f"{MANY} mirrors: processor, to {MANY} runs of rclone",
            series,
            name,
            f"{RCLONE}: {FIRST}",
            "cpu",
            0.5,
            times=MANY,
        ),
    )


def _ours(stage: Stage, phase: str) -> Sequence[Runner]:
    alone = [_our(stage, PUT, "put", phase)] if phase == FIRST else []
    return [*alone, _our(stage, READ, "read", phase)]


def _our(stage: Stage, name: str, mode: str, phase: str) -> Runner:
    told: dict[str, int] = {}

    def prepare() -> None:
        if phase == FIRST and mode == "put":
            stage.begin()
        stage.cloud.requests()

    def run() -> Cost:
        cost, counts = _laid(stage.place / mode, mode, PHASES[phase])
        told.update(counts)
        return cost

    def outcome(_cost: Cost) -> Counts:
        counts = {**stage.cloud.requests(), **told}
        if mode == "read":
            stage.keep(phase)
            found = checking.newspaper(checking.folder(stage.trees[phase]), stage.paper.count)
            counts["files"] = found["files"]
        return counts

    return Runner(name=f"{name}: {phase}", prepare=prepare, run=run, outcome=outcome)


def _peer(stage: Stage, client: Client, phase: str) -> Runner:
    name = client.name.partition(",")[0]

    def prepare() -> None:
        if phase == FIRST:
            stage.bucket(name)
        if phase == AGAIN:
            for path in stage.trees[phase].rglob("*"):
                path.touch()
        stage.cloud.requests()

    def run() -> Cost:
        tree = stage.trees[DELTA if phase == NONE else phase]
        bucket = f"{name}{stage.turn}"
        return spent(client.command(tree, bucket), variables=client.variables)

    def outcome(_cost: Cost) -> Counts:
        lying = stage.cloud.place / "buckets" / f"{name}{stage.turn}"
        files = sum(1 for path in lying.rglob("*") if path.is_file())
        return {**stage.cloud.requests(), "files": files}

    return Runner(name=f"{client.name}: {phase}", prepare=prepare, run=run, outcome=outcome)


def _laid(folder: Path, mode: str, change: str) -> tuple[Cost, dict[str, int]]:
    words = ["-m", "tests.kit.bench.laying", str(folder), mode, change]
    whole = spent([sys.executable, *words], cwd=HOUSE)
    told: Mapping[str, float] = json.loads(whole.said)
    counts = {name: int(told[name]) for name in ("owed", "pages")}
    return Cost(wall=told["wall"], cpu=told["cpu"], peak=whole.peak), counts


def _counted(series: Sequence[Series]) -> Sequence[Counted]:
    counts = {one.name: one.counts for one in series}
    delta, none, again = (counts[f"{READ}: {phase}"] for phase in list(PHASES)[1:])
    return (
        Counted(
            text="1 % changed: PUTs, to files owed",
            found=delta.get("PUT", 0),
            at_most=delta["owed"],
        ),
        Counted(
            text="unchanged: requests", found=none.get("PUT", 0) + none.get("GET", 0), at_most=1
        ),
        Counted(text="rendered again: pages put", found=again["pages"], at_most=0),
        Counted(
            text="rendered again: PUTs, to signed files owed",
            found=again.get("PUT", 0),
            at_most=again["owed"],
        ),
    )
