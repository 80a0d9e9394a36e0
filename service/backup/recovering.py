"""Recovering: pages that readers have and a restored ledger does not know, kept to work from."""

import asyncio
import os
import re
from collections.abc import Iterable
from pathlib import Path

from service.backup.asking import ReaderSource
from service.backup.staging import make_private
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import Files, Stamp
from tamizdat.errors import LedgerError, SourceError

RECOVERED = "state/recovered"
"""The folder, in the newsroom's, where such pages lie until somebody deletes them."""

MOST = 10_000
"""Files that are kept at most."""

_OBJECT = re.compile(rb"o/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z]+")


async def recover(
    folder: Path, source: ReaderSource, wanted: Iterable[str], files: Files
) -> Path | None:
    """Keep these pages of a mirror with their pictures, each as it was stamped.

    Gives where they lie, None where nothing is kept. What cannot be had is left out: the mirror's
    next edition is not held up by it. LedgerError where this disk refuses.
    """
    place = folder / RECOVERED
    kept = 0
    waiting = list(wanted)[:MOST]
    while waiting:
        path = waiting.pop()
        body = await _genuine(source, path, files)
        if body is None or kept == MOST:
            continue
        kept += 1
        pictures = {match.decode() for match in _OBJECT.findall(body)} if _is_page(path) else set()
        for picture in sorted(pictures & files.keys()):
            if not (place / picture).exists():
                waiting.append(picture)
        await asyncio.to_thread(_write, place / paths.check(path), body)
    return place if kept else None


async def _genuine(source: ReaderSource, path: str, files: Files) -> bytes | None:
    stamp = files[path]
    try:
        body = (await source.fetch({path: stamp.length})).get(path)
    except SourceError:
        return None
    return body if body is not None and Stamp(digest(body), len(body)) == stamp else None


def _is_page(path: str) -> bool:
    return path.endswith(".html")


def _write(path: Path, body: bytes) -> None:
    try:
        make_private(path.parent)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(body)
    except OSError as error:
        raise LedgerError(f"{path.parent}: cannot be written: {error.strerror}") from error
