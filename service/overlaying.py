"""Overlaying: what is local to one mirror (`here.json`, `ways.html`), made anew when it must."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from feeds.page import ways_page
from mirror.hints import hints as hints_for
from service.fading import fading
from service.gathering import live_languages
from service.newsroom import Newsroom
from signing.seal import HERE_LIFETIME, seal
from tamizdat.digest import digest
from tamizdat.edition import SealedEdition
from tamizdat.ledgers import Overlay
from tamizdat.placement import Mirror
from tamizdat.wire import SPEC, Here, Sized


async def overlay(
    room: Newsroom, mirror: Mirror, pool: Sequence[Mirror], edition: SealedEdition
) -> Overlay:
    """The overlay of `mirror` for `edition`; the last one where nothing in it changed.

    A new ways page waits while the last one may not have arrived: `here.json` names only two
    (formats 3.10), and a mirror may still hold either.
    """
    now = room.clock.now()
    paper = replace(
        room.paper,
        languages=live_languages(room.paper.languages, await room.ledgers.articles.lengths()),
    )
    last = await room.ledgers.pool.overlay(mirror.id)
    hints = hints_for(mirror, pool)
    ways = ways_page(paper, mirror.base, hints, tokens=bool(room.config.channel))
    if last is None:
        return await _make(room, mirror, edition, None, ways, (_stamp(ways),), hints)
    here = Here.parse(last.here.body, "here.json")
    placed = await room.ledgers.pool.placed(mirror.id)
    arrived = bool(placed) and placed[0] == last.here.sha256
    if ways != last.ways and not arrived:
        ways, hints = last.ways, here.hints
    stamps = here.ways if ways == last.ways else (_stamp(ways), here.ways[0])
    same = (here.edition, here.base, here.hints, here.root_version) == (
        edition.number,
        mirror.base,
        hints,
        room.keys.root.version,
    )
    if same and ways == last.ways and not _fading(here, now):
        return last
    return await _make(room, mirror, edition, here, ways, stamps, hints)


async def _make(
    room: Newsroom,
    mirror: Mirror,
    edition: SealedEdition,
    before: Here | None,
    ways: bytes,
    stamps: tuple[Sized, ...],
    hints: tuple[str, ...],
) -> Overlay:
    now = room.clock.now()
    body = Here(
        spec=SPEC,
        channel=room.keys.root.channel,
        issued=now,
        version=before.version + 1 if before else 1,
        root_version=room.keys.root.version,
        edition=edition.number,
        base=mirror.base,
        ways=stamps,
        hints=hints,
        expires=now + HERE_LIFETIME,
    ).encode()
    made = Overlay(here=await seal(body, room.keys.mirrors), ways=ways)
    await room.ledgers.pool.commit_overlay(mirror.id, made)
    return made


def _stamp(body: bytes) -> Sized:
    return Sized(sha256=digest(body), len=len(body))


def _fading(here: Here, now: datetime) -> bool:
    return fading(here.issued, here.expires, now)
