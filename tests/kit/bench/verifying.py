"""Verifying: a whole copy, and a file passed by hand, beside gpg with sha256sum, and minisign."""

import hashlib
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.kit.bench.cost import Cost, spent
from tests.kit.bench.paper import PROGRAM, Paper, founded
from tests.kit.bench.peers import HOUSE, Cast
from tests.kit.bench.report import Finding, Report, compared
from tests.kit.bench.rounds import Counts, Runner, Series, race

TREE, FILE = "tamizdat verify FOLDER", "tamizdat verify ZIP"
GPG, MINISIGN = "gpg --verify, sha256sum -c", "minisign -V, sha256sum -c"
GPG_FILE, LIMIT = "gpg --verify, sha256sum of the ZIP", "openssl dgst of every file"
SUMS = "SHA256SUMS"


def verify(
    place: Path, count: int, rounds: int, cast: Cast, tell: Callable[[str], None]
) -> Sequence[Report]:
    """The report on checking a copy of `count` articles."""
    paper, _ = founded(place / "room", count, mirrors=("amber",))
    paper.run("publish", "--json")
    copy, file = paper.folder / "mirrors" / "amber", place / "all.zip"
    spent(
        [sys.executable, "-m", "tests.kit.bench.sealing", str(paper.folder), str(count), str(file)],
        cwd=HOUSE,
    )
    files = _sums(copy, place)
    runners = [_ours(TREE, copy, paper), _ours(FILE, file, paper), *_peers(place, copy, file, cast)]
    series = race(runners, rounds, tell)
    return (
        Report(
            bench="verify",
            title=f"checking a copy of {count:,} articles, {files:,} files",
            rounds=rounds,
            series=series,
            findings=_findings(series),
            remarks=(*_speed(cast), "the start of each program is counted"),
        ),
    )


def _findings(series: Sequence[Series]) -> Sequence[Finding]:
    return (
        *compared("verify a tree: seconds, to gpg + sha256sum", series, TREE, GPG, "wall", 1.5),
        *compared("verify a tree: processor", series, TREE, GPG, "cpu", None),
        *compared(
            "verify a ZIP of the same: seconds, to gpg + sha256sum",
            series,
            FILE,
            GPG,
            "wall",
            1.0,
        ),
        *compared(
            "verify a ZIP: seconds, to gpg + sha256sum of the ZIP",
            series,
            FILE,
            GPG_FILE,
            "wall",
            None,
        ),
        *compared(
            "verify a tree: seconds, to minisign + sha256sum",
            series,
            TREE,
            MINISIGN,
            "wall",
            None,
        ),
        *compared("verify a tree: seconds, to the limit", series, TREE, LIMIT, "wall", None),
    )


def _ours(name: str, copy: Path, paper: Paper) -> Runner:
    command = [PROGRAM, "verify", str(copy), "--root", paper.root, "--json"]

    def outcome(cost: Cost) -> Counts:
        assert json.loads(cost.said)["authentic"], cost.said
        return {"authentic": 1}

    return Runner(name=name, run=lambda: spent(command), outcome=outcome)


def _peers(place: Path, copy: Path, file: Path, cast: Cast) -> Sequence[Runner]:
    runners = []
    sums = place / SUMS
    gpg, sha256sum = cast.program("gpg"), cast.program("sha256sum")
    if gpg and sha256sum:
        home = _gpg_home(place, gpg)
        _gpg_sign(gpg, home, sums)
        one = place / "ZIPSUMS"
        one.write_text(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n")
        _gpg_sign(gpg, home, one)
        runners += [
            _shell(GPG, f"{_gpg(gpg, home, sums)} && {_summed(sha256sum, sums)}", copy),
            _shell(GPG_FILE, f"{_gpg(gpg, home, one)} && {_summed(sha256sum, one)}", place),
        ]
    if (minisign := cast.program("minisign")) and sha256sum:
        key = place / "mini"
        made = [minisign, "-GW", "-p", f"{key}.pub", "-s", str(key)]
        subprocess.run(made, check=True, capture_output=True, timeout=60)
        signed = [minisign, "-S", "-s", str(key), "-m", str(sums)]
        subprocess.run(signed, check=True, capture_output=True, timeout=60, input=b"\n")
        check = shlex.join([minisign, "-Vqm", str(sums), "-p", f"{key}.pub"])
        runners.append(_shell(MINISIGN, f"{check} && {_summed(sha256sum, sums)}", copy))
    if openssl := cast.program("openssl"):
        command = f"xargs -a {place / 'names'} -n 2000 {openssl} dgst -sha256 -r > /dev/null"
        runners.append(_shell(LIMIT, command, copy))
    return runners


def _shell(name: str, command: str, cwd: Path) -> Runner:
    return Runner(name=name, run=lambda: spent(["sh", "-c", command], cwd=cwd))


def _sums(copy: Path, place: Path) -> int:
    """What a reader of the peers has: a list of digests of every file."""
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    names = [path.relative_to(copy).as_posix() for path in files]
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n"
        for path, name in zip(files, names, strict=True)
    ]
    (place / SUMS).write_text("".join(lines))
    (place / "names").write_text("\n".join(names) + "\n")
    return len(files)


def _summed(sha256sum: str, sums: Path) -> str:
    return shlex.join([sha256sum, "-c", "--quiet", str(sums)])


def _gpg_home(place: Path, gpg: str) -> Path:
    home = place / "g"
    home.mkdir(mode=0o700)
    words = ["--batch", "--passphrase", "", "--quick-gen-key", "bench", "ed25519", "sign", "never"]
    command = [gpg, "--homedir", str(home), *words]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return home


def _gpg_sign(gpg: str, home: Path, file: Path) -> None:
    command = [gpg, "--homedir", str(home), "--batch", "-abo", f"{file}.asc", str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def _gpg(gpg: str, home: Path, file: Path) -> str:
    words = [gpg, "--homedir", str(home), "-q", "--batch", "--trust-model", "always"]
    return shlex.join([*words, "--verify", f"{file}.asc", str(file)])


def _speed(cast: Cast) -> Sequence[str]:
    """What the processor does at most, by `openssl speed`."""
    openssl = cast.program("openssl")
    if not openssl:
        return ()
    command = [openssl, "speed", "-seconds", "1", "-bytes", "8192", "-mr", "-evp", "sha256"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    found = re.search(r"^\+F:\d+:[^:]+:([0-9.]+)", done.stdout, re.MULTILINE)
    return (
        (f"limit: openssl hashes {float(found[1]) / 1e6:,.0f} MB/s in 8 KB pieces",)
        if found
        else ()
    )
