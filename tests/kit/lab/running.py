"""Running the lab: from outside its namespaces. Without privilege where the kernel allows it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).parents[3]
ROWS = HOUSE / "tests" / "lab" / "rows.toml"
_ROOTLESS = ("unshare", "-Urmn")
_ROOT = ("unshare", "-mn")
_TRIAL = (
    "mount -t tmpfs none /run && mkdir /run/netns && ip netns add a"
    " && ip link add lab0 type veth peer name lab1 && ip link set lab1 netns a"
    ' && ip netns exec a "$0" -c pass'
)
_SECONDS = 30


@cache
def way_in() -> tuple[str, ...] | None:
    """How namespaces can be made here; None where they cannot."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        return None
    ways = [_ROOTLESS, *([_ROOT] if os.geteuid() == 0 else [])]
    for way in ways:
        trial = [*way, "sh", "-c", _TRIAL, sys.executable]
        done = subprocess.run(trial, capture_output=True, check=False, timeout=_SECONDS)
        if done.returncode == 0:
            return way
    return None


def outcomes(
    folder: Path, rows: Path = ROWS, names: Sequence[str] = (), times: int = 1
) -> Iterator[dict[str, Any]]:
    """Play rows of a file in a fresh lab; `folder` keeps its certificates."""
    way = way_in()
    if way is None:
        raise OSError("no network namespaces can be made here")
    command = [*way, sys.executable, "-m", "tests.kit.lab", str(rows), str(folder), str(times)]
    with subprocess.Popen([*command, *names], cwd=HOUSE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                yield json.loads(line)
        finally:
            process.stdout.close()
            process.terminate() if process.poll() is None else None
            code = process.wait(_SECONDS)
    if code:
        raise OSError(f"the lab ended with {code}")
