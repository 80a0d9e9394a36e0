"""What goes two passes later, and what a mirror's own here file may make us believe."""

from mirror.changes import Load
from mirror.leftovers import leftovers
from mirror.standing import Address, standing
from mirror.target import LyingEdition
from tamizdat import paths
from tamizdat.digest import Digest, digest
from tamizdat.placement import Phase
from tamizdat.wire import Shard
from tests.unit.mirror.paper import Paper, Piece, picture
from tests.unit.mirror.room import FIRST, PIECES


def loader(paper: Paper) -> Load:
    def load(sha256: Digest) -> Shard:
        return Shard.parse(paper.blobs.read(sha256), paths.shard(sha256))

    return load


def lying(paper: Paper, phase: Phase = Phase.LEAVING) -> LyingEdition:
    return LyingEdition(edition=paper.target().edition, phase=phase)


def test_what_left_just_now_stays_for_a_reader_on_the_way() -> None:
    paper = Paper()
    paper.publish({FIRST: Piece("2025-01", "one", ("old",))})
    first = lying(paper)
    paper.publish({FIRST: Piece("2025-01", "one", ("newer",))})
    second = lying(paper)
    paper.publish({FIRST: Piece("2025-01", "one", ("newest",))})
    target = paper.target().edition.manifest

    gone = leftovers(target, [first], [second], loader(paper))  # formats 4.2

    assert picture("old")[0] in gone.pages
    assert picture("newer")[0] not in gone.pages
    spared = {paths.shard(one.sha256) for one in second.edition.manifest.shards}
    assert gone.shards
    assert not spared & set(gone.shards)


def test_nothing_goes_where_nothing_left() -> None:
    paper = Paper()
    paper.publish(PIECES)
    target = paper.target().edition.manifest

    gone = leftovers(target, [], [], loader(paper))

    assert (gone.pages, gone.shards, gone.bundles, gone.manifests) == ((), (), (), ())


def test_a_here_file_that_cannot_be_read_tells_nothing() -> None:
    paper = Paper()
    paper.publish(PIECES)
    target = paper.target()
    junk = b"{}\n"

    told = standing(target, [lying(paper, Phase.CURRENT)], (digest(junk),), junk)

    assert (told.here, told.ways, told.address) == (False, False, Address.OTHER)
