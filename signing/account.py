"""An account: which bytes may lie at each path of a copy, and why. Pure (formats 4.3 to 4.9)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from signing.head import WAYS, Head
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import MAX_FILE, Stamp
from tamizdat.errors import FormatError
from tamizdat.wire import Manifest

Stamps = Mapping[str, frozenset[Stamp]]

_ARTICLE = re.compile(r"([^/]+)/[0-9]{4}/([a-z2-7]{13})\.html")
_NOTICE = re.compile(r"([^/]+)/withdrawn\.html")
_PLACEHOLDER = paths.PLACEHOLDER.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the signed files of a copy account for.

    `current` is the copy's own edition, `later` and `earlier` are what other editions there say,
    `notices` are the notices of each language, `gone` the ids of withdrawn articles.
    """

    current: Mapping[str, Stamp]
    later: Stamps
    earlier: Stamps
    notices: Stamps
    gone: frozenset[str]
    ways: frozenset[Stamp]
    base: str | None

    def allowed(self, path: str) -> frozenset[Stamp]:
        """The stamps of which the file at `path` must bear one."""
        if path == WAYS:
            return self.ways
        language = self.withdrawn_language(path)
        if language is not None:
            return self.notices.get(language, frozenset())
        current = self.current.get(path)
        if current:
            later = self.later.get(path)
            return later | {current} if later else frozenset((current,))
        return self.later.get(path, frozenset()) | self.earlier.get(path, frozenset())

    def withdrawn_language(self, path: str) -> str | None:
        """The language of the withdrawn article whose page lies at `path`, None for others."""
        found = _ARTICLE.fullmatch(path) if self.gone else None
        return found[1] if found and found[2] in self.gone else None

    def knows(self, path: str) -> bool:
        """Whether any edition there names `path`."""
        return (
            path in self.current
            or path in self.later
            or path in self.earlier
            or (path == WAYS and bool(self.ways))
        )

    def judge(self, path: str, found: Stamp | None) -> None:
        """Nothing where the file at `path` may bear `found`; else FormatError."""
        if found is None:
            if path in self.current or path == WAYS:
                raise FormatError("4.4", path, "is missing")
        elif found not in self.allowed(path):
            if self.withdrawn_language(path) is not None:
                raise FormatError("5.3", path, "was withdrawn, and is not the notice that says so")
            if path in self.earlier and path not in self.current:
                raise FormatError("4.9", path, "is not as an earlier edition stamped it")
            raise FormatError("4.3", path, "is not as the edition stamped it")

    def as_stamped(self, path: str, body: bytes) -> bytes:
        """The bytes of a feed as they were stamped, the base replaced back (formats 3.9)."""
        if self.base is None or not paths.bears_address(path):
            return body
        base = self.base.encode()
        stamped = body.replace(base, _PLACEHOLDER)
        # All or none: a mixture is nothing that an uploader writes.
        return stamped if stamped.replace(_PLACEHOLDER, base) == body else body


def of(head: Head) -> Account:
    """What the signed files in `head` account for."""
    own = head.manifest
    current = _one_stamp_each(_files(head, [own]))
    later = [e.manifest for n, e in head.editions.items() if n > head.edition]
    earlier = [e.manifest for n, e in head.editions.items() if n < head.edition]
    later_stamps = _many(_files(head, later, but=own))
    earlier_stamps = _many(_files(head, earlier, but=own))
    return Account(
        current=current,
        later=later_stamps,
        earlier=earlier_stamps,
        notices=_notices(_many(current.items()), later_stamps, earlier_stamps),
        gone=frozenset(one.id for one in head.withdrawn.articles)
        if head.withdrawn
        else frozenset(),
        ways=frozenset(Stamp(w.sha256, w.len) for w in head.here.ways)
        if head.here
        else frozenset(),
        base=head.here.base if head.here else None,
    )


def refuse_surplus(head: Head, account: Account) -> None:
    """Nothing where every path that lies there belongs to something; else FormatError (4.6)."""
    unsigned = (head.listing or frozenset()) - head.files.keys()
    surplus = [path for path in unsigned if not account.knows(path)]
    if surplus:
        raise FormatError("4.6", min(surplus), "belongs to no edition that lies here")


def wanted(head: Head, account: Account) -> dict[str, int]:
    """The paths to hash, each with the number of bytes to stop after (formats 3.12)."""
    own = {*account.current, WAYS} if account.ways else set(account.current)
    lying = (head.listing or frozenset()) - head.files.keys()
    limits = {}
    for path in sorted(own | lying):
        lengths = (stamp.length for stamp in account.allowed(path))
        limits[path] = min(max(lengths, default=0), MAX_FILE)
    return limits


def feed_limit(stamps: frozenset[Stamp], base: str) -> int:
    """The most bytes that a feed with these stamps has, once `base` stands in it."""
    length = max((stamp.length for stamp in stamps), default=0)
    return min(MAX_FILE, length * (1 + len(base) // len(_PLACEHOLDER)) + len(base))


def stamp(body: bytes) -> Stamp:
    """The stamp of `body`."""
    return Stamp(digest(body), len(body))


def _files(
    head: Head, manifests: Iterable[Manifest], but: Manifest | None = None
) -> Iterator[tuple[str, Stamp]]:
    """All that the manifests name, by their shards that lie there; each shard once."""
    done = {ref.sha256 for ref in but.shards} if but else set()
    for manifest in manifests:
        for bundle in manifest.bundles:
            yield paths.bundle(bundle.sha256, bundle.extension), Stamp(bundle.sha256, bundle.len)
        for ref in manifest.shards:
            shard = head.shards.get(ref.sha256)
            if shard and ref.sha256 not in done:
                done.add(ref.sha256)
                for path, length, sha256 in shard.files:
                    yield path, Stamp(sha256, length)


def _one_stamp_each(files: Iterable[tuple[str, Stamp]]) -> dict[str, Stamp]:
    found: dict[str, Stamp] = {}
    for path, one in files:
        if found.setdefault(path, one) != one:
            raise FormatError("3.6", path, "is stamped by two shards in two ways")
    return found


def _many(files: Iterable[tuple[str, Stamp]]) -> Stamps:
    found: dict[str, frozenset[Stamp]] = {}
    for path, one in files:
        found[path] = found.get(path, frozenset()) | {one}
    return found


def _notices(*editions: Stamps) -> Stamps:
    found: dict[str, frozenset[Stamp]] = {}
    for files in editions:
        for path, stamps in files.items():
            match = _NOTICE.fullmatch(path)
            if match:
                found[match[1]] = found.get(match[1], frozenset()) | stamps
    return found
