"""A seal: signatures over the exact bytes of a signed file, and how long each kind holds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from signing import passport
from tamizdat.article import ArticleId
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed, SealedEdition, SealedPointer
from tamizdat.errors import SigningError
from tamizdat.ports import Signer
from tamizdat.wire import (
    SPEC,
    BundleKind,
    BundleRef,
    Here,
    Key,
    Manifest,
    PointedWithdrawals,
    Pointer,
    Previous,
    Role,
    RoleName,
    Root,
    ShardRef,
    SignedFile,
    Sized,
    Slip,
    Withdrawal,
    Withdrawn,
)

ROOT_LIFETIME = timedelta(days=365)
MANIFEST_LIFETIME = timedelta(days=30)
POINTER_FRESH = timedelta(hours=36)
POINTER_LIFETIME = timedelta(days=7)
HERE_LIFETIME = timedelta(days=3)

_TRIES = 16


def first_root(
    *, channel: str, issued: datetime, keys: Mapping[str, Key], roles: Mapping[RoleName, Role]
) -> Root:
    """Version 1: the digest of its bytes is the root id. `channel` is 32 random digits."""
    return _root(channel=channel, version=1, issued=issued, keys=keys, roles=roles)


def next_root(
    before: Root, *, issued: datetime, keys: Mapping[str, Key], roles: Mapping[RoleName, Role]
) -> Root:
    """The version after `before`; it takes the thresholds of both (formats 6.2)."""
    version = before.version + 1
    return _root(channel=before.channel, version=version, issued=issued, keys=keys, roles=roles)


def manifest(
    *,
    channel: str,
    edition: int,
    root_version: int,
    issued: datetime,
    oldest: int,
    removal: bool,
    before: SealedEdition | None,
    shards: Sequence[ShardRef],
    bundles: Sequence[BundleRef],
    build: Digest,
) -> Manifest:
    """The manifest of the edition that follows `before`; it expires after MANIFEST_LIFETIME."""
    prev = Previous(edition=before.number, sha256=before.sealed.sha256) if before else None
    return Manifest(
        spec=SPEC,
        channel=channel,
        issued=issued,
        edition=edition,
        root_version=root_version,
        expires=issued + MANIFEST_LIFETIME,
        oldest=oldest,
        removal=removal,
        prev=prev,
        shards=tuple(sorted(shards, key=lambda shard: shard.key)),
        bundles=tuple(bundles),
        build=build,
    )


async def seal(body: bytes, signer: Signer, *, needed: int | None = None) -> Sealed:
    """`body` with the signatures that `signer` gives.

    `needed` keeps only that many: a signature beyond the threshold can be taken away unnoticed.
    """
    signatures = await signer.sign(body)
    if needed is not None and len(signatures) < needed:
        raise SigningError(f"{len(signatures)} of {needed} keys are at hand: the others must sign")
    return Sealed(body=body, sha256=digest(body), signatures=signatures[:needed])


async def seal_root(root: Root, signers: Sequence[Signer]) -> Sealed:
    """`root`, signed by the keys of all `signers`, each key once (formats 6.2)."""
    body = _bytes(root)
    made = [signature for signer in signers for signature in await signer.sign(body)]
    once = {signature.fingerprint: signature for signature in made}
    return Sealed(body=body, sha256=digest(body), signatures=tuple(once.values()))


async def seal_manifest(
    manifest: Manifest, signer: Signer, *, needed: int | None = None
) -> SealedEdition:
    """The edition that `manifest` lists, signed in the role release."""
    sealed = await seal(_bytes(manifest), signer, needed=needed)
    return SealedEdition(manifest=manifest, sealed=sealed)


async def seal_pointer(
    edition: SealedEdition,
    *,
    version: int,
    root_version: int,
    withdrawn: tuple[int, Sealed],
    issued: datetime,
    signer: Signer,
) -> SealedPointer:
    """The pointer to `edition`, role timestamp; `withdrawn` is the newest list with its version."""
    number, listed = withdrawn
    pointer = Pointer(
        spec=SPEC,
        channel=edition.manifest.channel,
        issued=issued,
        version=version,
        root_version=root_version,
        edition=edition.number,
        manifest=Sized(sha256=edition.sealed.sha256, len=len(edition.sealed.body)),
        withdrawn=PointedWithdrawals(version=number, sha256=listed.sha256, len=len(listed.body)),
        fresh_until=issued + POINTER_FRESH,
        expires=issued + POINTER_LIFETIME,
    )
    return SealedPointer(pointer=pointer, sealed=await seal(_bytes(pointer), signer, needed=1))


async def seal_here(
    *,
    channel: str,
    version: int,
    root_version: int,
    edition: int,
    base: str | None,
    ways: Sequence[Sized],
    hints: Sequence[str],
    issued: datetime,
    signer: Signer,
) -> Sealed:
    """What is local to one mirror, role mirrors; `ways`: the stamps of `ways.html`, new first."""
    here = Here(
        spec=SPEC,
        channel=channel,
        issued=issued,
        version=version,
        root_version=root_version,
        edition=edition,
        base=base,
        ways=tuple(ways),
        hints=tuple(hints),
        expires=issued + HERE_LIFETIME,
    )
    return await seal(_bytes(here), signer, needed=1)


async def seal_withdrawn(
    *,
    channel: str,
    version: int,
    root_version: int,
    articles: Mapping[ArticleId, datetime],
    keys: Sequence[str],
    issued: datetime,
    signer: Signer,
    last: Mapping[str, Previous | None] = MappingProxyType({}),
) -> Sealed:
    """The list of withdrawals, role denial or release; `articles` tells when each went.

    `last` is the last edition that was made with each distrusted key (formats 5.6).
    """
    listed = tuple(Withdrawal(id=one, on=articles[one]) for one in sorted(articles))
    withdrawn = Withdrawn(
        spec=SPEC,
        channel=channel,
        issued=issued,
        version=version,
        root_version=root_version,
        articles=listed,
        keys=tuple(sorted(keys)),
        last=dict(last),
    )
    return await seal(_bytes(withdrawn), signer, needed=1)


async def html_bundle(
    body: bytes, slip: Slip, roots: Sequence[Sealed], signer: Signer, *, needed: int | None = None
) -> bytes:
    """The file to pass by hand: `body` and its trailer. `slip.body` is filled in here."""
    sealed = await seal(_bytes(_over(slip, body)), signer, needed=needed)
    return passport.attach_html(body, passport.trailer(sealed, roots))


async def zip_bundle(
    archive: bytes,
    slip: Slip,
    roots: Sequence[Sealed],
    signer: Signer,
    *,
    needed: int | None = None,
) -> bytes:
    """The archive (without a comment) with its trailer. `slip.body` is filled in here.

    The archive's last field tells the trailer's length and is signed, but a signature is now and
    then an octet shorter: then that length is tried next, issued a second earlier, since signing
    the same within the same second gives the same, and two lengths could take turns.
    """
    length = 0
    for attempt in range(_TRIES):
        body = passport.zip_body(archive, length)
        earlier = timedelta(seconds=max(0, attempt - 1))
        dated = replace(slip, issued=slip.issued - earlier)
        sealed = await seal(_bytes(_over(dated, body)), signer, needed=needed)
        text = passport.trailer(sealed, roots)
        if passport.comment_length(text) == length:
            return passport.attach_zip(body, text)
        length = passport.comment_length(text)
    raise SigningError("the trailer of the ZIP never came out as long as announced: seal it again")


def slip(
    manifest: Manifest, *, root_version: int, kind: BundleKind, language: str, issued: datetime
) -> Slip:
    """A slip for a bundle that holds the edition of `manifest`, not yet over any body."""
    return Slip(
        spec=SPEC,
        channel=manifest.channel,
        issued=issued,
        root_version=root_version,
        edition=manifest.edition,
        expires=issued + MANIFEST_LIFETIME,
        kind=kind,
        language=language,
        body=Sized(sha256=digest(b""), len=0),
    )


def _over(slip: Slip, body: bytes) -> Slip:
    return replace(slip, body=Sized(sha256=digest(body), len=len(body)))


def _root(
    *,
    channel: str,
    version: int,
    issued: datetime,
    keys: Mapping[str, Key],
    roles: Mapping[RoleName, Role],
) -> Root:
    return Root(
        spec=SPEC,
        channel=channel,
        issued=issued,
        version=version,
        expires=issued + ROOT_LIFETIME,
        keys=dict(keys),
        roles=dict(roles),
    )


def _bytes(file: SignedFile) -> bytes:
    """The bytes to sign, read once more as a stranger would read them."""
    body = file.encode()
    type(file).parse(body, file.type)
    return body
