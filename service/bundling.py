"""Bundling: the current run of each language as files that can be passed by hand."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from feeds.bundle import html_body, run_members, single_html, zip_body
from feeds.page import check_page
from feeds.paper import Paper
from service.gathering import run
from service.newsroom import Keys, Newsroom
from signing import passport
from signing.seal import MANIFEST_LIFETIME, seal
from tamizdat.article import Article, ArticleId, decode
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed, Signature, Stamp
from tamizdat.errors import SigningError
from tamizdat.ledgers import Record
from tamizdat.ports import Blobs
from tamizdat.wire import SPEC, BundleKind, BundleRef, Sized, Slip

TRIES = 12
BEFORE_WIDER = 5
"""Tries before a body is padded more."""

FORESIGHT = 2
"""Bodies made to foresee a trailer's length: the second has the length that the first lacked."""

Make = Callable[[int, int], bytes]
"""Makes a body for a trailer of so many bytes, with so many steps of padding more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the bundles of one language hold: articles, newest first, with pages and pictures."""

    paper: Paper
    language: str
    articles: Sequence[tuple[Article, bytes]]
    check: bytes
    pictures: Mapping[Digest, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """A bundle whose slip other people must sign too. Its body lies in the blobs.

    `trailer` is how many bytes its trailer takes, as the body tells.
    """

    slip: bytes
    trailer: int
    files: int
    unpacked: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One kind of bundle: how its body is made for a trailer of a given length."""

    kind: BundleKind
    make: Make
    files: int
    unpacked: int | None


async def bundle(
    room: Newsroom,
    paper: Paper,
    language: str,
    edition: int,
    rendered: Mapping[ArticleId, Stamp],
    now: datetime,
) -> tuple[BundleRef, ...]:
    """The ZIP, the single page and the text edition of one language, signed and kept as blobs.

    `rendered` are pages of this edition that the ledger does not know yet.
    """
    records = await run(room.ledgers.articles, language, now)
    if not records:
        return ()
    load = partial(load_run, room.blobs, room.keys, paper, language, records, rendered)
    loaded = await asyncio.to_thread(load)
    refs = []
    for form in await asyncio.to_thread(forms, loaded):
        body = await signed(room.keys, form, language, edition, now)
        unpacked = len(body) if form.unpacked is None else form.unpacked
        refs.append(
            BundleRef(
                kind=form.kind,
                language=language,
                edition=edition,
                sha256=await asyncio.to_thread(room.blobs.write, body),
                len=len(body),
                unpacked=unpacked,
                files=form.files,
            )
        )
    return tuple(refs)


async def unsigned(
    keys: Keys, blobs: Blobs, loaded: Run, edition: int, now: datetime
) -> tuple[Unsigned, ...]:
    """The bundles of one language without signatures: the same bytes wherever they are made."""
    found = []
    for form in await asyncio.to_thread(forms, loaded):
        length = await _foreseen(keys, form, loaded.language, edition, now)
        body = await asyncio.to_thread(form.make, length, 0)
        await asyncio.to_thread(blobs.write, body)
        slip = _slip(keys, form, loaded.language, edition, now, body).encode()
        found.append(Unsigned(slip=slip, trailer=length, files=form.files, unpacked=form.unpacked))
    return tuple(found)


def finished(one: Unsigned, sealed: Sealed, roots: Sequence[Sealed], blobs: Blobs) -> BundleRef:
    """The bundle with its signatures; SigningError where its trailer is longer than foreseen."""
    slip = Slip.parse(one.slip, "slip")
    text = passport.trailer(sealed, roots)
    if _room_for(slip.kind, text) != one.trailer:
        raise SigningError(f"{slip.language} {slip.kind}: its trailer is not as long as foreseen")
    attach = passport.attach_zip if slip.kind == "zip" else passport.attach_html
    body = attach(blobs.read(slip.body.sha256), text)
    return BundleRef(
        kind=slip.kind,
        language=slip.language,
        edition=slip.edition,
        sha256=blobs.write(body),
        len=len(body),
        unpacked=len(body) if one.unpacked is None else one.unpacked,
        files=one.files,
    )


def forms(loaded: Run) -> tuple[Form, ...]:
    """The three kinds of bundle."""
    paper, language, pictures = loaded.paper, loaded.language, loaded.pictures
    members = run_members(paper, language, loaded.articles, loaded.check, pictures)
    articles = [article for article, _ in loaded.articles]

    def page(pictures: Mapping[Digest, bytes] | None) -> Make:
        made = single_html(paper, language, articles, pictures)
        return lambda length, wider: html_body(made, length, wider)

    return (
        Form(
            kind="zip",
            make=lambda length, wider: zip_body(members, length, wider),
            files=len(members),
            unpacked=sum(len(body) for _, body in members),
        ),
        Form(kind="html", make=page(loaded.pictures), files=1, unpacked=None),
        Form(kind="text", make=page(None), files=1, unpacked=None),
    )


async def signed(keys: Keys, form: Form, language: str, edition: int, now: datetime) -> bytes:
    """The body with its trailer; made again where the trailer was not as long as foreseen.

    Two lengths could take turns for ever. A signature is now and then shorter, and the same bytes
    get the same one within a second: so each further try is issued a second earlier. And the body's
    length, which the trailer tells, may just cross a power of ten: so padding grows in the end.
    """
    length = await _foreseen(keys, form, language, edition, now)
    for attempt in range(TRIES):
        body = await asyncio.to_thread(form.make, length, attempt // BEFORE_WIDER)
        slip = _slip(keys, form, language, edition, now - timedelta(seconds=attempt), body)
        sealed = await seal(slip.encode(), keys.release)
        text = passport.trailer(sealed, keys.roots)
        needed = _room_for(form.kind, text)
        if needed == length:
            attach = passport.attach_zip if form.kind == "zip" else passport.attach_html
            return attach(body, text)
        length = needed
    raise SigningError(f"{language} {form.kind}: its trailer never came out as long as foreseen")


async def _foreseen(keys: Keys, form: Form, language: str, edition: int, now: datetime) -> int:
    """How long the trailer will likely be: a signature of a root stands in for those to come."""
    stand_in = max((one.armor for root in keys.roots for one in root.signatures), key=len)
    release = keys.root.roles["release"]
    signatures = tuple(
        Signature(fingerprint=one, armor=stand_in) for one in release.keys[: release.threshold]
    )
    length = 0
    for _ in range(FORESIGHT):
        body = await asyncio.to_thread(form.make, length, 0)
        slip = _slip(keys, form, language, edition, now, body).encode()
        sealed = Sealed(body=slip, sha256=digest(slip), signatures=signatures)
        length = _room_for(form.kind, passport.trailer(sealed, keys.roots))
    return length


def _slip(
    keys: Keys, form: Form, language: str, edition: int, issued: datetime, body: bytes
) -> Slip:
    return Slip(
        spec=SPEC,
        channel=keys.root.channel,
        issued=issued,
        root_version=keys.root.version,
        edition=edition,
        expires=issued + MANIFEST_LIFETIME,
        kind=form.kind,
        language=language,
        body=Sized(sha256=digest(body), len=len(body)),
    )


def _room_for(kind: str, text: bytes) -> int:
    """How many bytes the trailer takes."""
    if kind == "zip":
        return passport.comment_length(text)
    return len(passport.attach_html(b"\n", text)) - 1


def load_run(
    blobs: Blobs,
    keys: Keys,
    paper: Paper,
    language: str,
    records: Sequence[Record],
    rendered: Mapping[ArticleId, Stamp],
) -> Run:
    """The run of these articles; `rendered` are pages that the ledger does not know yet."""
    articles, pictures = [], {}
    for record in records:
        page = rendered.get(record.id, record.page)
        if record.text is None or page is None:
            continue
        article = decode(blobs.read(record.text))
        articles.append((article, blobs.read(page.sha256)))
        for picture in article.pictures:
            pictures[picture.sha256] = blobs.read(picture.sha256)
    check = check_page(paper, language, keys.words, keys.root_id)
    return Run(paper=paper, language=language, articles=articles, check=check, pictures=pictures)
