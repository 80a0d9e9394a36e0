"""Two people sign what goes out: one makes the edition, the other makes it again elsewhere."""

import asyncio
import shutil
from pathlib import Path

import pytest

from service.backup.passphrase import Locked
from service.backup.restoring import restore
from service.countersigning.store import carried
from service.wiring import glanced
from store.lock import Lock
from tamizdat.digest import Digest
from tamizdat.wire import Manifest
from tests.kit.keyroom import PASSPHRASE
from tests.kit.pair import Pair, founded
from tests.kit.program import inside


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Root 2 is accepted, and the first edition under it is out."""
    pair = founded(tmp_path_factory.mktemp("pair"))
    before = pair.verified()
    held = pair.done("publish")
    kept = pair.verified()
    pair.done("publish", "--signature", pair.signature(pair.review("first.review")))

    # readers keep what they have until an edition has what the new root asks for
    assert (before["authentic"], kept["authentic"], held["placements"]) == (True, True, [])
    assert (held["edition"], held["waiting"]) == (1, {"edition": 2, "signed": 0, "needed": 1})
    return pair


@pytest.fixture
def pair(made: Pair, tmp_path: Path) -> Pair:
    shutil.copytree(made.top, tmp_path / "top")
    return Pair(tmp_path / "top", made.root)


def manifest(pair: Pair, number: int) -> Manifest:
    path = f"e/{number}/manifest.json"
    return Manifest.parse((pair.mirror / path).read_bytes(), path)


def signers(pair: Pair, number: int) -> int:
    return len([*(pair.mirror / f"e/{number}").glob("manifest.json.*.asc")])


def page(pair: Pair, article: str) -> bytes:
    (path,) = (pair.mirror / "en").rglob(f"{article}.html")
    return path.read_bytes()


def test_an_edition_goes_out_with_the_second_signature(pair: Pair) -> None:
    article = pair.text("bridge", "The bridge")
    waiting = pair.done("publish")
    held = pair.verified()
    review = pair.review()
    told = inside(
        "rebuild", "3", "--from", review, "--secret", pair.words, "--root", pair.root, "--json"
    ).json
    signature = pair.signature(review)

    published = pair.done("publish", "--signature", signature)

    assert (waiting["edition"], waiting["waiting"]["edition"], held["edition"]) == (2, 3, 2)
    assert (told["equal"], [one["kind"] for one in told["changes"]]) == (True, ["new"])
    assert told["changes"][0]["title"] == "The bridge"
    assert signature.stat().st_size < 8000
    assert (published["edition"], pair.verified()["edition"], signers(pair, 3)) == (3, 3, 2)
    assert b"The bridge" in page(pair, article)


def test_bundles_are_signed_with_one_edition_and_lie_in_the_next(pair: Pair) -> None:
    pair.done("publish")
    pair.done("publish", "--signature", pair.signature(pair.review()))
    bundles = manifest(pair, 3).bundles
    reports = [
        inside("verify", pair.mirror / f"b/{one.sha256}.{one.extension}", "--root", pair.root)
        for one in bundles
    ]
    last = pair.done("publish")

    assert [one.edition for one in bundles] == [2, 2, 2]
    assert [report.code for report in reports] == [0, 0, 0]
    assert "waiting" not in last


def test_what_is_withdrawn_does_not_wait(pair: Pair) -> None:
    (article,) = (one["id"] for one in pair.done("article", "list"))
    pair.text("bridge", "The bridge")
    pair.done("publish")
    review = pair.review()

    pair.run("article", "withdraw", article)
    alone = pair.verified()
    lone, signed = manifest(pair, 4), signers(pair, 4)
    late = pair.run("publish", "--signature", pair.signature(review))
    pair.done("publish", "--signature", pair.signature(pair.review("b.review")))
    whole = manifest(pair, 5)

    assert (alone["authentic"], alone["fresh"], alone["edition"]) == (True, True, 4)
    assert (lone.removal, signed, lone.prev and lone.prev.edition) == (True, 1, 2)
    assert (late.code, "in other bytes: edition 5 waits now" in late.err) == (1, True)
    assert (whole.removal, whole.prev and whole.prev.edition, signers(pair, 5)) == (False, 4, 2)
    assert pair.verified()["edition"] == 5
    assert b"The bridge" not in page(pair, article)


def test_what_is_withdrawn_waits_for_no_new_root_either(tmp_path: Path) -> None:
    pair = founded(tmp_path, removed=True)
    article, _ = (one["id"] for one in pair.done("article", "list"))

    held = pair.done("publish")
    pair.run("article", "withdraw", article)

    assert (held["placements"], held["waiting"]["signed"]) == ([], 0)
    assert pair.verified()["authentic"], pair.verified()
    assert manifest(pair, held["edition"] + 1).removal


def test_an_edition_that_was_shown_is_not_made_twice(pair: Pair) -> None:
    pair.text("bridge", "The bridge")
    first = pair.done("publish")["waiting"]["edition"]
    pair.text("ferry", "The ferry")
    unseen = pair.done("publish")["waiting"]["edition"]
    review = pair.review()
    pair.text("tower", "The tower")
    seen = pair.done("publish")["waiting"]["edition"]
    again = pair.run("review", pair.top / "b.review", "--secret", pair.words)

    published = pair.done("publish", "--signature", pair.signature(review))

    assert (first, unseen, seen) == (3, 3, 3)  # what others look at stays
    assert (again.code, "publish first" in again.err) == (1, True)
    assert (published["edition"], published["waiting"]["edition"]) == (3, 4)


def test_nothing_is_signed_that_was_not_rebuilt_equal(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.text("bridge", "The bridge")
    with monkeypatch.context() as patch:
        patch.setattr("feeds.composer.FRONT_CARDS", 0)  # the newsroom's program is another
        pair.done("publish")
    review = pair.review()

    told = inside("rebuild", "--from", review, "--secret", pair.words, "--root", pair.root)
    refused = pair.countersign(review)

    assert (told.code, "NOT EQUAL" in told.err) == (1, True)
    assert "en/index.html: is not what the articles give" in told.out
    assert (refused.code, "nothing is signed" in refused.err) == (1, True)
    assert not list(pair.top.glob("edition-3.*"))


def test_a_key_signs_a_number_once(pair: Pair) -> None:
    pair.done("publish")
    review = pair.review()
    pair.signature(review)
    memory = pair.top / "bea" / "signed.json"
    memory.write_text(memory.read_text().replace('"3": "', '"3": "f'))

    refused = pair.countersign(review)

    assert (refused.code, "signed edition 3 over other bytes before" in refused.err) == (1, True)


MISTAKES: list[tuple[str, str]] = [
    # whose key, and what is said
    ("paper/keys/root", "holds no release key of this newsroom"),
    ("nowhere", "no key lies there"),
]


@pytest.mark.parametrize(("key", "said"), MISTAKES)
def test_another_key_signs_nothing(pair: Pair, key: str, said: str) -> None:
    pair.done("publish")

    refused = pair.countersign(pair.review(), key)

    assert (refused.code, said in refused.err) == (2, True)


def test_a_signature_that_is_not_good_is_refused(pair: Pair) -> None:
    pair.done("publish")
    signature = pair.signature(pair.review())
    text = signature.read_text()
    key = text.partition('"fingerprint":"')[2][:40]
    spoilt = pair.top / "spoilt"
    answers = []
    for before, after in (
        (key, "A" * 40),
        ('"slips":{', '"slips":{},"more":{'),
        ("BEGIN", "BEGUN"),
    ):
        spoilt.write_text(text.replace(before, after))
        answers.append(pair.run("publish", "--signature", spoilt))

    assert [one.code for one in answers] == [1, 1, 1]
    assert [one.err.count("\n") for one in answers] == [1, 1, 1]
    assert "no release key" in answers[0].err
    assert pair.verified()["edition"] == 2


def test_beside_a_running_service_a_signature_is_taken(pair: Pair) -> None:
    pair.done("publish")
    with Lock(pair.folder / "state" / "lock"):
        review = pair.review()
        answer = pair.done("publish", "--signature", pair.signature(review))

    published = pair.done("publish")

    assert answer == {"taken": 1, "edition": None}
    assert published["edition"] == 3


def review_beside_a_draft(pair: Pair) -> Path:
    texts = pair.top / "drafts"
    texts.mkdir()
    (texts / "secret.md").write_text("---\nid: secret\ntitle: Secret\nlanguage: en\n---\nDraft.\n")
    pair.done("import", "folder", texts)
    pair.done("publish")
    return pair.review()


def test_a_review_holds_nothing_but_what_readers_get(pair: Pair) -> None:
    review = review_beside_a_draft(pair)

    async def laid() -> tuple[int, str, int]:
        async with carried(Locked(file=review, passphrase=PASSPHRASE)) as store:
            drafts = await store.ledgers.drafts.all()
            salt = await store.ledgers.facts.get("salt") or ""
            return len(drafts), salt, len(store.config.mirror)

    assert asyncio.run(laid()) == (0, "00", 0)


def test_a_review_names_no_draft_by_its_digest_either(pair: Pair) -> None:
    review = review_beside_a_draft(pair)

    async def found() -> tuple[set[Digest], set[Digest]]:
        async with glanced(pair.folder) as room:
            drafts = {text for _, _, text, _ in await room.ledgers.drafts.all()}
        laid = await restore(Locked(file=review, passphrase=PASSPHRASE), pair.top / "laid")
        return drafts, drafts.intersection(laid.contents.missing)

    drafts, told = asyncio.run(found())
    assert (len(drafts), told) == (1, set())


def test_who_restores_a_backup_can_rebuild_too(pair: Pair) -> None:
    pair.done("publish")
    pair.done("publish", "--signature", pair.signature(pair.review()))

    here = pair.run("rebuild", "3", "--json")
    older = pair.run("rebuild", "1", "--json")

    assert (here.code, here.json["equal"]) == (0, True), here.out
    assert (older.code, "only the newest" in older.err) == (1, True)


def test_one_person_may_release_again(pair: Pair) -> None:
    draft = pair.top / "back.json"
    bea = pair.top / "bea" / "certificate.asc"
    pair.done("key", "rotate", "release", draft, "--out", bea, "--threshold", "1")
    signed = pair.done("key", "sign", draft, "--with", pair.folder / "keys" / "root", "--yes")
    pair.done("key", "accept", draft, *(one["file"] for one in signed))

    published = pair.done("publish")

    assert (published["edition"], "waiting" in published) == (3, False)
    assert pair.verified()["authentic"]


def test_the_newsroom_s_own_signature_makes_no_second_person(pair: Pair) -> None:
    pair.text("bridge", "The bridge")
    pair.done("publish")
    signature = pair.signature(pair.review(), "paper/keys/online")

    answered = pair.done("publish", "--signature", signature)

    assert (answered["edition"], answered["waiting"]["signed"]) == (2, 0)
    assert (pair.verified()["authentic"], pair.verified()["edition"]) == (True, 2)


def test_a_name_that_was_taken_out_waits_in_no_edition(pair: Pair) -> None:
    article = pair.text("bridge", "The bridge", "Wilhelmina Quast")
    pair.done("publish")
    review = pair.review()

    pair.done("author", "remove", "Wilhelmina Quast")
    renewed = pair.done("publish")
    late = pair.run("publish", "--signature", pair.signature(review))
    pair.done("publish", "--signature", pair.signature(pair.review("b.review")))

    assert (renewed["waiting"]["edition"], late.code) == (4, 1)
    assert b"Quast" not in page(pair, article)


def bundles_with(pair: Pair, word: bytes) -> list[str]:
    """The bundles as HTML on the mirror that hold a word."""
    return [path.name for path in pair.mirror.glob("b/*.html") if word in path.read_bytes()]


def test_a_bundle_with_what_was_withdrawn_goes_out_with_no_edition(pair: Pair) -> None:
    article = pair.text("bridge", "The Quozzle bridge")
    pair.done("publish")
    pair.done("publish", "--signature", pair.signature(pair.review()))

    pair.run("article", "withdraw", article)
    alone = bundles_with(pair, b"Quozzle")
    pair.done("publish", "--signature", pair.signature(pair.review("b.review")))
    together = bundles_with(pair, b"Quozzle")

    assert pair.verified()["authentic"]
    assert (alone, together) == ([], [])
