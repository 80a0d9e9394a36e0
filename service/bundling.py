"""Bundling: the current run of each language as files that can be passed by hand."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds.bundle import run_members, single_html, zip_body
from feeds.page import check_page
from feeds.paper import Paper
from service.gathering import run
from service.newsroom import Newsroom
from signing import passport
from signing.seal import MANIFEST_LIFETIME, seal
from tamizdat.article import Article, ArticleId, decode
from tamizdat.digest import Digest, digest
from tamizdat.edition import Stamp
from tamizdat.errors import SigningError
from tamizdat.ledgers import Record
from tamizdat.wire import SPEC, BundleRef, Sized, Slip

TRIES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the bundles of one language hold: articles, newest first, with pages and pictures."""

    paper: Paper
    language: str
    articles: Sequence[tuple[Article, bytes]]
    check: bytes
    pictures: Mapping[Digest, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One kind of bundle: how its body is made for a trailer of a given length."""

    kind: str
    make: Callable[[int], bytes]
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
    loaded = await asyncio.to_thread(_load, room, paper, language, records, rendered)
    refs = []
    for form in forms(loaded):
        body = await _signed(room, form, language, edition, now)
        unpacked = len(body) if form.unpacked is None else form.unpacked
        refs.append(
            BundleRef.model_validate(
                {
                    "kind": form.kind,
                    "language": language,
                    "edition": edition,
                    "sha256": await asyncio.to_thread(room.blobs.write, body),
                    "len": len(body),
                    "unpacked": unpacked,
                    "files": form.files,
                }
            )
        )
    return tuple(refs)


def forms(loaded: Run) -> tuple[Form, ...]:
    """The three kinds of bundle."""
    paper, language, pictures = loaded.paper, loaded.language, loaded.pictures
    members = run_members(paper, language, loaded.articles, loaded.check, pictures)
    articles = [article for article, _ in loaded.articles]

    def page(pictures: Mapping[Digest, bytes] | None) -> Callable[[int], bytes]:
        return lambda length: single_html(
            paper, language, articles, pictures, trailer_length=length
        )

    return (
        Form(
            kind="zip",
            make=lambda length: zip_body(members, length),
            files=len(members),
            unpacked=sum(len(body) for _, body in members),
        ),
        Form(kind="html", make=page(loaded.pictures), files=1, unpacked=None),
        Form(kind="text", make=page(None), files=1, unpacked=None),
    )


async def _signed(room: Newsroom, form: Form, language: str, edition: int, now: datetime) -> bytes:
    """The body with its trailer; made again where the trailer was not as long as foreseen."""
    length = 0
    for _ in range(TRIES):
        body = await asyncio.to_thread(form.make, length)
        slip = Slip.model_validate(
            {
                "spec": SPEC,
                "channel": room.keys.root.channel,
                "issued": now,
                "root_version": room.keys.root.version,
                "edition": edition,
                "expires": now + MANIFEST_LIFETIME,
                "kind": form.kind,
                "language": language,
                "body": Sized(sha256=digest(body), len=len(body)),
            }
        )
        sealed = await seal(slip.encode(), room.keys.release)
        text = passport.trailer(sealed, room.keys.roots)
        needed = _room_for(form.kind, text)
        if needed == length:
            attach = passport.attach_zip if form.kind == "zip" else passport.attach_html
            return attach(body, text)
        length = needed
    raise SigningError(f"{language} {form.kind}: its trailer never came out as long as foreseen")


def _room_for(kind: str, text: bytes) -> int:
    """How many bytes the trailer takes."""
    if kind == "zip":
        return passport.comment_length(text)
    return len(passport.attach_html(b"\n", text)) - 1


def _load(
    room: Newsroom,
    paper: Paper,
    language: str,
    records: Sequence[Record],
    rendered: Mapping[ArticleId, Stamp],
) -> Run:
    articles, pictures = [], {}
    for record in records:
        page = rendered.get(record.id, record.page)
        if record.text is None or page is None:
            continue
        article = decode(room.blobs.read(record.text))
        articles.append((article, room.blobs.read(page.sha256)))
        for picture in article.pictures:
            pictures[picture.sha256] = room.blobs.read(picture.sha256)
    check = check_page(paper, language, room.keys.words, room.keys.root_id)
    return Run(paper=paper, language=language, articles=articles, check=check, pictures=pictures)
