"""A watched folder: what is dropped there becomes a draft, once nobody writes to it any more.

What was taken is moved to `taken/`, what could not be to `set-aside/`, with the reason beside it.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from feeds.incoming import Arrival
from feeds.sources import feed, ghost, nearby
from service.newsroom import Newsroom
from service.stories.importing import Imported, bring_in
from service.stories.sources import Wanted, arrivals, kind_of
from service.stories.web import Web
from tamizdat.errors import SourceError

TAKEN, ASIDE, WHY = "taken", "set-aside", ".why.txt"
MAX_FILES = 1000
"""Files that are looked at in one look."""

_MOST_NAMES = 10_000
_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
"""They lie beside a text that names them, and stay."""

_UNDER_WAY = frozenset({".part", ".partial", ".tmp", ".crdownload", ".download"})
_UNKNOWN = (
    "is no text that is known here: bring .docx, .md, .html, or a feed or Ghost's export as .json"
)
Sizes = Mapping[str, tuple[int, int]]


@dataclass(slots=True, kw_only=True)
class Folder:
    """The folder, and how big each file was at the look before."""

    place: Path
    language: str | None = None
    _before: Sizes = field(default_factory=dict)

    async def look(self, room: Newsroom) -> int:
        """Take what did not change since the look before; how many files were taken."""
        now = await asyncio.to_thread(_sizes, self.place)
        ready, self._before = settled(self._before, now), now
        taken = 0
        for name in ready:
            taken += await self._take(room, self.place / name)
        return taken

    async def _take(self, room: Newsroom, path: Path) -> int:
        web = Web(loop=asyncio.get_running_loop())  # nothing here asks it
        try:
            async with room.writing:
                found = await bring_in(
                    room, _arrivals(path, web), release=False, language=self.language
                )
        except SourceError as error:
            reasons: Sequence[str] = [str(error)]
            taken = 0
        else:
            reasons, taken = _reasons(found, path), found.taken
        await asyncio.to_thread(_moved, path, TAKEN if taken else ASIDE, reasons)
        return int(taken > 0)


def settled(before: Sizes, now: Sizes) -> Sequence[str]:
    """Files that are as they were at the look before. Pure."""
    return [name for name, size in sorted(now.items()) if before.get(name) == size]


def set_aside(place: Path) -> Sequence[tuple[str, str]]:
    """What lies set aside in the watched folder, and why."""
    try:
        notes = sorted((place / ASIDE).glob(f"*{WHY}"))[:MAX_FILES]
        return [(one.name.removesuffix(WHY), one.read_text("utf-8").strip()) for one in notes]
    except (OSError, UnicodeDecodeError):
        return []


def _sizes(place: Path) -> Sizes:
    found: dict[str, tuple[int, int]] = {}
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.scandir(place) as entries:
            for one in entries:
                suffix = Path(one.name).suffix.lower()
                passed = one.name.startswith((".", "~$")) or suffix in _PICTURES | _UNDER_WAY
                if passed or not one.is_file(follow_symlinks=False):
                    continue
                state = one.stat(follow_symlinks=False)
                found[one.name] = (state.st_size, state.st_mtime_ns)
                if len(found) >= MAX_FILES:
                    break
    except OSError as error:
        raise SourceError(f"import.folder: {place}: {error.strerror}: check it") from error
    return found


def _arrivals(path: Path, web: Web) -> Iterator[Arrival]:
    kind = kind_of(path)
    if kind is not None:
        yield from arrivals(Wanted(kind=kind, place=str(path)), web)
    elif path.suffix.lower() == ".json":
        body = nearby.body(path, feed.MAX_BYTES)
        try:
            yield from list(feed.read(body))
        except SourceError:
            yield from ghost.read(body)
    else:
        raise SourceError(_UNKNOWN)


def _reasons(found: Imported, path: Path) -> Sequence[str]:
    return [
        one.reason if one.label == path.name else f"{one.label}: {one.reason}"
        for one in found.set_aside
    ]


def _moved(path: Path, folder: str, reasons: Sequence[str]) -> None:
    place = path.parent / folder
    try:
        place.mkdir(exist_ok=True, mode=0o700)
        name = _free(place, path)
        path.replace(place / name)
        if reasons:
            (place / f"{name}{WHY}").write_text("\n".join(reasons) + "\n", encoding="utf-8")
    except OSError as error:
        raise SourceError(f"import.folder: {place}: {error.strerror}: check it") from error


def _free(place: Path, path: Path) -> str:
    """A name that nothing has there yet."""
    names = (f"{path.stem} ({n}){path.suffix}" for n in range(2, _MOST_NAMES))
    taken = next((one for one in (path.name, *names) if not (place / one).exists()), None)
    if taken is None:
        raise SourceError(f"import.folder: {place}: too many files of one name: empty it")
    return taken
