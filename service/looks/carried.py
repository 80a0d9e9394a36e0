"""Carried: an edition's manifest and shards as they lie on the mirror that is measured, proven.

For those who have no ledger and no blobs: a vantage elsewhere, and this machine for an edition
that the ledger has forgotten. Each raises FormatError (4.4 where a file is missing), BackendError.
"""

from signing import armor, shards
from signing.trust import Trust
from tamizdat import paths
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed, SealedEdition, Signature
from tamizdat.errors import FormatError
from tamizdat.ports import Fetch
from tamizdat.wire import Manifest, Shard, ShardRef


async def manifest(fetch: Fetch, number: int, sha256: Digest) -> SealedEdition:
    """The edition whose manifest has this digest, which is all the proof that is needed."""
    path = paths.manifest(number)
    body = await _taken(fetch, path, Manifest.limit)
    if digest(body) != sha256:
        raise FormatError("3.3", path, "is not the manifest latest.json names")
    return SealedEdition(
        manifest=Manifest.parse(body, path),
        sealed=Sealed(body=body, sha256=sha256, signatures=()),
    )


async def signed_manifest(fetch: Fetch, trust: Trust, number: int, sha256: Digest) -> SealedEdition:
    """The same, where nobody vouches for the digest: the signatures of role release must."""
    lying = await manifest(fetch, number, sha256)
    keys = {
        key for root in trust.roots if "release" in root.roles for key in root.roles["release"].keys
    }
    signatures = []
    for key in sorted(keys):
        name = paths.lasting_signature(paths.manifest(number), key)
        found = await fetch(name, armor.MAX_ARMOR)
        if found is not None:
            signatures.append(Signature(fingerprint=key, armor=armor.text(found, name)))
    sealed = Sealed(body=lying.sealed.body, sha256=sha256, signatures=tuple(signatures))
    return SealedEdition(manifest=trust.old_manifest(sealed, number), sealed=sealed)


async def shard(fetch: Fetch, ref: ShardRef) -> Shard:
    """The shard that a manifest names."""
    path = paths.shard(ref.sha256)
    return shards.parse(await _taken(fetch, path, min(ref.len, Shard.limit)), ref, path)


async def _taken(fetch: Fetch, path: str, limit: int) -> bytes:
    body = await fetch(path, limit)
    if body is None:
        raise FormatError("4.4", path, "is missing")
    return body
