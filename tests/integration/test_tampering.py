"""Tampering: whatever a hostile host does to a copy, down to one bit, it is not authentic."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest

from signing.sources import FileSource
from signing.verify import verify
from tamizdat.digest import digest
from tamizdat.wire import Manifest, Shard
from tests.kit.export import Post, export
from tests.kit.harm import Held, deeds, dice, done, is_authentic, surplus
from tests.kit.images import jpeg
from tests.kit.press import Press

EDITIONS = (1, 3)
CHANGING = ("latest.json", "here.json", "withdrawn.json")
SAMPLE = 300
SMALL = 4096
MARK = b"tamizdat-1:"


@dataclass(frozen=True)
class Copies:
    """Copies of one mirror at several editions."""

    root: str
    folders: dict[int, Path]


@dataclass(frozen=True)
class Copy:
    """One of them, its files, and the chance that this test rolls."""

    root: str
    folder: Path
    edition: int
    turn: Random

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def named(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    async def holds(self) -> bool:
        return await is_authentic(self.folder, self.root)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    top = tmp_path_factory.mktemp("tampering")
    press = Press.founded(top / "room")
    texts = top / "texts"
    texts.mkdir()
    (texts / "boat.jpg").write_bytes(jpeg(5))
    (texts / "a.md").write_text(
        "---\ntitle: A\nlanguage: en\ndate: 2026-09-01\n---\n![b](boat.jpg)\n"
    )
    (top / "e.xml").write_bytes(
        export(Post(number=1, title="One", text="A word.", category="Town"))
    )
    press.run("import", "folder", texts, "--release")
    (article,) = press.run("import", "wxr", top / "e.xml", "--release", "--json").json["ids"]
    folders: dict[int, Path] = {}
    for edition in (1, 2, 3):
        assert press.published() == edition
        folders[edition] = shutil.copytree(press.mirror(), top / str(edition))
        if edition == 1:
            press.run("article", "correct", article, "--replace", "word=deed")
        else:
            (texts / "b.md").write_text("---\ntitle: B\nlanguage: en\ndate: 2026-09-03\n---\nC.\n")
            press.run("import", "folder", texts, "--release")
    return Copies(press.root, folders)


@pytest.fixture(params=EDITIONS)
def copy(request: pytest.FixtureRequest, copies: Copies, tmp_path: Path) -> Copy:
    edition: int = request.param
    folder = shutil.copytree(copies.folders[edition], tmp_path / "copy")
    return Copy(copies.root, folder, edition, dice(edition))


def unnoticed_when_gone(copy: Copy) -> set[str]:
    """What only the edition before needed: collected a pass later (formats 4.2, 2.2), so that no
    verifier can tell whether it was collected already."""
    now, before = (_named(copy, number) for number in (copy.edition, copy.edition - 1))
    signatures = {
        copy.named(path)
        for name in CHANGING
        for path in copy.folder.glob(f"{name}.*.asc")
        if path.name != f"{name}.{digest((copy.folder / name).read_bytes())[:16]}.asc"
    }
    return (before - now) | signatures


def _named(copy: Copy, edition: int) -> set[str]:
    path = copy.folder / f"e/{edition}/manifest.json"
    if not path.exists():
        return set()
    manifest = Manifest.parse(path.read_bytes(), path.name)
    found = {f"b/{one.sha256}.{one.extension}" for one in manifest.bundles}
    for ref in manifest.shards:
        shard = f"s/{ref.sha256}.json"
        body = (copy.folder / shard).read_bytes()
        found |= {shard, *(name for name, _, _ in Shard.parse(body, ref.key).files)}
    return found


async def test_the_untouched_copy_is_authentic(copy: Copy) -> None:
    assert await copy.holds()


async def test_no_file_can_be_changed_or_taken_away(copy: Copy) -> None:
    unnoticed = set()

    for path in copy.files:
        for what, body in deeds(path.read_bytes(), copy.turn):
            with done(path, body):
                if await copy.holds():
                    unnoticed.add((copy.named(path), what))

    assert unnoticed == {(name, "gone") for name in unnoticed_when_gone(copy)}


def test_what_may_vanish_unnoticed_is_only_the_edition_before(copy: Copy) -> None:
    exempt = unnoticed_when_gone(copy)

    kinds = {name.split("/")[0] for name in exempt if not name.endswith(".asc")}

    assert kinds == ({"s"} if copy.edition > 1 else set())
    assert len(exempt) < len(copy.files) / 3


@pytest.mark.parametrize("edition", EDITIONS)
async def test_no_byte_of_what_is_signed_can_be_changed(copies: Copies, edition: int) -> None:
    held, turn = Held(copies.folders[edition]), dice(edition)
    signed = [
        p for p in held.bodies if p.endswith(".asc") or p in CHANGING or p[:2] in {"ro", "e/"}
    ]
    unnoticed = []

    for path in sorted(signed):
        body = held.bodies[path]
        step = 5 if path.startswith("e/") and not path.startswith(f"e/{edition}/") else 1
        for what, harmed in deeds(body, turn, range(0, len(body), step)):
            if harmed is not None and await held.is_authentic(copies.root, path, harmed):
                unnoticed.append((path, what))

    assert sum(len(held.bodies[path]) for path in signed) > SMALL
    assert unnoticed == []


async def test_no_file_can_bear_another_name(copy: Copy) -> None:
    unnoticed = []

    for path in copy.files:
        for name in (f"{path.name}x", f"x{path.name}", path.name.upper() + ".json"):
            path.rename(path.with_name(name))
            if await copy.holds():
                unnoticed.append((copy.named(path), name))
            path.with_name(name).rename(path)

    assert unnoticed == []


async def test_no_two_files_can_change_places(copy: Copy) -> None:
    files = copy.files
    unnoticed = []

    for one, other in pairwise(files):
        first, second = one.read_bytes(), other.read_bytes()
        with done(one, second), done(other, first):
            if first != second and await copy.holds():
                unnoticed.append((copy.named(one), copy.named(other)))

    assert unnoticed == []


def surpluses(copy: Copy) -> Iterator[tuple[str, Callable[[Path], object]]]:
    """What does not belong: a path, and how it is laid there."""

    def text(path: Path) -> None:
        path.write_text("x")

    def link(path: Path) -> None:
        path.symlink_to(copy.folder / "index.html")

    def folder_link(path: Path) -> None:
        path.symlink_to(copy.folder / "en", target_is_directory=True)

    number = copy.edition
    folders = {copy.named(path.parent) for path in copy.files}
    for folder in sorted(folders):
        for name in ("x", "x.html", ".hidden", "...", "con", "a b", "inner/x.json", "ö"):
            yield f"{folder}/{name}".removeprefix("./"), text
        yield f"{folder}/link.html".removeprefix("./"), link
        yield f"{folder}/linked".removeprefix("./"), folder_link
    for path in ("root/2.json", f"e/{number}/x", f"e/{number + 1}/x", f"e/{number + 2}/x"):
        yield path, text
    for path in (f"e/{number + 1}/manifest.json", "e/0/manifest.json", "o/..x", "o/00/x.png"):
        yield path, text
    for file in copy.files:
        if file.suffix != ".asc":
            yield f"{copy.named(file)}.{'0' * 16}.asc", text
            yield f"{copy.named(file)}.{'0' * 40}.asc", text


async def test_nothing_can_be_laid_beside(copy: Copy) -> None:
    unnoticed = []

    for path, lay in surpluses(copy):
        if (copy.folder / path).exists():
            continue
        with surplus(copy.folder / path, lay):
            if await copy.holds():
                unnoticed.append(path)

    assert unnoticed == []


async def test_no_signature_can_lie_under_another_name(copy: Copy) -> None:
    signatures = [path for path in copy.files if path.suffix == ".asc"]
    unnoticed = []

    for signature in signatures:
        body = signature.read_bytes()
        for beside in [*CHANGING, f"e/{copy.edition + 1}/manifest.json", "root/2.json"]:
            for middle in ("0" * 16, signature.name[-44:-4], "F" * 40):
                path = copy.folder / f"{beside}.{middle}.asc"
                if path.exists():
                    continue
                with surplus(path, lambda path, body=body: path.write_bytes(body)):  # type: ignore[misc]
                    if await copy.holds():
                        unnoticed.append((copy.named(signature), copy.named(path)))

    assert unnoticed == []


async def test_an_empty_folder_is_nothing_but_an_odd_one_is_refused(copy: Copy) -> None:
    (copy.folder / "empty").mkdir()
    plain = await copy.holds()
    (copy.folder / ".odd").mkdir()

    assert plain  # a killed push may leave one (formats 4.6 is about paths)
    assert not await copy.holds()


# formats 7.2 and 7.3


@dataclass(frozen=True)
class Handed:
    """A file passed by hand."""

    root: str
    path: Path
    body: bytes
    turn: Random

    async def holds(self, body: bytes) -> bool:
        self.path.write_bytes(body)
        report = await verify(FileSource(self.path), self.root, datetime.now(UTC))
        return report.authentic

    async def unnoticed(self, bodies: Iterator[tuple[str, bytes | None]]) -> list[str]:
        return [what for what, body in bodies if body is not None and await self.holds(body)]


@pytest.fixture(params=["zip", "html"])
def handed(request: pytest.FixtureRequest, copy: Copy, tmp_path: Path) -> Handed:
    suffix: str = request.param
    found = next((copy.folder / "b").glob(f"*.{suffix}"))
    return Handed(copy.root, tmp_path / f"handed.{suffix}", found.read_bytes(), copy.turn)


async def test_no_byte_of_a_file_passed_by_hand_can_be_changed(handed: Handed) -> None:
    places = sorted(handed.turn.sample(range(len(handed.body)), SAMPLE))

    unnoticed = await handed.unnoticed(deeds(handed.body, handed.turn, places))

    assert await handed.holds(handed.body)
    assert unnoticed == []


async def test_no_byte_of_a_trailer_can_be_changed(copies: Copies, tmp_path: Path) -> None:
    unnoticed = []

    for suffix in ("zip", "html"):
        body = next((copies.folders[3] / "b").glob(f"*.{suffix}")).read_bytes()
        handed = Handed(copies.root, tmp_path / f"handed.{suffix}", body, dice(1))
        trailer = range(body.rindex(MARK) - 30, len(body))
        unnoticed += await handed.unnoticed(deeds(body, handed.turn, trailer))

    assert unnoticed == []


async def test_nothing_can_stand_before_or_after_a_file_passed_by_hand(handed: Handed) -> None:
    body = handed.body
    added = [
        ("before", b"\n" + body),
        ("twice", body + body),
        ("a second trailer", body + body[body.rindex(MARK) - 4 :]),
        ("spaces", body + b" \n"),
        ("a byte order mark", b"\xef\xbb\xbf" + body),
        ("a comment", body.replace(MARK, b"tamizdat-1: ", 1)),
    ]

    assert await handed.unnoticed(iter(added)) == []


def altered_zips(body: bytes, folder: Path) -> Iterator[tuple[str, bytes]]:
    """The ZIP as zipfile leaves it after a member more, a member less, another comment."""
    path = folder / "work.zip"
    path.write_bytes(body)
    with ZipFile(path, "a") as archive:
        archive.writestr("en/2026/aaaaaaaaaaaaa.html", "<p>A lie.</p>")
    yield "a member more", path.read_bytes()
    path.write_bytes(body)
    with ZipFile(path, "a") as archive:
        archive.comment = archive.comment + b" "
    yield "another comment", path.read_bytes()
    with ZipFile(BytesIO(body)) as whole:
        for left in whole.namelist():
            out = BytesIO()
            with ZipFile(out, "w") as archive:
                for member in whole.infolist():
                    if member.filename != left:
                        archive.writestr(member.filename, whole.read(member))
                archive.comment = whole.comment
            yield f"without {left}", out.getvalue()


async def test_no_member_of_a_zip_can_come_or_go(copy: Copy, tmp_path: Path) -> None:
    body = next((copy.folder / "b").glob("*.zip")).read_bytes()
    handed = Handed(copy.root, tmp_path / "handed.zip", body, copy.turn)

    unnoticed = await handed.unnoticed(iter(altered_zips(body, tmp_path)))

    assert unnoticed == []
