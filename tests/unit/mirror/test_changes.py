"""What must be put and what may go: tables over editions, and what it costs to find out."""

import pytest

from mirror.changes import changed, feeds, gone
from mirror.shapes import Shape, shape
from mirror.standing import Address, must_ask, orphan, standing
from mirror.steps import steps
from mirror.target import Target
from tamizdat.digest import Digest, digest
from tamizdat.placement import Lying, Phase
from tamizdat.wire import Shard
from tests.unit.mirror.paper import Paper, Piece, address, picture

FIRST, SECOND = "abcdefghijkl2", "bbcdefghijkl2"
ONE, TWO = Piece("2025-01", "one", ("x",)), Piece("2025-02", "two")
CURRENT, PUSHING, LEAVING = Phase.CURRENT, Phase.PUSHING, Phase.LEAVING
PAGE = address(FIRST, ONE)


class Loading:
    """Loads shards and remembers which."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.keys: list[str] = []

    def __call__(self, sha256: Digest) -> Shard:
        shard = self.paper.load(sha256)
        self.keys.append(shard.key)
        return shard


def texts(*all_texts: str) -> Paper:
    """A paper whose first article said these things, one edition after the other."""
    paper = Paper()
    for text in all_texts:
        paper.publish({FIRST: Piece("2025-01", text, ("x",)), SECOND: TWO})
    return paper


def lying(*phases: Phase) -> tuple[Lying, ...]:
    return tuple(Lying(edition=number, phase=phase) for number, phase in enumerate(phases, 1))


PUTS = [
    # texts of editions      phases of those before   whether the page is put
    (("a",),                 (),                      True),
    (("a", "a"),             (CURRENT,),              False),
    (("a", "b"),             (CURRENT,),              True),
    (("a", "b", "a"),        (CURRENT, PUSHING),      True),
    (("a", "a", "b"),        (CURRENT, PUSHING),      True),
    (("b", "a", "a"),        (LEAVING, CURRENT),      False),
    (("a", "a"),             (PUSHING,),              True),
    (("a", "a"),             (LEAVING,),              True),
    (("a", "a", "a"),        (CURRENT, PUSHING),      False),
]  # fmt: skip


@pytest.mark.parametrize(("said", "phases", "put"), PUTS)
def test_a_page_is_put_where_another_may_lie(
    said: tuple[str, ...], phases: tuple[Phase, ...], *, put: bool
) -> None:
    paper = texts(*said)

    found = changed(paper.editions[-1].manifest, paper.lying(lying(*phases)), paper.load)

    assert (PAGE in found.added or PAGE in found.changed) is put


def test_only_shards_that_differ_are_loaded() -> None:
    paper = texts("a", "b")
    load = Loading(paper)

    changed(paper.editions[-1].manifest, paper.lying(lying(CURRENT)), load)

    assert sorted(set(load.keys)) == ["en/2025-01", "front"]


def test_what_an_audit_missed_is_put_again() -> None:
    paper = texts("a", "a")
    there = paper.lying(lying(CURRENT))
    manifest = paper.editions[-1].manifest

    found = changed(manifest, there, paper.load, {PAGE, f"s/{manifest.shards[0].sha256}.json"})

    assert set(found.changed) == {PAGE}
    assert found.shards == (manifest.shards[0],)


def test_what_lies_there_under_a_folded_shard_is_not_put_again() -> None:
    """When a year is over its months become one shard: the pages stay as they are."""
    paper = texts("a")
    paper.publish({FIRST: Piece("2025", "a", ("x",)), SECOND: Piece("2025", "two")})

    found = changed(paper.editions[-1].manifest, paper.lying(lying(CURRENT)), paper.load)

    assert not [path for path in {*found.added, *found.changed} if path.startswith("en/2025/")]


def test_an_object_of_an_untouched_shard_does_not_go() -> None:
    paper = Paper()
    paper.publish({FIRST: ONE, SECOND: Piece("2025-02", "two", ("x", "y"))})
    paper.publish({FIRST: ONE, SECOND: TWO})

    lost = gone(paper.editions[-1].manifest, paper.lying(lying(CURRENT)), paper.load)

    assert lost.pages == (picture("y")[0],)


SHAPES = [
    ("en/2026/abcdefghijkl2.html", Shape.ARTICLE),
    ("zh-Hans/2026/abcdefghijkl2.html", Shape.ARTICLE),
    ("en/withdrawn.html", Shape.FIXED),
    ("fa/check.html", Shape.FIXED),
    ("en/lists/12.html", Shape.LIST),
    ("en/s-war/3.html", Shape.LIST),
    ("en/s-war/index.html", Shape.SECTION),
    ("en/atom.xml", Shape.FEED),
    ("en/s-war/feed.json", Shape.FEED),
    ("bundles.html", Shape.FEED),
    ("ways.html", Shape.FEED),
    ("en/index.html", Shape.FRONT),
    ("index.html", Shape.INDEX),
    ("o/aa/0.png", Shape.OBJECT),
    ("b/0.zip", Shape.OBJECT),
    ("s/0.json", Shape.SHARD),
    ("e/1/manifest.json", Shape.MANIFEST),
    ("root/1.json", Shape.ROOT),
    ("latest.json.0123456789abcdef.asc", Shape.POINTER),
    ("here.json", Shape.HERE),
    ("withdrawn.json", Shape.WITHDRAWN),
]


@pytest.mark.parametrize(("path", "expected"), SHAPES)
def test_a_path_tells_its_shape(path: str, expected: Shape) -> None:
    assert shape(path) is expected


def placed(target: Target) -> tuple[Digest, ...]:
    return (
        target.overlay.here.sha256,
        target.withdrawn.sha256,
        target.pointer.sealed.sha256,
    )


def test_a_mirror_that_has_it_all_needs_nothing() -> None:
    paper = texts("a")
    target, there = paper.target(), paper.lying(lying(CURRENT))
    manifest = target.edition.manifest

    found = standing(target, there, placed(target), None)
    planned = steps(
        changed(manifest, there, paper.load),
        target,
        feeds=feeds(manifest, paper.load),
        stands=found,
    )

    assert planned == ()
    assert not must_ask(target, there, placed(target))


@pytest.mark.parametrize("found", [b"", b"not ours", b'{"type":"here"}\n'])
def test_a_here_file_that_we_never_read_back_is_not_believed(found: bytes) -> None:
    paper = texts("a", "b")
    target, there = paper.target(), paper.lying(lying(CURRENT))

    stands = standing(target, there, (digest(b"another"),), found)

    assert (stands.here, stands.ways, stands.address) == (False, False, Address.OTHER)
    assert orphan(target, (digest(b"another"),), found) == digest(found)


def test_a_new_base_is_told_from_the_here_file_that_lies_there() -> None:
    paper = texts("a")
    old = paper.target(base="https://old.example/")
    target, there = paper.target(), paper.lying(lying(CURRENT))

    stands = standing(target, there, placed(old), old.overlay.here.body)

    assert (stands.ways, stands.address) == (True, Address.OTHER)


def test_kept_manifests_must_be_whole() -> None:
    paper = texts("a", "b", "c")
    target = paper.target()

    with pytest.raises(ValueError, match="kept"):  # formats 4.5
        Target(
            edition=target.edition,
            roots=target.roots,
            kept=target.kept[1:],
            pointer=target.pointer,
            withdrawn=target.withdrawn,
            overlay=target.overlay,
            base=target.base,
        )
