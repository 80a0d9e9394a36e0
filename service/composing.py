"""Composing: the next edition, where there is a reason for one, rendered, sealed and recorded."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds import places
from feeds.composer import Material, Pages, render
from feeds.page import bundles_page
from feeds.rendering import rendering_id
from feeds.sharding import reshard
from service.anew import FROM_NOTHING
from service.bundling import bundle
from service.fading import fading
from service.gathering import gather
from service.keys.distrusting import distrusted, silenced
from service.newsroom import Newsroom
from signing.seal import MANIFEST_LIFETIME, seal_manifest
from tamizdat.digest import Digest
from tamizdat.edition import SealedEdition, Stamp
from tamizdat.wire import SPEC, BundleRef, Manifest, Previous, Shard, ShardRef

BUNDLE_EVERY = timedelta(hours=6)
KEEP = timedelta(days=30)
KEEP_MOST = 256
STALE = "languages whose bundles lag"
NEWEST_REMOVAL = "newest removal edition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Why a new edition is due. Under a new root (`rooted`) the key that signs may be another."""

    first: bool
    rebuilt: bool
    rooted: bool
    changed: bool
    fading: bool
    bundles: frozenset[str]

    @property
    def any(self) -> bool:
        """Whether there is a reason at all."""
        due = self.first or self.rebuilt or self.rooted or self.changed or self.fading
        return due or bool(self.bundles)


async def compose(room: Newsroom) -> SealedEdition | None:
    """Make, sign and record the next edition; None where nothing asks for one, or none can be.

    Until it is recorded, a kill leaves nothing but blobs that no one names.
    """
    if silenced(room.keys.root, await distrusted(room.ledgers.facts, room.ledgers.editions)):
        return None
    now = room.clock.now()
    before = await room.ledgers.editions.newest()
    rooted = before is not None and before.manifest.root_version != room.keys.root.version
    build = await asyncio.to_thread(rendering_id, room.paper)
    asked = await room.ledgers.facts.get(FROM_NOTHING) == "1"
    rebuilt = before is not None and (asked or before.manifest.build != build)
    if rebuilt:
        await room.ledgers.articles.mark_all_changed()
    whole = before is None or rebuilt
    material = await gather(
        room.ledgers.articles,
        room.paper,
        root_id=room.keys.root_id,
        root_words=room.keys.words,
        whole=whole,
        languages_before=await asyncio.to_thread(_languages, room, None if whole else before),
    )
    reasons = Reasons(
        first=before is None,
        rebuilt=rebuilt,
        rooted=rooted,
        changed=bool(material.changed) or (bool(material.languages) and not whole),
        fading=before is not None and _fading(before.manifest, now),
        bundles=await _due_bundles(room, material, before, now, whole=whole or rooted),
    )
    if not reasons.any or (before is None and not material.lengths):
        return None
    return await _make(room, material, reasons, before, build, now)


async def _make(
    room: Newsroom,
    material: Material,
    reasons: Reasons,
    before: SealedEdition | None,
    build: Digest,
    now: datetime,
) -> SealedEdition:
    number = before.number + 1 if before else 1
    whole = reasons.first or reasons.rebuilt
    pages = await asyncio.to_thread(render, material, room.blobs, now.year)
    bundles = await _bundles(room, material, pages, reasons, before, number, now)
    if whole or reasons.bundles:
        body = bundles_page(material.paper, bundles)
        sha256 = await asyncio.to_thread(room.blobs.write, body)
        pages.put["front"][places.BUNDLES] = Stamp(sha256, len(body))
    kept = () if whole or before is None else before.manifest.shards
    shards = await asyncio.to_thread(reshard, kept, pages, room.blobs, now.year)
    removal = any(record.withdrawn for record in material.changed)
    manifest = await _manifest(
        room, number, before, shards, bundles, build, removal=removal, now=now
    )
    sealed = await seal_manifest(manifest, room.keys.release)
    await _record(room, material, reasons, pages, sealed)
    return sealed


