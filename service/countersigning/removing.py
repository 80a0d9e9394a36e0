"""Removing: an edition that takes articles back at once, with the one signature that is at hand.

It holds for a day (formats 5.7) and says nothing new (5.8), which is checked here as readers check
it. The other signatures come with the edition after it.
"""

import asyncio
from collections.abc import Mapping, Sequence

from feeds import places
from feeds.composer import Pages, render
from feeds.sharding import files_of
from service.composing import Plan, Reasons, draw, kept_bundles, languages_of, record
from service.countersigning.as_out import AsOut
from service.countersigning.waiting import drop_bundles, shown
from service.gathering import gather
from service.newsroom import Newsroom
from signing.removal import kept, may_differ, refuse_more
from signing.seal import seal_manifest
from tamizdat import paths
from tamizdat.edition import SealedEdition, Stamp
from tamizdat.ledgers import Record
from tamizdat.wire import Manifest, Root, Shard

NOTHING = Reasons(
    first=False, rebuilt=False, rooted=False, changed=True, fading=False, bundles=frozenset()
)


async def remove(room: Newsroom) -> SealedEdition | None:
    """Take back what was withdrawn and is out; None where nothing is."""
    before = await room.ledgers.editions.newest()
    withdrawn = [one for one in await room.ledgers.articles.changed() if one.withdrawn]
    if before is None or not withdrawn:
        return None
    files = await asyncio.to_thread(files_of, before.manifest.shards, room.blobs)
    gone = [one for one in withdrawn if _is_out(one, files)]
    if not gone:
        return None
    plan = await _plan(room, before, gone)
    pages = await asyncio.to_thread(render, plan.material, room.blobs, plan.now.year)
    _take_away(pages, files)
    ground = await _ground(room, before)
    manifest = await _drawn(room, plan, pages, ground.manifest)
    await asyncio.to_thread(_judge, room, manifest, ground.manifest)
    sealed = await seal_manifest(manifest, room.keys.release)
    await drop_bundles(room.ledgers.facts, {one.language for one in gone})
    await record(room, sealed, pages.rendered, gone, frozenset(), lone=True)
    return sealed


def is_lone(room: Newsroom, edition: SealedEdition) -> bool:
    """Whether an edition of ours went out with fewer signatures than it takes (formats 5.7)."""
    version = edition.manifest.root_version  # under the root of its time, as readers count
    root = Root.parse(room.keys.roots[version - 1].body, paths.root(version))
    role = root.roles["release"]
    return edition.manifest.removal and len(edition.sealed.signatures) < role.threshold


def kept_objects(room: Newsroom, edition: SealedEdition) -> set[str]:
    """Where shards lie as objects that a lone edition rests on: what follows it drops them."""
    files = files_of([ref for ref in edition.manifest.shards if ref.key == "front"], room.blobs)
    return {path for path in files if path.startswith("o/") and path.endswith(".json")}


def _is_out(record: Record, files: Mapping[str, Stamp]) -> bool:
    path = f"{record.language}/{record.published.year:04d}/{record.id}.html"
    return path in files and files[path] != files.get(places.withdrawn(record.language))


async def _plan(room: Newsroom, before: SealedEdition, gone: Sequence[Record]) -> Plan:
    view = AsOut(articles=room.ledgers.articles, blobs=room.blobs, gone=gone)
    material = await gather(
        view,
        room.paper,
        root_id=room.keys.root_id,
        root_words=room.keys.words,
        whole=False,
        languages_before=await asyncio.to_thread(languages_of, room, before),
    )
    return Plan(
        now=room.clock.now(),
        before=before,
        build=before.manifest.build,
        material=material,
        reasons=NOTHING,
    )


def _take_away(pages: Pages, before: Mapping[str, Stamp]) -> None:
    """Leave out what the edition before had not, and what may not differ from it."""
    for files in pages.put.values():
        for path, stamp in tuple(files.items()):
            if path not in before:
                del files[path]
            elif stamp != before[path] and not may_differ(path, stamp, before):
                notice = before.get(places.withdrawn(path.partition("/")[0]))
                taken_back = path in _articles(pages) and notice is not None
                files[path] = notice if taken_back and notice else before[path]


def _articles(pages: Pages) -> set[str]:
    return {path for found in pages.articles.values() for path in found}


async def _ground(room: Newsroom, edition: SealedEdition) -> SealedEdition:
    """The newest edition that has all signatures, from this one on back."""
    while is_lone(room, edition) and edition.manifest.prev:
        before = await room.ledgers.editions.get(edition.manifest.prev.edition)
        if before is None:
            break
        edition = before
    return edition


async def _drawn(room: Newsroom, plan: Plan, pages: Pages, ground: Manifest) -> Manifest:
    """The manifest; shards of the ground that leave a mirror with it stay as objects."""
    before = plan.number - 1
    number = max(before, await shown(room.ledgers.facts)) + 1
    bundles = kept_bundles(plan, {one.language for one in plan.material.changed})
    manifest = await draw(room, plan, pages, bundles, number=number)
    for ref in set(ground.shards) - set(manifest.shards):
        pages.put["front"][kept(ref)] = Stamp(ref.sha256, ref.len)
    return await draw(room, plan, pages, bundles, number=number)


def _judge(room: Newsroom, manifest: Manifest, ground: Manifest) -> None:
    """FormatError where readers would refuse it."""
    refs = {*manifest.shards, *ground.shards}
    shards = {ref.sha256: Shard.parse(room.blobs.read(ref.sha256), ref.key) for ref in refs}
    refuse_more(manifest, ground, shards)
