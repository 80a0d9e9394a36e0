"""Folders on a stick that look like a mirror: links, devices, odd names, crowds, spoilt files."""

import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.wire import Shard, ShardRef
from tests.kit.gifts.case import Case, spoilt
from tests.kit.gifts.mint import PAGES, Mint, sealed_by
from tests.kit.gifts.texts import texts
from tests.unit.signing.paper import Files, lasting, lay, passing

GIB = 1024**3
CHANGING = {
    "latest.json": (4 * 1024, "timestamp"),
    "here.json": (4 * 1024, "mirrors"),
    "withdrawn.json": (1024 * 1024, "denial"),
}
NAMES = (
    ".hidden", "x.", " x", "x ", "x\ny", "x\x1b[2J", "con", "nul.html", "e\u0301", "\u00e9", "\\x",
    "..x", "x..y", "a" * 201, "\u202ex", "C:", "x:y", "~", "*", "\udcff", "INDEX.HTML", "x.new",
)  # fmt: skip
Deed = Callable[[Path], None]


def trees(mint: Mint, dice: random.Random) -> Iterator[Case]:
    """A whole mirror, and one thing done to it; signed where it takes the newsroom's keys."""
    while True:
        makers: Sequence[Iterator[tuple[str, Deed]]] = (
            _links(mint, dice),
            _names(mint, dice),
            _crowds(dice),
            _spoilt(mint, dice),
            _bodies(mint, dice),
            _unpacked(mint, dice),
        )
        for maker in makers:
            for name, deed in maker:
                yield _case(mint.mirror, f"tree: {name}", deed)
        for name, files in (*_sealed(mint, dice), *_shards(mint)):
            yield _case(mint.mirror | files, f"tree signed: {name}", _nothing, signed=True)


def _case(files: Files, name: str, deed: Deed, *, signed: bool = False) -> Case:
    def made(folder: Path) -> str:
        copy = folder / "copy"
        lay(copy, files)
        deed(copy)
        return str(copy)

    return Case(name=name, lay=made, signed=signed)


def _nothing(_: Path) -> None:
    return


def _links(mint: Mint, dice: random.Random) -> Iterator[tuple[str, Deed]]:
    for target in ("/etc/passwd", "../../canary", "index.html", "nowhere", "/proc/self/mem", "."):
        where = dice.choice(sorted(mint.mirror))
        yield f"{where} is a link to {target}", partial(_linked, where=where, target=target)
        yield f"a link to {target} beside", partial(_linked, where="x", target=target)
    for folder in ("en", "e", "root", "o"):
        yield f"{folder} is a link", partial(_elsewhere, folder=folder)
    where = dice.choice(sorted(mint.mirror))
    yield "a second name of a file outside", partial(_twin_of_canary, where=where)
    for where in (dice.choice(sorted(mint.mirror)), "latest.json", "root/1.json", "edition.zip"):
        yield f"{where} is a pipe", partial(_made, where=where, make=os.mkfifo)
        yield f"{where} is a folder", partial(_made, where=where, make=os.mkdir)


def _linked(copy: Path, *, where: str, target: str) -> None:
    (copy / where).unlink(missing_ok=True)
    (copy / where).symlink_to(target)


def _made(copy: Path, *, where: str, make: Callable[[Path], object]) -> None:
    (copy / where).unlink(missing_ok=True)
    make(copy / where)


def _twin_of_canary(copy: Path, *, where: str) -> None:
    """The hard link is a file like any other: it is read, and never written."""
    (copy / where).unlink()
    (copy / where).hardlink_to(copy.parent.parent / "canary")


def _elsewhere(copy: Path, *, folder: str) -> None:
    (copy / folder).rename(copy.with_name("moved"))
    (copy / folder).symlink_to(copy.with_name("moved"), target_is_directory=True)


def _names(mint: Mint, dice: random.Random) -> Iterator[tuple[str, Deed]]:
    for name in dice.sample(NAMES, len(NAMES)):
        yield f"a file called {name[:20]!a}", partial(_write, where=name, body=b"x")
        yield f"a folder called {name[:20]!a}", partial(_made, where=name, make=os.mkdir)
    where = dice.choice(sorted(mint.mirror))
    yield "a file under another name", partial(_twin, where=where)
    yield "folders in folders", partial(_each, names=["/".join("d" * 120) + "/x"], body=None)


