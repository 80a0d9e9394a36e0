"""A tiny newsroom: real keys, real signatures, and a mirror's folder laid file by file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from signing import seal
from tamizdat import paths
from tamizdat.article import ArticleId
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed, SealedEdition, SealedPointer
from tamizdat.wire import BundleRef, Role, Root, Shard, ShardRef, Sized
from tests.unit.signing.pens import Pen, PenSigner

START = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
CHANNEL = "0123456789abcdef" * 2
BASE = "https://news.example/n/"
NOTICE = b"<!doctype html><title>Withdrawn</title>\n"

Files = dict[str, bytes]
Write = tuple[str, bytes]


@dataclass(kw_only=True)
class Published:
    """An edition as it was made: the files as they were stamped, and what is signed."""

    files: Files
    shards: Files
    edition: SealedEdition
    pointer: SealedPointer
    withdrawn: Sealed
    here: Sealed
    ways: bytes


@dataclass
class Newsroom:
    """The keys, the roots, and the editions made so far."""

    name: str = "paper"
    roots: list[Sealed] = field(default_factory=list)
    published: list[Published] = field(default_factory=list)
    gone: dict[ArticleId, datetime] = field(default_factory=dict)
    lists: list[Sealed] = field(default_factory=list)
    distrusted: list[str] = field(default_factory=list)
    release: str = "release"

    def pen(self, role: str) -> Pen:
        return Pen(f"{self.name}/{role}")

    def signer(self, *roles: str) -> PenSigner:
        return PenSigner(*(self.pen(role) for role in roles))

    @property
    def root_id(self) -> Digest:
        return self.roots[0].sha256

    @property
    def state_of_roots(self) -> int:
        return len(self.roots)

    def root_body(self, *, release: str = "release", version: int = 1) -> Root:
        names = ("root-a", "root-b", "root-c", release, "timestamp", "mirrors", "denial")
        pens = {name: self.pen(name) for name in names}
        one = {name: pens[name].fingerprint for name in names}
        trio = tuple(one[name] for name in names[:3])
        keys = {pen.fingerprint: pen.key for pen in pens.values()}
        first = seal.first_root(
            channel=CHANNEL,
            issued=START - timedelta(days=1) + timedelta(hours=version),
            keys=keys,
            roles={
                "root": Role(keys=trio, threshold=2),
                "release": Role(keys=(one[release],), threshold=1),
                "timestamp": Role(keys=(one["timestamp"],), threshold=1),
                "mirrors": Role(keys=(one["mirrors"],), threshold=1),
                "denial": Role(keys=(one["denial"],), threshold=1),
            },
        )
        return replace(first, version=version)

    async def found(self) -> "Newsroom":
        root = self.root_body()
        self.roots.append(await seal.seal_root(root, [self.signer("root-a", "root-b")]))
        return self

    async def rotate(self, release: str) -> None:
        """The next root: `release` names the new release key."""
        self.release = release
        root = self.root_body(release=release, version=len(self.roots) + 1)
        self.roots.append(await seal.seal_root(root, [self.signer("root-b", "root-c")]))

    async def publish(
        self, files: Files, *, oldest: int = 1, base: str | None = BASE, removal: bool = False
    ) -> Published:
        """The next edition, holding `files`."""
        number = len(self.published) + 1
        issued = START + timedelta(hours=number)
        before = self.published[-1].edition if self.published else None
        grouped = dict(_shards(files))
        manifest = seal.manifest(
            channel=CHANNEL,
            edition=number,
            root_version=len(self.roots),
            issued=issued,
            oldest=oldest,
            removal=removal,
            before=before,
            shards=[_ref(key, body) for key, body in grouped.items()],
            bundles=[_bundle(p, body, number) for p, body in files.items() if p.startswith("b/")],
            build=digest(b"build"),
        )
        edition = await seal.seal_manifest(manifest, self.signer(self.release))
        withdrawn = await self._withdrawn(issued)
        pointer = await seal.seal_pointer(
            edition,
            version=number,
            root_version=len(self.roots),
            withdrawn=(len(self.lists), withdrawn),
            issued=issued,
            signer=self.signer("timestamp"),
        )
        ways = b"<!doctype html><title>Ways %d</title>\n" % number
        made = Published(
            files=files,
            shards={paths.shard(digest(body)): body for body in grouped.values()},
            edition=edition,
            pointer=pointer,
            withdrawn=withdrawn,
            here=await self._here(edition, ways, base),
            ways=ways,
        )
        self.published.append(made)
        return made

    async def _here(self, edition: SealedEdition, ways: bytes, base: str | None) -> Sealed:
        bodies = [ways, *(one.ways for one in self.published[-1:])]
        return await seal.seal_here(
            channel=CHANNEL,
            version=edition.number,
            root_version=len(self.roots),
            edition=edition.number,
            base=base,
            ways=[Sized(sha256=digest(body), len=len(body)) for body in bodies],
            hints=[],
            issued=edition.manifest.issued,
            signer=self.signer("mirrors"),
        )

    async def _withdrawn(self, issued: datetime) -> Sealed:
        known = self.lists[-1] if self.lists else None
        if known is None or len(self.gone) + len(self.distrusted) != known.body.count(b'"on"'):
            self.lists.append(
                await seal.seal_withdrawn(
                    channel=CHANNEL,
                    version=len(self.lists) + 1,
                    root_version=len(self.roots),
                    articles=self.gone,
                    keys=self.distrusted,
                    issued=issued,
                    signer=self.signer("denial"),
                )
            )
        return self.lists[-1]


def first_files() -> Files:
    """Two languages, three articles, a picture, feeds with the placeholder, a bundle."""
    picture = b"picture of a street"
    files = {
        "en/2026/aaaaaaaaaaaaa.html": b"<h1>One</h1>\n",
        "en/2026/bbbbbbbbbbbbb.html": b"<h1>Two</h1>\n",
        "fa/2026/ccccccccccccc.html": b"<h1>Three</h1>\n",
        "en/lists/1.html": b"<ul><li>One<li>Two</ul>\n",
        "fa/lists/1.html": b"<ul><li>Three</ul>\n",
        object_path(picture): picture,
        "bundles.html": b"<p>bundles 1</p>\n",
        "index.html": b"<p>index 1</p>\n",
        "en/index.html": b"<p>front en 1</p>\n",
        "fa/index.html": b"<p>front fa 1</p>\n",
        "en/withdrawn.html": NOTICE,
        "fa/withdrawn.html": NOTICE,
        bundle_path(b"bundle 1", "zip"): b"bundle 1",
    }
    return files | _feeds(1)


def second_files() -> Files:
    """A new article and a corrected one; the picture and the old bundle are gone."""
    picture = b"picture of a square"
    kept = {p: b for p, b in first_files().items() if not p.startswith(("o/", "b/"))}
    return (
        kept
        | {
            "en/2026/bbbbbbbbbbbbb.html": b"<h1>Two, corrected</h1>\n",
            "en/2026/ddddddddddddd.html": b"<h1>Four</h1>\n",
            "en/lists/1.html": b"<ul><li>One<li>Two<li>Four</ul>\n",
            "en/lists/2.html": b"<ul></ul>\n",
            object_path(picture): picture,
            "bundles.html": b"<p>bundles 2</p>\n",
            "index.html": b"<p>index 2</p>\n",
            "en/index.html": b"<p>front en 2</p>\n",
            bundle_path(b"bundle 2", "zip"): b"bundle 2",
        }
        | _feeds(2)
    )


def third_files() -> Files:
    """A removal edition: the corrected article bears the notice, another page is dropped."""
    kept = {p: b for p, b in second_files().items() if p != "en/lists/2.html"}
    return (
        kept
        | {
            "en/2026/bbbbbbbbbbbbb.html": NOTICE,
            "en/lists/1.html": b"<ul><li>One<li>Four</ul>\n",
            "index.html": b"<p>index 3</p>\n",
        }
        | _feeds(3)
    )


def _feeds(number: int) -> Files:
    text = (
        f"<feed>{paths.PLACEHOLDER}en/2026/aaaaaaaaaaaaa.html {number} {paths.PLACEHOLDER}</feed>\n"
    )
    names = ("atom.xml", "rss.xml", "feed.json")
    return {f"{language}/{name}": text.encode() for language in ("en", "fa") for name in names}


def object_path(body: bytes) -> str:
    return f"o/{digest(body)[:2]}/{digest(body)}.webp"


def bundle_path(body: bytes, extension: str) -> str:
    return paths.bundle(digest(body), extension)


def _shards(files: Files) -> Iterator[Write]:
    groups: dict[str, list[tuple[str, int, Digest]]] = {}
    for path, body in sorted(files.items()):
        if not path.startswith("b/"):
            groups.setdefault(_shard_key(path), []).append((path, len(body), digest(body)))
    for key, entries in groups.items():
        yield key, Shard(key=key, files=tuple(entries)).encode()


def _ref(key: str, body: bytes) -> ShardRef:
    return ShardRef(key=key, sha256=digest(body), len=len(body))


def _bundle(path: str, body: bytes, number: int) -> BundleRef:
    return BundleRef(
        kind="zip" if path.endswith("zip") else "html",
        language="en",
        edition=number,
        sha256=digest(body),
        len=len(body),
        unpacked=len(body),
        files=1,
    )


def _shard_key(path: str) -> str:
    language = path.split("/", maxsplit=1)[0]
    if "/lists/" in path:
        return f"{language}/lists/0"
    if re.match(r"[a-z]+/2026/", path):
        return f"{language}/2026-11"
    return "en/2026-11" if path.startswith("o/") else "front"


def lasting(path: str, sealed: Sealed) -> list[Write]:
    """Signatures, then the file (formats 2.1)."""
    beside = [
        (paths.lasting_signature(path, one.fingerprint), one.armor.encode())
        for one in sealed.signatures
    ]
    return [*beside, (path, sealed.body)]


def passing(path: str, sealed: Sealed) -> list[Write]:
    """The signature, then the file (formats 2.2)."""
    name = paths.passing_signature(path, sealed.sha256)
    return [(name, sealed.signatures[0].armor.encode()), (path, sealed.body)]


def writes(room: Newsroom, number: int, base: str | None = BASE, roots: int = 9) -> list[Write]:
    """All puts of a push of edition `number`, in the order of formats 4.1."""
    now = room.published[number - 1]
    before = room.published[number - 2].files if number > 1 else {}
    steps: list[Write] = []
    for version, root in enumerate(room.roots[:roots], 1):
        steps += lasting(paths.root(version), root)
    steps += lasting(paths.manifest(number), now.edition.sealed)
    steps += sorted(now.shards.items())
    changed = {path: body for path, body in now.files.items() if before.get(path) != body}
    ranked = sorted(changed, key=lambda path: (_rank(path), path in before, path))
    early = [path for path in ranked if _rank(path) < 3]
    steps += [(path, changed[path]) for path in early]
    steps += passing("withdrawn.json", now.withdrawn)
    steps += [(path, changed[path]) for path in ranked if _rank(path) == 3]
    steps += passing("here.json", now.here)
    feeds = [path for path in ranked if _rank(path) == 4]
    steps += [(path, based(path, changed[path], base)) for path in feeds]
    steps += [("ways.html", now.ways)]
    steps += [(path, changed[path]) for path in ranked if _rank(path) > 4]
    return steps + passing("latest.json", now.pointer.sealed)


def based(path: str, body: bytes, base: str | None) -> bytes:
    """A feed with the mirror's base in it (formats 3.9)."""
    if base is None or not paths.bears_address(path):
        return body
    return body.replace(paths.PLACEHOLDER.encode(), base.encode())


