"""Comparing: an edition made once more from its articles, beside the one that somebody made.

What is told here, no signature vouches for yet: only that the edition before was signed by people
enough, and that this one is what its articles give. So it says which articles changed since.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from feeds import places
from feeds.composer import Pages, render
from feeds.page import bundles_page
from feeds.rendering import rendering_id
from feeds.sharding import files_of
from service.backup.receiving import Progress
from service.bundling import BEFORE_WIDER, TRIES, Run, Unsigned, forms, load_run, unsigned
from service.countersigning.store import Store
from service.countersigning.waiting import Waiting
from service.gathering import gather, run
from service.newsroom import Keys, paper_of
from signing import archive, passport
from signing.removal import may_differ, refuse_more
from signing.seal import MANIFEST_LIFETIME
from signing.trust import Trust
from signing.words import spelled
from store.blobs import FolderBlobs
from tamizdat.article import ArticleId, decode
from tamizdat.digest import Digest
from tamizdat.edition import Sealed, SealedEdition, Signature, Stamp
from tamizdat.errors import FormatError, LedgerError, SigningError
from tamizdat.ledgers import Articles, ListKey, Record
from tamizdat.ports import Blobs
from tamizdat.wire import BundleRef, Manifest, Shard, Slip

_ARTICLE = re.compile(r"[^/]+/[0-9]{4}/[a-z2-7]{13}\.html")

WIDEST = TRIES // BEFORE_WIDER + 1
"""Steps of padding that a bundle may have been made with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An article that differs from the edition before: `kind` is new, changed or withdrawn."""

    kind: str
    path: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What came of a rebuild. It is equal where nothing differs."""

    edition: Waiting
    roots: tuple[Sealed, ...]
    trust: Trust
    files: int
    differences: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def equal(self) -> bool:
        """Whether every byte is the same."""
        return not self.differences


class Scratch:
    """Blobs that are read from a store and written beside it."""

    def __init__(self, store: Blobs, place: Path) -> None:
        self._store = store
        self._own = FolderBlobs(place / "blobs", durable=False)

    def write(self, body: bytes) -> Digest:
        """Keep `body` beside the store."""
        return self._own.write(body)

    def read(self, sha256: Digest) -> bytes:
        """The bytes, wherever they are."""
        return (self._own if self._own.has(sha256) else self._store).read(sha256)

    def has(self, sha256: Digest) -> bool:
        """Whether they are anywhere."""
        return self._own.has(sha256) or self._store.has(sha256)

    def keep_only(self, wanted: Iterable[Digest]) -> int:
        """Delete all else of what was written beside the store."""
        return self._own.keep_only(wanted)


_: type[Blobs] = Scratch


@dataclass(frozen=True, slots=True)
class _Everything:
    """All articles, as if each had changed."""

    articles: Articles

    async def changed(self) -> Sequence[Record]:
        return [*await self.articles.texts(), *await self.articles.withdrawn()]

    async def newest(self, key: ListKey, count: int) -> Sequence[Record]:
        return await self.articles.newest(key, count)

    async def listed(self, key: ListKey, first: int, last: int) -> Sequence[tuple[int, Record]]:
        return await self.articles.listed(key, first, last)

    async def positions(
        self, ids: Sequence[ArticleId]
    ) -> Mapping[ArticleId, Sequence[tuple[ListKey, int]]]:
        return await self.articles.positions(ids)

    async def lengths(self) -> Mapping[ListKey, int]:
        return await self.articles.lengths()


class _Nobody:
    """Signs nothing: no key of the newsroom is here."""

    async def sign(self, body: bytes) -> tuple[Signature, ...]:
        raise SigningError(f"{len(body)} bytes cannot be signed where an edition is rebuilt")


