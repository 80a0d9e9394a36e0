"""Tries the checks: `python -m tests.kit.mutants [FILE...]` tells which mutants live."""

import sys
import tempfile
from pathlib import Path

from tests.kit.mutants.trying import FILES, tried

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        told = tried(sys.argv[1:] or FILES, Path(folder))
    for name, verdict in told.items():
        if verdict != "killed":
            sys.stdout.write(f"{verdict}: {name}\n")
    killed = sum(verdict == "killed" for verdict in told.values())
    sys.stdout.write(f"{len(told)} mutants, {killed} killed\n")
