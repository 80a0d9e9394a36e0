"""A removal edition that lacks signatures: it takes away, and says nothing new. Pure.

One release key is enough to take an article back at once, where everything else takes several
(formats 5.7). So that one stolen key cannot publish by this door, every reader checks here that
such an edition names no page, picture or bundle that the newest whole edition had not (5.8). What
may differ are pages that list articles: fronts, lists, feeds.
"""

import re
from collections.abc import Mapping

from tamizdat import paths
from tamizdat.digest import Digest
from tamizdat.edition import Stamp
from tamizdat.errors import FormatError
from tamizdat.wire import Manifest, Shard, ShardRef

_ARTICLE = re.compile(r"([^/]+)/[0-9]{4}/[a-z2-7]{13}\.html")
_LISTING = re.compile(
    r"index\.html|bundles\.html"
    r"|[^/]+/(?:index\.html|atom\.xml|rss\.xml|feed\.json|lists/[0-9]+\.html)"
    r"|[^/]+/s-[^/]+/(?:index|[0-9]+)\.html"
)


def refuse_more(manifest: Manifest, ground: Manifest, shards: Mapping[Digest, Shard]) -> None:
    """Nothing where `manifest` only takes away from `ground`; else FormatError (formats 5.8).

    `shards` are those that can be read there: all of `ground` must, of `manifest` some may lack
    while it is being pushed. So may the list that names what was withdrawn: any page may bear the
    notice, since whoever signs here may take back what they want.
    """
    where = paths.manifest(manifest.edition)
    for ref in ground.shards:
        if ref.sha256 not in shards:
            detail = f"is missing: edition {manifest.edition} lacks signatures and rests on it"
            raise FormatError("5.8", kept(ref), detail)
    if not set(manifest.bundles) <= set(ground.bundles):
        raise FormatError("5.8", where, "lacks signatures, and names a new bundle")
    before = _files(ground, shards)
    before |= {kept(ref): Stamp(ref.sha256, ref.len) for ref in ground.shards}
    for path, stamp in _files(manifest, shards).items():
        if path not in before:
            raise FormatError("5.8", where, f"lacks signatures, and adds {path}")
        if stamp != before[path] and not may_differ(path, stamp, before):
            raise FormatError("5.8", where, f"lacks signatures, and changes {path}")


def kept(ref: ShardRef) -> str:
    """Where a shard lies as an object, once the edition that it is of has gone from a mirror."""
    return f"o/{ref.sha256[:2]}/{ref.sha256}.json"


def may_differ(path: str, stamp: Stamp, before: Mapping[str, Stamp]) -> bool:
    """Whether a file of a lone edition may bear another stamp than `before` (formats 5.8)."""
    article = _ARTICLE.fullmatch(path)
    if article:
        return stamp == before.get(f"{article[1]}/withdrawn.html")
    return _LISTING.fullmatch(path) is not None


def _files(manifest: Manifest, shards: Mapping[Digest, Shard]) -> dict[str, Stamp]:
    lying = (shards[ref.sha256] for ref in manifest.shards if ref.sha256 in shards)
    return {path: Stamp(sha256, length) for shard in lying for path, length, sha256 in shard.files}
