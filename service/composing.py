"""Composing: the next edition, where there is a reason for one, rendered, sealed and recorded."""

import asyncio
from collections.abc import Collection, Sequence
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
from service.keys.distrusting import distrusted, is_mute
from service.newsroom import Newsroom
from signing.seal import MANIFEST_LIFETIME, seal_manifest
from tamizdat.digest import Digest
from tamizdat.edition import SealedEdition, Stamp
from tamizdat.ledgers import Record, Rendered
from tamizdat.wire import SPEC, BundleRef, Manifest, Previous, Shard

BUNDLE_EVERY = timedelta(hours=6)
KEEP = timedelta(days=30)
KEEP_MOST = 256
STALE = "languages whose bundles lag"
NEWEST_REMOVAL = "newest removal edition"
NAME_TAKEN_OUT = "a byline was taken out"
"""Set to 1 in the ledger: the next edition makes earlier ones go as a removal does."""


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
        return self.beside_bundles or bool(self.bundles)

    @property
    def beside_bundles(self) -> bool:
        """Whether there is a reason beside bundles that lag."""
        return self.first or self.rebuilt or self.rooted or self.changed or self.fading

    @property
    def whole(self) -> bool:
        """Whether everything is rendered."""
        return self.first or self.rebuilt


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the next edition is made of, and why."""

    now: datetime
    before: SealedEdition | None
    build: Digest
    material: Material
    reasons: Reasons

    @property
    def number(self) -> int:
        """The number after the newest."""
        return self.before.number + 1 if self.before else 1


async def compose(room: Newsroom) -> SealedEdition | None:
    """Make, sign and record the next edition; None where nothing asks for one, or none can be.

    Until it is recorded, a kill leaves nothing but blobs that no one names.
    """
    if is_mute(room.keys, await distrusted(room.ledgers.facts, room.ledgers.editions)):
        return None
    plan = await plan_next(room)
    if not plan.reasons.any or (plan.before is None and not plan.material.lengths):
        return None
    pages = await asyncio.to_thread(render, plan.material, room.blobs, plan.now.year)
    bundles = await _bundles(room, plan, pages)
    manifest = await draw(room, plan, pages, bundles, fresh=bool(plan.reasons.bundles))
    sealed = await seal_manifest(manifest, room.keys.release)
    await _record(room, plan, pages, sealed)
    return sealed


async def plan_next(room: Newsroom) -> Plan:
    """What an edition after the newest would be made of, now."""
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
        languages_before=await asyncio.to_thread(languages_of, room, None if whole else before),
    )
    reasons = Reasons(
        first=before is None,
        rebuilt=rebuilt,
        rooted=rooted,
        changed=bool(material.changed) or (bool(material.languages) and not whole),
        fading=before is not None and _fading(before.manifest, now),
        bundles=await _due_bundles(room, material, before, now, whole=whole or rooted),
    )
    return Plan(now=now, before=before, build=build, material=material, reasons=reasons)


async def draw(
    room: Newsroom,
    plan: Plan,
    pages: Pages,
    bundles: Sequence[BundleRef],
    *,
    number: int | None = None,
    fresh: bool = True,
) -> Manifest:
    """The manifest of an edition with these pages and bundles; its shards lie in the blobs then.

    `fresh`: the page that names the bundles is made anew.
    """
    if plan.reasons.whole or fresh:
        body = bundles_page(plan.material.paper, bundles)
        sha256 = await asyncio.to_thread(room.blobs.write, body)
        pages.put["front"][places.BUNDLES] = Stamp(sha256, len(body))
    before, now = plan.before, plan.now
    kept = () if plan.reasons.whole or before is None else before.manifest.shards
    shards = await asyncio.to_thread(reshard, kept, pages, room.blobs, now.year)
    number = number or plan.number
    prev = Previous(edition=before.number, sha256=before.sealed.sha256) if before else None
    return Manifest(
        spec=SPEC,
        channel=room.keys.root.channel,
        issued=now,
        edition=number,
        root_version=room.keys.root.version,
        expires=now + MANIFEST_LIFETIME,
        oldest=await _oldest(room, before, number, now),
        removal=any(record.withdrawn for record in plan.material.changed),
        prev=prev,
        shards=tuple(shards),
        bundles=tuple(bundles),
        build=plan.build,
    )


async def _record(room: Newsroom, plan: Plan, pages: Pages, sealed: SealedEdition) -> None:
    changed, reasons = plan.material.changed, plan.reasons
    await record(room, sealed, pages.rendered, changed, reasons.bundles)
    if reasons.rebuilt:
        await room.ledgers.facts.set(FROM_NOTHING, "")


async def record(
    room: Newsroom,
    sealed: SealedEdition,
    rendered: Sequence[Rendered],
    changed: Sequence[Record],
    bundled: frozenset[str],
    *,
    lone: bool = False,
) -> None:
    """Commit; the facts beside it err, after a kill, on the side of doing too much.

    `bundled` are the languages whose bundles hold what changed. `lone`: it takes articles back, and
    no byline yet.
    """
    facts = room.ledgers.facts
    lagging = set((await facts.get(STALE) or "").split())
    lagging |= {record.language for record in changed}
    await facts.set(STALE, " ".join(sorted(lagging | bundled)))
    taken_out = await facts.get(NAME_TAKEN_OUT) == "1"
    if sealed.manifest.removal or taken_out:
        await facts.set(NEWEST_REMOVAL, str(sealed.number))
    await room.ledgers.editions.commit(sealed, rendered, changed)
    await facts.set(STALE, " ".join(sorted(lagging - bundled)))
    if taken_out and not lone:
        await facts.set(NAME_TAKEN_OUT, "")


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


def languages_of(room: Newsroom, before: SealedEdition | None) -> frozenset[str]:
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


async def _bundles(room: Newsroom, plan: Plan, pages: Pages) -> tuple[BundleRef, ...]:
    rendered = {r.id: r.page for r in pages.rendered if r.entry is not None}
    paper, due = plan.material.paper, plan.reasons.bundles
    fresh: list[BundleRef] = []
    for language in sorted(due):
        fresh.extend(await bundle(room, paper, language, plan.number, rendered, plan.now))
    return tuple(sorted([*kept_bundles(plan, due), *fresh], key=by_language))


def kept_bundles(plan: Plan, without: Collection[str]) -> Sequence[BundleRef]:
    """The bundles of the edition before, but those in some languages."""
    return [
        ref
        for ref in (plan.before.manifest.bundles if plan.before else ())
        if ref.language not in without and ref.language in plan.material.paper.languages
    ]


def by_language(ref: BundleRef) -> tuple[str, str]:
    """The order of bundles in a manifest."""
    return ref.language, ref.kind
