"""A trying of checks: each one that is removed must fail a test."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HOUSE = Path(__file__).parents[3]
FILES = (
    "signing/trust.py",
    "signing/gate.py",
    "signing/armor.py",
    "signing/state.py",
    "signing/shards.py",
    "tamizdat/wire.py",
    "tamizdat/record.py",
    "tamizdat/canonical.py",
    "tamizdat/moment.py",
    "tamizdat/paths.py",
    "tamizdat/digest.py",
)
"""What decides whether signed bytes are ours: trust, the gate, and what reads for them."""

_SIGNING = (
    "gate",
    "trust",
    "trust_edges",
    "distrust",
    "hint_files",
    "two_people",
    "gaps",
    "recovery",
    "signed_files",
    "state",
    "limits",
)
_GROUND = ("canonical", "record", "words", "article")
TESTS = (
    "tests/vectors/test_python.py",
    *(f"tests/unit/signing/test_{name}.py" for name in _SIGNING),
    *(f"tests/unit/tamizdat/test_{name}.py" for name in _GROUND),
)
"""The quick tests that ask them."""

TIMEOUT = 3000.0


def tried(
    files: Sequence[str],
    folder: Path,
    tests: Sequence[str] = TESTS,
    each: int = 0,
) -> Mapping[str, str]:
    """What became of each mutant of `files` (`each`: of so many a file), by its name."""
    report = folder / "mutants.json"
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "tests.kit.mutants.plugin"]
    command += ["-p", "no:randomly", "-p", "no:cacheprovider"]
    command += [f"--basetemp={folder / 'temp'}", f"--mutants-report={report}"]
    command += [f"--mutants-each={each}", *(f"--mutants-of={file}" for file in files), *tests]
    done = subprocess.run(command, cwd=HOUSE, check=False, timeout=TIMEOUT)
    assert done.returncode == 0, "the tests fail, or a mutant could not be made"
    told: dict[str, str] = json.loads(report.read_text(encoding="utf-8"))
    return told
