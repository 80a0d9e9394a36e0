"""Setting apart: a newsroom's keys into a backup of their own, under a passphrase of their own."""

import asyncio
import os
import stat
from pathlib import Path
from typing import BinaryIO

from service.backup.contents import CONTENTS, KEYS, MAX_FILES, MAX_SMALL, Contents, is_path
from service.backup.receiving import prove
from service.backup.tar import Writer
from service.clock import SystemClock
from service.keys.published import published_roots
from signing.envelope import Plain, seal
from tamizdat.digest import Digest, digest
from tamizdat.errors import LedgerError
from tamizdat.wire import Sized


async def set_apart(
    folder: Path, root: Digest, grown: BinaryIO, passphrase: str, where: Path
) -> int:
    """Write the keys in `folder` into the open file `grown`; how many files they are.

    LedgerError where they are not those of `root`, or hold what is no key.
    """
    files = await asyncio.to_thread(_files, folder, root)
    contents = Contents(
        kind="keys",
        created=SystemClock().now(),
        root=root,
        files={name: Sized(sha256=digest(body), len=len(body)) for name, body in files.items()},
    )

    def fill(stream: Plain) -> None:
        writer = Writer(stream, contents.created)
        for name, body in {CONTENTS: contents.encode(), **files}.items():
            writer.add(name, len(body), [body])
        writer.close()

    await seal(grown, passphrase, fill)
    await prove(grown, passphrase, "keys", where)
    return len(files)


def _files(folder: Path, root: Digest) -> dict[str, bytes]:
    """Every file of the keys, but what gpg needs only while it runs: sockets and locks."""
    known = published_roots(folder)[0].sha256
    if known != root:
        raise LedgerError(f"{folder}: holds the keys of another newsroom ({known[:16]}...)")
    found: dict[str, bytes] = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if not stat.S_ISREG(path.lstat().st_mode) or _is_passing(name):
                continue
            told = KEYS + path.relative_to(folder).as_posix()
            if not is_path(told):
                raise LedgerError(f"{path}: has a name that no key has: move it elsewhere")
            found[told] = _read(path)
            if len(found) > MAX_FILES:
                raise LedgerError(f"{folder}: holds over {MAX_FILES} files: keep only keys there")
    return dict(sorted(found.items()))


def _is_passing(name: str) -> bool:
    return name.endswith(".lock") or name.startswith(".#lk") or name == "random_seed"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_SMALL + 1)
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read: {error.strerror}") from error
    if len(body) > MAX_SMALL:
        raise LedgerError(f"{path}: is too large for a key: move it elsewhere")
    return body
