"""Keeping: an edition in one page, passed by hand, checked and laid into a folder."""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from signing.sources import FileSource
from signing.state import State
from signing.verify import Report, verify
from tamizdat.errors import ConfigError

PAGE = "edition.html"


def is_page(copy: str) -> bool:
    """Whether `copy` is an edition in one HTML file on this machine."""
    path = Path(copy.removeprefix("file://"))
    return path.suffix.lower() in {".html", ".htm"} and path.is_file()


async def keep_page(
    copies: Sequence[str], folder: Path, root_id: str, now: datetime, seen: State | None
) -> Report:
    """Lay the newest authentic page of `copies` into `folder` as `edition.html`.

    What lies there already stays where it is as new. ConfigError where the folder cannot be used.
    """
    there = folder / PAGE
    candidates = [Path(copy.removeprefix("file://")) for copy in copies]
    if await asyncio.to_thread(there.exists):
        candidates = [there, *candidates]
    reports = [(await verify(FileSource(path), root_id, now, seen), path) for path in candidates]
    good = [(report, path) for report, path in reports if report.authentic]
    if not good:
        return reports[-1][0]
    report, newest = max(good, key=lambda pair: (pair[0].edition or 0, pair[1] == there))
    if newest == there:
        return report
    fresh = there.with_name(f".{PAGE}.new")
    await asyncio.to_thread(_copy, newest, fresh)
    # what was copied is judged, not what lay there when it was read before
    report = await verify(FileSource(fresh), root_id, now, seen)
    if report.authentic:
        await asyncio.to_thread(_rename, fresh, there)
    else:
        await asyncio.to_thread(fresh.unlink)
    return report


def _copy(source: Path, fresh: Path) -> None:
    try:
        fresh.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)  # a link that a stranger laid there would be written through
        with source.open("rb") as plain, fresh.open("xb") as laid:
            shutil.copyfileobj(plain, laid)
    except OSError as error:
        raise ConfigError(f"{fresh.parent}: cannot be written ({error.strerror})") from None


def _rename(fresh: Path, there: Path) -> None:
    try:
        fresh.replace(there)
    except OSError as error:
        raise ConfigError(f"{there}: cannot be written ({error.strerror})") from None