@dataclass(slots=True)
class Bench:
    """One rebuild under way. `blobs` are a scratch over those of the store."""

    store: Store
    one: Waiting
    trust: Trust
    blobs: Blobs
    progress: Progress | None

    async def work(self) -> Rebuilt:
        """Make it, and compare."""
        manifest = self.one.manifest
        before = await self._before(manifest)
        pages = await self._render(manifest)
        wrong = [*await self._signed(manifest, before)]
        wanted = await asyncio.to_thread(files_of, manifest.shards, self.store.blobs)
        made = {path: stamp for files in pages.put.values() for path, stamp in files.items()}
        wrong += self._differing(wanted, made)
        wrong += await asyncio.to_thread(self._shards, manifest, made)
        wrong += self._told(manifest, before)
        wrong += await self._bundles(manifest, before, pages)
        old = await self._old_files(before)
        return Rebuilt(
            edition=self.one,
            roots=self.store.roots,
            trust=self.trust,
            files=len(wanted),
            differences=tuple(wrong),
            changes=tuple(await self._changes(wanted, old)),
        )

    async def _before(self, manifest: Manifest) -> SealedEdition | None:
        if manifest.prev is None:
            return None
        found = await self.store.ledgers.editions.get(manifest.prev.edition)
        if found is None:
            raise LedgerError(f"edition {manifest.prev.edition}, which it follows, is not here")
        return found

    async def _render(self, manifest: Manifest) -> Pages:
        paper = paper_of(self.store.config, self.trust.root.channel)
        material = await gather(
            _Everything(self.store.ledgers.articles),
            paper,
            root_id=self.trust.sealed[0].sha256,
            root_words=spelled(self.trust.sealed[0].sha256),
            whole=True,
            languages_before=frozenset(),
        )
        self._tell("render", 0, len(material.changed))
        pages = await asyncio.to_thread(render, material, self.blobs, manifest.issued.year)
        self._tell("render", len(material.changed), len(material.changed))
        listed = bundles_page(material.paper, manifest.bundles)
        stamp = Stamp(await asyncio.to_thread(self.blobs.write, listed), len(listed))
        pages.put["front"][places.BUNDLES] = stamp
        return pages

    async def _signed(self, manifest: Manifest, before: SealedEdition | None) -> Sequence[str]:
        """What is wrong with the signatures of the edition before."""
        if before is None or manifest.prev is None:
            return ()
        try:
            self.trust.manifest_before(before.sealed, manifest.prev)
            ground = before
            while self.trust.is_lone(ground, None, before=True):
                ground = await self._before(ground.manifest) or ground
            if ground is not before:
                await asyncio.to_thread(self._rests, before.manifest, ground.manifest)
        except FormatError as error:
            return (f"the edition before: {error}",)
        return ()

    def _rests(self, lone: Manifest, ground: Manifest) -> None:
        refs = {*lone.shards, *ground.shards}
        shards = {
            ref.sha256: Shard.parse(self.store.blobs.read(ref.sha256), ref.key) for ref in refs
        }
        refuse_more(lone, ground, shards)

    def _differing(self, wanted: Mapping[str, Stamp], made: Mapping[str, Stamp]) -> Sequence[str]:
        wrong = [
            f"{path}: is not what the articles give"
            for path in sorted(wanted.keys() & made)
            if wanted[path] != made[path]
        ]
        wrong += [f"{path}: no article gives it" for path in sorted(wanted.keys() - made.keys())]
        wrong += [f"{path}: is missing" for path in sorted(made.keys() - wanted.keys())]
        self._tell("compare", len(wanted), len(wanted))
        return wrong

    def _shards(self, manifest: Manifest, made: Mapping[str, Stamp]) -> Sequence[str]:
        wrong, seen = [], 0
        for ref in manifest.shards:
            shard = Shard.parse(self.store.blobs.read(ref.sha256), ref.key)
            files = tuple(
                (path, made[path].length, made[path].sha256)
                for path, _, _ in shard.files
                if path in made
            )
            body = Shard(key=ref.key, files=files).encode()
            seen += len(files)
            if (self.blobs.write(body), len(body)) != (ref.sha256, ref.len):
                wrong.append(f"shard {ref.key}: is not what the articles give")
        return wrong

    def _told(self, manifest: Manifest, before: SealedEdition | None) -> Sequence[str]:
        """What the manifest says beside its files, once more."""
        root = self.trust.root
        paper = paper_of(self.store.config, root.channel)
        again = Manifest(
            spec=manifest.spec,
            channel=root.channel,
            issued=manifest.issued,
            edition=manifest.edition,
            root_version=root.version,
            expires=manifest.issued + MANIFEST_LIFETIME,
            oldest=manifest.oldest,
            removal=manifest.removal,
            prev=manifest.prev,
            shards=manifest.shards,
            bundles=manifest.bundles,
            build=rendering_id(paper),
        )
        if again.encode() != self.one.body:
            return ("manifest: says another root, program or time than it must",)
        if before and manifest.oldest > before.number:
            return ("manifest: leaves out the edition before",)
        return ()

    async def _bundles(
        self, manifest: Manifest, before: SealedEdition | None, pages: Pages
    ) -> Sequence[str]:
        known = set(before.manifest.bundles) if before else set()
        fresh = [ref for ref in manifest.bundles if ref not in known]
        wrong = [
            f"bundle {ref.language} {ref.kind}: is not signed by people enough"
            for ref in fresh
            if not await asyncio.to_thread(self._is_signed, ref.sha256)
        ]
        languages = sorted({Slip.parse(one.slip, "slip").language for one in self.one.bundles})
        made: list[Unsigned] = []
        for number, language in enumerate(languages):
            self._tell("bundles", number, len(languages))
            made += await self._made(manifest, language, pages)
        if tuple(made) != tuple(self.one.bundles):
            wrong.append("bundles: are not what the articles give")
        own = [ref for ref in fresh if ref.edition == manifest.edition and not wrong]
        for ref in own:
            self._tell("bundles", own.index(ref), len(own))
            if not await self._is_made_again(manifest, ref, pages):
                wrong.append(f"bundle {ref.language} {ref.kind}: is not what the articles give")
        return wrong

    def _is_signed(self, sha256: Digest) -> bool:
        try:
            self._opened(sha256)
        except FormatError:
            return False
        return True

    def _opened(self, sha256: Digest) -> tuple[bytes, int]:
        """The body of a bundle that is signed, and how many bytes its trailer takes."""
        root_id, now = self.trust.sealed[0].sha256, self.trust.now
        file = self.store.blobs.read(sha256)
        archive.open_file(file, root_id, now, None, "bundle")
        body = passport.split(file, "bundle").body
        return bytes(body), len(file) - len(body)

    async def _is_made_again(self, manifest: Manifest, ref: BundleRef, pages: Pages) -> bool:
        """Whether a bundle with signatures has the body that the articles give."""
        body, trailer = await asyncio.to_thread(self._opened, ref.sha256)
        loaded = await self._loaded(manifest, ref.language, pages)
        form = next(form for form in forms(loaded) if form.kind == ref.kind)
        for wider in range(WIDEST):
            if await asyncio.to_thread(form.make, trailer, wider) == body:
                return True
        return False

    async def _made(self, manifest: Manifest, language: str, pages: Pages) -> Sequence[Unsigned]:
        loaded = await self._loaded(manifest, language, pages)
        keys = self._keys()
        return await unsigned(keys, self.blobs, loaded, manifest.edition, manifest.issued)

    async def _loaded(self, manifest: Manifest, language: str, pages: Pages) -> Run:
        paper = paper_of(self.store.config, self.trust.root.channel)
        rendered = {one.id: one.page for one in pages.rendered if one.entry is not None}
        records = await run(self.store.ledgers.articles, language, manifest.issued)
        return await asyncio.to_thread(
            load_run, self.blobs, self._keys(), paper, language, records, rendered
        )

    def _keys(self) -> Keys:
        nobody, first = _Nobody(), self.trust.sealed[0].sha256
        return Keys(
            roots=self.store.roots,
            root=self.trust.root,
            root_id=first,
            words=spelled(first),
            release=nobody,
            timestamp=nobody,
            mirrors=nobody,
        )

    async def _old_files(self, before: SealedEdition | None) -> Mapping[str, Stamp]:
        if before is None:
            return {}
        return await asyncio.to_thread(files_of, before.manifest.shards, self.store.blobs)

    async def _changes(
        self, wanted: Mapping[str, Stamp], old: Mapping[str, Stamp]
    ) -> Sequence[Change]:
        found = []
        for record in await _Everything(self.store.ledgers.articles).changed():
            path = f"{record.language}/{record.published.year:04d}/{record.id}.html"
            if wanted.get(path) == old.get(path):
                continue
            kind = "changed" if path in old else "new"
            title = ""
            if record.text:
                body = await asyncio.to_thread(self.store.blobs.read, record.text)
                title = decode(body).title
            found.append(Change(kind=kind if record.text else "withdrawn", path=path, title=title))
        return sorted([*found, *_others(wanted, old)], key=lambda one: one.path)

    def _tell(self, what: str, done: int, total: int) -> None:
        if self.progress:
            self.progress(what, done, total)


def _others(wanted: Mapping[str, Stamp], old: Mapping[str, Stamp]) -> Iterable[Change]:
    """Pages that are no articles and do not list them: what stands there is said by nobody else."""
    for path, stamp in wanted.items():
        fixed = not path.startswith("o/") and not _ARTICLE.fullmatch(path)
        if fixed and stamp != old.get(path) and not may_differ(path, stamp, old):
            yield Change(kind="changed" if path in old else "new", path=path, title="")
