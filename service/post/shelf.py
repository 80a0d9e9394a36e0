"""A shelf: the newest edition's texts and bundles, as answers by mail carry them."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from gateway.plain import plain
from gateway.responder.answer import Enclosed
from gateway.responder.envelope import lined
from gateway.responder.shelf import OnShelf
from service.gathering import live_languages, run
from service.newsroom import Texts
from tamizdat.article import Article, decode
from tamizdat.digest import Digest
from tamizdat.errors import BlobMissingError
from tamizdat.ledgers import Record
from tamizdat.ports import Clock
from tamizdat.wire import BundleRef

LOOK_SECONDS = 2.0
"""How old our knowledge of the newest edition may be: what was withdrawn then goes to nobody."""

MOST_TEXT = 1_000_000
"""Characters of articles that are kept at hand, in each language."""

MOST_FILES = 6
"""Bundles that are kept at hand."""

MEDIA_TYPES = {"zip": "application/zip", "html": "text/html", "text": "text/html"}
RICHEST = ("html", "zip", "text")
"""A page that opens on any phone comes first; a ZIP is smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The newest edition: its number, its languages, and the bundles of each, richest first."""

    edition: int
    languages: tuple[str, ...]
    bundles: Mapping[str, tuple[BundleRef, ...]]


@dataclass(kw_only=True)
class EditionShelf:
    """The port Shelf over ledger and blobs; `wanted` are the newsroom's languages in order."""

    texts_of: Texts
    clock: Clock
    wanted: Sequence[str]
    _seen: Seen | None = None
    _looked: float = 0.0
    _texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _files: OrderedDict[str, Enclosed] = field(default_factory=OrderedDict)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def languages(self) -> Sequence[str]:
        """Those that have articles, in the newsroom's order; at least one."""
        return (await self._look()).languages

    async def texts(self, language: str) -> Sequence[str]:
        """The newest articles as plain text, newest first."""
        seen = await self._look()
        if not seen.edition:
            return ()
        found = self._texts.get(language)
        if found is None:
            async with self._looking:
                records = await run(self.texts_of.ledgers.articles, language, self.clock.now())
                out = [one.text for one in records if one.text and _is_out(one)]
                found = await asyncio.to_thread(self._read, out)
            if self._seen is seen:
                self._texts[language] = found
        return found

    async def bundles(self, language: str) -> Sequence[OnShelf]:
        """The bundles, richest first: one page with pictures, a ZIP, text only."""
        found = (await self._look()).bundles.get(language, ())
        return [OnShelf(number=at, length=one.len) for at, one in enumerate(found)]

    async def enclosed(self, language: str, one: OnShelf) -> Enclosed | None:
        """A bundle's file; None where it went meanwhile."""
        refs = (await self._look()).bundles.get(language, ())
        ref = refs[one.number] if one.number < len(refs) else None
        if ref is None or ref.len != one.length:
            return None
        if ref.sha256 not in self._files:
            try:
                body = await asyncio.to_thread(self.texts_of.blobs.read, ref.sha256)
            except BlobMissingError:
                return None
            self._files[ref.sha256] = _file(ref, body)
        self._files.move_to_end(ref.sha256)
        if len(self._files) > MOST_FILES:
            self._files.popitem(last=False)
        return self._files.get(ref.sha256)

    async def _look(self) -> Seen:
        now = asyncio.get_running_loop().time()
        if self._seen is None or now - self._looked >= LOOK_SECONDS:
            async with self._looking:
                await self._renew(now)
        seen = self._seen
        return seen or Seen(edition=0, languages=tuple(self.wanted), bundles={})

    async def _renew(self, now: float) -> None:
        ledgers = self.texts_of.ledgers
        edition = await ledgers.editions.newest()
        self._looked = now
        if self._seen is not None and edition and self._seen.edition == edition.number:
            return
        self._texts.clear()
        self._files.clear()
        refs = edition.manifest.bundles if edition else ()
        languages = live_languages(self.wanted, await ledgers.articles.lengths())
        self._seen = Seen(
            edition=edition.number if edition else 0,
            languages=languages if edition else tuple(self.wanted),
            bundles=MappingProxyType({tag: _of(refs, tag) for tag in languages}),
        )

    def _read(self, digests: Sequence[Digest]) -> tuple[str, ...]:
        found: list[str] = []
        left = MOST_TEXT
        for one in digests:
            try:
                text = told(decode(self.texts_of.blobs.read(one)))
            except BlobMissingError:
                continue  # withdrawn a moment ago
            left -= len(text)
            if left < 0 and found:
                break
            found.append(text)
        return tuple(found)


def told(article: Article) -> str:
    """An article as plain text, under its title."""
    byline = " · ".join((*article.authors, article.published.date().isoformat()))
    parts = (article.title, byline, article.correction or "", plain(article.html))
    return "\n\n".join(" ".join(one.split()) for one in parts[:3] if one) + "\n\n" + parts[3]


def _is_out(record: Record) -> bool:
    """Whether the newest edition shows the text as it is: a correction may wait for others."""
    return record.page is not None and record.entry in {None, record.text}


def _of(refs: Sequence[BundleRef], language: str) -> tuple[BundleRef, ...]:
    own = (one for one in refs if one.language == language)
    return tuple(sorted(own, key=lambda one: RICHEST.index(one.kind)))


def _file(ref: BundleRef, body: bytes) -> Enclosed:
    return Enclosed(
        name=f"{ref.edition}.{ref.extension}",
        media_type=MEDIA_TYPES[ref.kind],
        lines=lined(body),
    )