def _twin(copy: Path, *, where: str) -> None:
    path = copy / where
    path.with_name(path.name.swapcase()).write_bytes(path.read_bytes())


def _crowds(dice: random.Random) -> Iterator[tuple[str, Deed]]:
    many = dice.choice((500, 3000))
    body = b"x" * 1024
    manifests = [f"e/{n}/manifest.json" for n in range(10, 10 + many)]
    yield f"{many} manifests", partial(_each, names=manifests, body=body * 64)
    shards = [f"s/{n:064x}.json" for n in range(many)]
    yield f"{many} shards", partial(_each, names=shards, body=b"")
    for beside in ("e/3/manifest.json", "latest.json", "root/2.json", "e/4/manifest.json"):
        names = [f"{beside}.{n:040X}.asc" for n in range(many)]
        yield f"{many} signatures beside {beside}", partial(_each, names=names, body=body)
    names = [f"latest.json.{n:016x}.asc" for n in range(many)]
    yield f"{many} names of a signature", partial(_each, names=names, body=body)
    folders = [f"d{n}/x" for n in range(many)]
    yield f"{many} empty folders", partial(_each, names=folders, body=None)


def _each(copy: Path, *, names: Sequence[str], body: bytes | None) -> None:
    for name in names:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        if body is not None:
            (copy / name).write_bytes(body)


