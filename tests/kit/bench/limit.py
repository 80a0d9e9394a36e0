"""A limit: the least that any program could take: read, hash and write the same bytes again.

A program of its own: `python -I -S limit.py FOLDER TO`.
"""

import hashlib
import os
import sys


def main() -> None:
    """Read every file below a folder, hash it, and lay it below another."""
    source, target = sys.argv[1:]
    for place, folders, names in os.walk(source):
        there = target + place[len(source) :]
        for folder in folders:
            os.mkdir(f"{there}/{folder}")  # noqa: PTH102 - no more is loaded than needed
        for name in names:
            here = os.open(f"{place}/{name}", os.O_RDONLY)
            body = os.read(here, os.fstat(here).st_size)
            os.close(here)
            hashlib.sha256(body).digest()
            new = os.open(f"{there}/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            os.write(new, body)
            os.close(new)


if __name__ == "__main__":
    main()
