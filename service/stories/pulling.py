"""Pulling: a source that is asked again and again, where only what is new counts."""

import asyncio
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from feeds.incoming import Arrival, SetAside
from feeds.intake import take
from feeds.sources.fetch import Seen, fetch_newer
from service.newsroom import Newsroom
from service.stories.importing import Fate, Imported, bring_in
from service.stories.picturing import Whose, pictures_of
from service.stories.pulled import Pulled, decode, encode, told
from service.stories.settings import SourceSettings
from service.stories.sources import Kind, Wanted, arrivals
from service.stories.sources import told as what_came
from service.stories.web import Web, host_of
from tamizdat.errors import ConfigError, SourceError
from tamizdat.ledgers import Facts

PAGES = 1
"""Of a site that tells page by page, the newest: what changed lately."""

MAX_KEY = 200
_WHOLE = frozenset({Kind.FEED, Kind.HTML})
"""They come in one answer, which a server need not send twice."""


async def pulled_of(facts: Facts, salt: bytes, source: SourceSettings) -> Pulled:
    """How a source was found when it was asked last."""
    return decode(await facts.get(_name(salt, source)))


async def pull(room: Newsroom, source: SourceSettings) -> tuple[Pulled, int]:
    """Ask a source, and take what is new; how that went, and how many articles came or changed.

    A source that fails is an ordinary day: it is noted, and asked later.
    """
    before = await pulled_of(room.ledgers.facts, room.salt, source)
    now = room.clock.now()
    try:
        found, seen = await _asked(room, source, before)
    except (SourceError, ConfigError) as error:
        after, count = before.failed(now, str(error)), 0
    else:
        aside = told(found.set_aside) if found else before.aside
        whole = not found or not found.set_aside  # what was set aside is asked for again
        after = Pulled(at=now, seen=seen if whole else Seen(), aside=aside)
        count = sum(len(found.fates[fate]) for fate in (Fate.NEW, Fate.REVISED)) if found else 0
    await room.ledgers.facts.set(_name(room.salt, source), encode(after))
    return after, count


async def _asked(
    room: Newsroom, source: SourceSettings, before: Pulled
) -> tuple[Imported | None, Seen]:
    """What came; None where nothing is new."""
    kind = Kind(source.kind)
    key = await asyncio.to_thread(key_in, room.folder / source.key) if source.key else None
    wanted = Wanted(kind=kind, place=source.url, key=key, pages=PAGES)
    web = Web(loop=asyncio.get_running_loop(), allow_private=source.allow_private)
    seen = Seen()
    if kind in _WHOLE:
        got = await fetch_newer(source.url, before.seen, allow_private=source.allow_private)
        if got is None:
            return None, before.seen
        items, seen = await asyncio.to_thread(_listed, what_came(wanted, got)), got.seen
    else:
        items = await asyncio.to_thread(_listed, arrivals(wanted, web))
    return await _taken(room, source, items, web), seen


async def _taken(
    room: Newsroom, source: SourceSettings, items: Sequence[Arrival], web: Web
) -> Imported:
    """All pictures are fetched before the newsroom is asked to wait."""
    pictures = pictures_of(room, web, Whose(source.pictures), host_of(source.url))
    items = list(pictures.along(items))
    await asyncio.to_thread(_fetched, room, items, source.language)
    async with room.writing:
        return await bring_in(room, items, release=source.release, language=source.language)


def _listed(items: Iterable[Arrival]) -> Sequence[Arrival]:
    return list(items)


def _fetched(room: Newsroom, items: Sequence[Arrival], language: str | None) -> None:
    """Have every picture once, so that it lies here; what each article says is not kept."""
    default = language or room.config.newsroom.languages[0]
    for one in items:
        if not isinstance(one, SetAside):
            with suppress(SourceError):  # it is set aside when it is taken
                take(one, salt=room.salt, default_language=default, now=room.clock.now())


def key_in(path: Path) -> str:
    """The key that a file holds."""
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: name a file that holds the key") from error
    if not found or len(found) > MAX_KEY or not found.isascii() or not found.isprintable():
        raise ConfigError(f"{path}: holds no key: one line, as the site shows it")
    return found


def _name(salt: bytes, source: SourceSettings) -> str:
    told = f"pulled\0{source.kind}\0{source.url}".encode()
    return f"pulled {hmac.new(salt, told, hashlib.sha256).hexdigest()[:32]}"