def _spoilt(mint: Mint, dice: random.Random) -> Iterator[tuple[str, Deed]]:
    for where in dice.sample(sorted(mint.mirror), 12):
        said, body = spoilt(mint.mirror[where] or b"x", dice)
        yield f"{where} {said}", partial(_write, where=where, body=body)
    shard = next(path for path in sorted(mint.mirror) if path.startswith("s/"))
    large = ("latest.json", "root/1.json", "root/2.json", "e/3/manifest.json", "index.html", shard)
    for where in large:
        yield f"{where} of gigabytes", partial(_sparse, where=where, size=4 * GIB)
    yield "an archive of gigabytes", partial(_sparse, where="edition.zip", size=4 * GIB)
    yield "an archive of 64 MiB", partial(_sparse, where="edition.zip", size=GIB // 16)


def _write(copy: Path, *, where: str, body: bytes) -> None:
    (copy / where).write_bytes(body)


def _sparse(copy: Path, *, where: str, size: int) -> None:
    with (copy / where).open("wb") as file:
        file.truncate(size)


def _bodies(mint: Mint, dice: random.Random) -> Iterator[tuple[str, Deed]]:
    """Signed files with other bytes, their signatures as they were or lent from another file."""
    chosen = ("latest.json", "here.json", "withdrawn.json", "root/1.json", "root/2.json")
    for where in (*chosen, "e/3/manifest.json", "e/4/manifest.json"):
        good = mint.mirror.get(where) or mint.mirror["root/1.json"]
        made = list(texts(good, 4 * 1024, dice))
        for name, body in dice.sample(made, 6):
            yield f"{where}: {name}", partial(_with_lent, where=where, body=body)


def _with_lent(copy: Path, *, where: str, body: bytes) -> None:
    path = copy / where
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    lent = min(copy.rglob("*.asc")).read_bytes()
    (copy / paths.passing_signature(where, digest(body))).write_bytes(lent)


def _sealed(mint: Mint, dice: random.Random) -> Iterator[tuple[str, Files]]:
    """Signed files with odd bytes that bear a right signature."""
    for where, (limit, role) in CHANGING.items():
        for name, body in texts(mint.mirror[where], limit, dice):
            sealed = sealed_by(mint.room, body, role)
            yield f"{where} with {name}", dict(passing(where, sealed))
    many: Sequence[tuple[str, tuple[str, ...]]] = (
        ("e/3/manifest.json", ("release",)),
        ("root/2.json", ("root-a", "root-b")),
    )
    for where, roles in many:
        good = mint.mirror.get(where, mint.mirror["root/1.json"])
        for name, body in texts(good, 64 * 1024, dice):
            yield f"{where} with {name}", dict(lasting(where, sealed_by(mint.room, body, *roles)))
    manifest = mint.room.published[2].edition.manifest
    rows: Sequence[dict[str, Any]] = (
        {"oldest": 1, "edition": 2**53 - 1},
        {"oldest": 1},
        {"prev": None},
        {"shards": ()},
        {"issued": manifest.issued.replace(year=9999), "expires": manifest.expires.replace(year=1)},
    )
    for changes in rows:
        body = replace(manifest, **changes).encode()
        yield f"a manifest with {sorted(changes)}", _pointed(mint, body, changes.get("edition", 3))


def _pointed(mint: Mint, manifest: bytes, edition: object) -> Files:
    """Another manifest of the third edition, and the pointer to it: all of it signed."""
    number = int(str(edition))
    pointer = mint.room.published[2].pointer.pointer
    named = replace(pointer.manifest, sha256=digest(manifest), len=len(manifest))
    body = replace(pointer, version=9, edition=number, manifest=named).encode()
    latest = sealed_by(mint.room, body, "timestamp")
    made = sealed_by(mint.room, manifest, "release")
    return dict(passing("latest.json", latest)) | dict(lasting(paths.manifest(number), made))


def _shards(mint: Mint) -> Iterator[tuple[str, Files]]:
    """Shards that name what they may not, in an edition that is truly signed."""
    zero = digest(b"")
    rows = [
        ("a path that climbs", [("../x.html", 0, zero)]),
        ("an absolute path", [("/escape/x", 0, zero)]),
        ("a backslash", [("en\\..\\x", 0, zero)]),
        ("a NUL", [("x\0", 0, zero)]),
        ("a device", [("con", 0, zero)]),
        ("a signed file", [("latest.json", 0, zero)]),
        ("a root", [("root/1.json", 0, zero)]),
        ("the archive", [("edition.zip", 0, zero)]),
        ("a path in two cases", [("X.html", 0, zero), ("x.html", 0, zero)]),
        ("a file that is a folder too", [("x", 0, zero), ("x/y", 0, zero)]),
        ("a long path", [("a" * 201, 0, zero)]),
        ("a size without end", [("x.html", 2**53 - 1, zero)]),
        ("thirty thousand files", [(f"{n:05d}.html", 0, zero) for n in range(30_000)]),
        ("a million files", [(f"{n:07d}.html", 0, zero) for n in range(1_000_000)][:60_000]),
    ]
    for name, files in rows:
        body = Shard(key="zz", files=tuple(files)).encode()
        ref = ShardRef(key="zz", sha256=digest(body), len=len(body))
        manifest = mint.room.published[2].edition.manifest
        changed = replace(manifest, shards=(*manifest.shards, ref)).encode()
        yield f"a shard with {name}", _pointed(mint, changed, 3) | {paths.shard(digest(body)): body}


def _unpacked(mint: Mint, dice: random.Random) -> Iterator[tuple[str, Deed]]:
    """What was unpacked from a ZIP of ours, and something done to it."""
    page = dice.choice(sorted(PAGES))
    deeds: Sequence[tuple[str, Deed]] = (
        ("a page changed", partial(_write, where=page, body=b"<p>A lie.\n")),
        ("a page gone", partial(_made, where=page, make=lambda _: None)),
        ("a page that is a link", partial(_linked, where=page, target="/etc/passwd")),
        ("a page more", partial(_write, where="en/2026/zzzzzzzzzzzzz.html", body=b"x")),
        ("a spoilt archive", partial(_write, where="edition.zip", body=mint.archive[:-9])),
        ("a list without a signature", partial(_write, where="withdrawn.json", body=b"{}\n")),
    )
    for name, deed in deeds:
        yield f"unpacked, {name}", partial(_lay_unpacked, mint=mint, deed=deed)


def _lay_unpacked(copy: Path, *, mint: Mint, deed: Deed) -> None:
    shutil.rmtree(copy)
    lay(copy, PAGES | {"edition.zip": mint.archive})
    deed(copy)