def deletes(room: Newsroom, number: int, kept: Sequence[int]) -> list[str]:
    """What the collection after edition `number` deletes, in the order of formats 4.2."""
    now = room.published[number - 1]
    wanted = {path for path, _ in writes_kept(room, number, kept)}
    gone: list[str] = []
    for earlier in range(1, number):
        before = room.published[earlier - 1]
        gone += [path for path in before.files if path not in now.files]
    gone.sort(key=lambda path: -_rank(path))
    for earlier in range(1, number):
        before = room.published[earlier - 1]
        for path, sealed in (
            ("latest.json", before.pointer.sealed),
            ("here.json", before.here),
            ("withdrawn.json", before.withdrawn),
        ):
            gone.append(paths.passing_signature(path, sealed.sha256))
        gone += sorted(before.shards)
        names = [path for path, _ in lasting(paths.manifest(earlier), before.edition.sealed)]
        gone += reversed(names)
    return [path for path in dict.fromkeys(gone) if path not in wanted]


def writes_kept(room: Newsroom, number: int, kept: Sequence[int]) -> list[Write]:
    """All that lies on a mirror at last: the edition, and the manifests of those `kept`."""
    now = room.published[number - 1]
    steps = list(writes(room, number))
    steps += [(path, based(path, body, BASE)) for path, body in now.files.items()]
    for earlier in kept:
        sealed = room.published[earlier - 1].edition.sealed
        steps += lasting(paths.manifest(earlier), sealed)
    return steps


def _rank(path: str) -> int:
    if path.startswith(("o/", "b/")):
        return 0
    if re.match(r"[a-z]+/2026/", path):
        return 1
    if "/lists/" in path:
        return 3
    if paths.bears_address(path):
        return 4
    return 7 if path == "index.html" else 5 if path == "bundles.html" else 6


def lay(folder: Path, steps: Sequence[Write] | Mapping[str, bytes]) -> None:
    """Write the files as a mirror would hold them."""
    for path, body in steps.items() if isinstance(steps, Mapping) else steps:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)


def tree(folder: Path) -> Files:
    """All files under `folder`."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def complete(room: Newsroom, number: int) -> Files:
    """A mirror that holds edition `number`, pushed and collected, as path and bytes."""
    kept = range(room.published[number - 1].edition.manifest.oldest, number)
    return dict(writes_kept(room, number, kept))


async def three_editions() -> Newsroom:
    """A newsroom with two ordinary editions and a removal; one root."""
    room = await Newsroom().found()
    await room.publish(first_files())
    await room.publish(second_files())
    room.gone[ArticleId("bbbbbbbbbbbbb")] = START + timedelta(hours=3)
    await room.publish(third_files(), oldest=2, removal=True)
    return room
