"""Zipping: our ZIP of a folder, as the service makes it, which has long started.

A program of its own: `python -m tests.kit.bench.zipping FOLDER TO [BEFORE]` answers in JSON what
the ZIP of FOLDER took. With BEFORE, the ZIP of that folder was made first, and is remembered.
"""

import json
import os
import sys
import time
from pathlib import Path

from feeds.bundle import zip_body

COMMENT = 4096
"""About so long is a trailer."""


def zipped(folder: Path) -> bytes:
    """The ZIP of every file below `folder`, without its trailer."""
    cut = len(f"{folder}/")
    found = [f"{here}/{name}" for here, _, names in os.walk(folder) for name in names]
    members = [(path[cut:], Path(path).read_bytes()) for path in found]
    return zip_body(members, COMMENT) + bytes(COMMENT)


def main() -> None:
    """Make the ZIP, and tell what that took."""
    folder, target, *before = map(Path, sys.argv[1:])
    for one in before:
        zipped(one)
    wall, cpu = time.perf_counter(), time.process_time()
    target.write_bytes(zipped(folder))
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    sys.stdout.write(json.dumps(took) + "\n")


if __name__ == "__main__":
    main()
