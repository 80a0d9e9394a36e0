"""Zipping: our ZIP of a folder.

A program of its own: `python -m tests.kit.bench.zipping FOLDER TO [AGAIN]`.

With AGAIN, a folder in which a few files differ, a second ZIP of that one is made as the running
service makes it, which remembers the first; what that took is told in JSON.
"""

import json
import sys
import time
from pathlib import Path

from feeds.bundle import zip_body

COMMENT = 4096
"""About so long is a trailer."""


def zipped(folder: Path) -> bytes:
    """The ZIP of every file below `folder`, without its trailer."""
    members = [
        (path.relative_to(folder).as_posix(), path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    ]
    return zip_body(members, COMMENT) + bytes(COMMENT)


def main() -> None:
    """Make the ZIP, and maybe the next."""
    folder, target, *again = map(Path, sys.argv[1:])
    target.write_bytes(zipped(folder))
    if again:
        wall, cpu = time.perf_counter(), time.process_time()
        target.write_bytes(zipped(again[0]))
        took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        sys.stdout.write(json.dumps(took) + "\n")


if __name__ == "__main__":
    main()