async def _record(
    room: Newsroom, material: Material, reasons: Reasons, pages: Pages, sealed: SealedEdition
) -> None:
    """Commit; the facts beside it err, after a kill, on the side of doing too much."""
    facts = room.ledgers.facts
    lagging = set((await facts.get(STALE) or "").split())
    lagging |= {record.language for record in material.changed}
    await facts.set(STALE, " ".join(sorted(lagging | reasons.bundles)))
    if sealed.manifest.removal:
        await facts.set(NEWEST_REMOVAL, str(sealed.number))
    await room.ledgers.editions.commit(sealed, pages.rendered, material.changed)
    await facts.set(STALE, " ".join(sorted(lagging - reasons.bundles)))
    if reasons.rebuilt:
        await facts.set(FROM_NOTHING, "")


async def _manifest(
    room: Newsroom,
    number: int,
    before: SealedEdition | None,
    shards: Sequence[ShardRef],
    bundles: Sequence[BundleRef],
    build: Digest,
    *,
    removal: bool,
    now: datetime,
) -> Manifest:
    prev = Previous(edition=before.number, sha256=before.sealed.sha256) if before else None
    return Manifest(
        spec=SPEC,
        channel=room.keys.root.channel,
        issued=now,
        edition=number,
        root_version=room.keys.root.version,
        expires=now + MANIFEST_LIFETIME,
        oldest=await _oldest(room, before, number, now),
        removal=removal,
        prev=prev,
        shards=tuple(shards),
        bundles=tuple(bundles),
        build=build,
    )


async def _oldest(room: Newsroom, before: SealedEdition | None, number: int, now: datetime) -> int:
    """The oldest edition whose manifest stays on mirrors: of the last 30 days, at most 256."""
    if before is None:
        return number
    oldest = max(before.manifest.oldest, number - KEEP_MOST + 1)
    while oldest < before.number:
        edition = await room.ledgers.editions.get(oldest)
        if edition is not None and edition.manifest.issued >= now - KEEP:
            break
        oldest += 1
    return oldest


def _fading(manifest: Manifest, now: datetime) -> bool:
    return fading(manifest.issued, manifest.expires, now)


def _languages(room: Newsroom, before: SealedEdition | None) -> frozenset[str]:
    """Languages that had a front in the edition before."""
    ref = next((s for s in before.manifest.shards if s.key == "front"), None) if before else None
    if ref is None:
        return frozenset()
    shard = Shard.parse(room.blobs.read(ref.sha256), ref.key)
    paths = (path.split("/") for path, _, _ in shard.files)
    return frozenset(parts[0] for parts in paths if parts[1:] == ["index.html"])


async def _due_bundles(
    room: Newsroom,
    material: Material,
    before: SealedEdition | None,
    now: datetime,
    *,
    whole: bool,
) -> frozenset[str]:
    """Languages whose bundles are built now: at once after a correction, else every six hours."""
    if whole or before is None:
        return frozenset(material.paper.languages)
    lagging = set((await room.ledgers.facts.get(STALE) or "").split())
    lagging |= {record.language for record in material.changed}
    urgent = {r.language for r in material.changed if r.withdrawn or r.revision > 1}
    newest = max((ref.edition for ref in before.manifest.bundles), default=0)
    edition = await room.ledgers.editions.get(newest) if newest else None
    aged = edition is None or now >= edition.manifest.issued + BUNDLE_EVERY
    return frozenset(lagging if aged else urgent)


async def _bundles(
    room: Newsroom,
    material: Material,
    pages: Pages,
    reasons: Reasons,
    before: SealedEdition | None,
    number: int,
    now: datetime,
) -> tuple[BundleRef, ...]:
    rendered = {r.id: r.page for r in pages.rendered if r.entry is not None}
    kept = [
        ref
        for ref in (before.manifest.bundles if before else ())
        if ref.language not in reasons.bundles and ref.language in material.paper.languages
    ]
    fresh: list[BundleRef] = []
    for language in sorted(reasons.bundles):
        fresh.extend(await bundle(room, material.paper, language, number, rendered, now))
    return tuple(sorted([*kept, *fresh], key=lambda ref: (ref.language, ref.kind)))
