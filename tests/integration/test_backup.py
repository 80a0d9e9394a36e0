"""Backup and restore: a whole newsroom to one file and back, keys apart, whole or not at all."""

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from service.config import FILE
from tamizdat.digest import digest
from tests.kit.backups import KEYS_SECRET, MIRRORS, SECRET, Town, copied, secrets, town, untarred
from tests.kit.program import inside
from tests.kit.seeker import hits, needles, tree

TEXT = "The grey heron told nobody."


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A newsroom with secrets of its own, published and backed up."""
    made = town(tmp_path_factory.mktemp("backup"))
    (made.room / "secrets").mkdir(mode=0o700)
    (made.room / "secrets" / "to").write_text("in-a1b2@gate.example\n")
    (made.room / "secrets" / "feed").write_text("https://gate.example/feed/c3d4\n")
    (made.top / "outside.pem").write_text("an authority\n")
    with (made.room / FILE).open("a", encoding="utf-8") as file:
        file.write(
            '\n[[gateway]]\nid = "gate"\nhost = "127.0.0.1"\nto = "secrets/to"\n'
            'feed = "secrets/feed"\nsender = "paper@paper.example"\n'
            f'\n[[vantage]]\nid = "here"\nauthorities = "{made.top / "outside.pem"}"\n'
        )
    made.write("heron", TEXT)
    made.write("crane", "The crane flew.")
    assert made.press.published() == 1
    assert made.verified()["edition"] == 1
    made.backup()
    return made


@pytest.fixture
def copy(published: Town, tmp_path: Path) -> Town:
    """The same without the newsroom's folder: its disk has died."""
    made = copied(published, tmp_path)
    shutil.rmtree(made.room)
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_comes_back_goes_on_where_it_was(copy: Town) -> None:
    restored = copy.restore("paper", "--json")
    copy.write("stork", "The stork came back.")

    assert (restored.code, restored.json["keys"], restored.json["root"]) == (0, True, copy.root)
    assert copy.press.published() == 2
    for name in MIRRORS:
        told = copy.verified(name)
        assert (told["authentic"], told["fresh"], told["edition"]) == (True, True, 2)


def test_a_ledger_as_new_as_the_mirrors_costs_them_nothing(copy: Town) -> None:
    copy.restore()

    told = copy.press.run("publish", "--json").json

    assert told["restored"]["adopted"] == []
    assert (told["restored"]["unknown"], told["restored"]["older"]) == ([], [])
    assert [one["writes"] for one in told["placements"]] == [0, 0, 0]
    assert "restored" not in copy.press.run("publish", "--json").json


def test_gpg_and_tar_open_it_without_us(copy: Town) -> None:
    found = untarred(copy.top / "paper.gpg")

    said = json.loads(found["contents.json"])
    assert (said["version"], said["kind"], said["root"]) == (1, "newsroom", copy.root)
    assert {name: digest(found[name]) for name in said["files"]} == {
        name: one["sha256"] for name, one in said["files"].items()
    }
    assert found["files/secrets/to"] == b"in-a1b2@gate.example\n"
    assert found["files/secrets/feed"] == b"https://gate.example/feed/c3d4\n"
    assert not [name for name in found if "outside" in name or name.startswith("keys")]
    rows = [json.loads(line) for line in found["ledger/article.jsonl"].splitlines()]
    texts = [json.loads(found[f"blobs/{row['text'][:2]}/{row['text']}"]) for row in rows]
    assert any(TEXT in text["html"] for text in texts)
    assert said["rows"]["article"] == len(rows) == 2


def test_the_keys_lie_only_in_their_own_file(published: Town) -> None:
    private = {
        path.name: path.read_bytes()
        for path in (published.room / "keys").rglob("private-keys-v1.d/*.key")
    }
    newsroom = untarred(published.top / "paper.gpg")
    keys = untarred(published.top / "paper-keys.gpg", KEYS_SECRET)

    assert len(private) == 7
    assert {name.rpartition("/")[2] for name in keys} > set(private)
    assert hits(newsroom, needles(*private.values())) == []
    assert not [name for name in newsroom if any(key in name for key in private)]
    assert not [name for name in keys if "S.gpg-agent" in name or name.endswith(".lock")]


def test_what_is_left_out_is_said(published: Town, tmp_path: Path) -> None:
    told = published.press.run("backup", tmp_path / "b", *secrets(tmp_path), "--json").json
    spoken = published.press.run("backup", tmp_path / "c", *secrets(tmp_path))

    assert told["keys"] is None
    (left_out,) = told["left_out"]
    assert left_out.startswith(f"{published.top / 'outside.pem'}: lies elsewhere")
    assert "The keys are not in it" in spoken.out
    assert "outside.pem" in spoken.out
    assert SECRET not in spoken.out + spoken.err


def test_a_restored_newsroom_is_its_owners_only(copy: Town) -> None:
    copy.restore()

    for path in (copy.room, *copy.room.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert stat.S_IMODE((copy.top / "paper.gpg").stat().st_mode) == 0o600
    assert (copy.room / "secrets" / "to").read_text() == "in-a1b2@gate.example\n"


def test_without_the_keys_it_says_where_they_belong(copy: Town) -> None:
    restored = inside("restore", copy.top / "paper.gpg", copy.room, *secrets(copy.top))
    publish = copy.press.run("publish")

    assert restored.code == 0
    assert f"put them back into {copy.room / 'keys'}" in restored.out
    assert publish.code == 2
    assert not (copy.room / "keys").exists()


def flipped(at: float) -> Callable[[bytes], bytes]:
    def spoil(body: bytes) -> bytes:
        place = int(len(body) * at)
        return body[:place] + bytes([body[place] ^ 0x10]) + body[place + 1 :]

    return spoil


SPOILT = [
    ("a flipped byte near the start", flipped(0.001)),
    ("a flipped byte in the middle", flipped(0.5)),
    ("a flipped byte near the end", flipped(0.999)),
    ("cut in the middle", lambda body: body[: len(body) // 2]),
    ("cut by one byte", lambda body: body[:-1]),
    ("one byte more", lambda body: body + b"\0"),
    ("nothing", lambda _body: b""),
    ("no backup", lambda _body: b"a letter, not a backup" * 1000),
]


@pytest.mark.parametrize("which", ["paper.gpg", "paper-keys.gpg"])
@pytest.mark.parametrize("spoil", [row[1] for row in SPOILT], ids=[row[0] for row in SPOILT])
def test_a_spoilt_backup_is_one_line_and_leaves_nothing(
    copy: Town, which: str, spoil: Callable[[bytes], bytes]
) -> None:
    file = copy.top / which
    file.write_bytes(spoil(file.read_bytes()))
    before = names(copy.top)

    refused = copy.restore()

    assert (refused.code, refused.out) == (1, "")
    assert len(refused.err.strip().splitlines()) == 1
    assert names(copy.top) == sorted({*before, "secret", "keys-secret"})


def test_another_passphrase_is_one_line_and_leaves_nothing(copy: Town) -> None:
    secrets(copy.top)
    (copy.top / "other").write_text("quite another passphrase")

    refused = inside("restore", copy.top / "paper.gpg", copy.room, "--secret", copy.top / "other")

    assert refused.code == 1
    assert len(refused.err.strip().splitlines()) == 1
    assert "quite another passphrase" not in refused.err
    assert not copy.room.exists()


def test_the_two_files_are_not_mistaken_for_each_other(copy: Town) -> None:
    secrets(copy.top)
    words = ("--secret", copy.top / "keys-secret")

    refused = inside("restore", copy.top / "paper-keys.gpg", copy.room, *words)

    assert refused.code == 1
    assert "holds keys, not a newsroom" in refused.err
    assert not copy.room.exists()


def test_keys_of_another_newsroom_are_refused(copy: Town, tmp_path: Path) -> None:
    other = town(tmp_path / "other")
    other.write("one", "Another paper.")
    other.press.published()
    other.backup("paper")
    shutil.copy(other.top / "paper-keys.gpg", copy.top / "paper-keys.gpg")

    refused = copy.restore()

    assert refused.code == 1
    assert "not of this newsroom" in refused.err
    assert not copy.room.exists()


def test_a_folder_that_holds_something_is_left_alone(copy: Town) -> None:
    copy.room.mkdir()
    (copy.room / "letter").write_text("mine")

    refused = copy.restore()

    assert refused.code == 2
    assert [path.name for path in copy.room.iterdir()] == ["letter"]


def test_an_empty_folder_is_filled(copy: Town) -> None:
    copy.room.mkdir()

    assert copy.restore().code == 0
    assert (copy.room / FILE).exists()


def test_a_backup_never_replaces_a_file_and_never_lies_on_a_mirror(
    published: Town, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_text("mine")
    places = [
        tmp_path / "mine",
        published.mirror() / "b.gpg",
        published.room / "keys" / "b.gpg",
        published.room / "state" / "blobs" / "b.gpg",
        tmp_path / "nowhere" / "b.gpg",
    ]

    answers = [published.press.run("backup", file, *secrets(tmp_path)) for file in places]

    assert [one.code for one in answers] == [2] * len(places)
    assert (tmp_path / "mine").read_text() == "mine"
    assert not [one for one in tree(published.mirror()) if one.endswith("gpg")]


def test_keys_need_a_file_and_a_passphrase_of_their_own(published: Town, tmp_path: Path) -> None:
    secrets(tmp_path)
    file, same = tmp_path / "b", ("--secret", tmp_path / "secret")
    keys = ("--keys", tmp_path / "k")

    answers = [
        published.press.run("backup", file, *same, *keys),
        published.press.run("backup", file, *same, "--keys-secret", tmp_path / "keys-secret"),
        published.press.run("backup", file, *same, *keys, "--keys-secret", tmp_path / "secret"),
        published.press.run(
            "backup", file, *same, "--keys", file, "--keys-secret", tmp_path / "keys-secret"
        ),
    ]

    assert [one.code for one in answers] == [2] * 4
    assert names(tmp_path) == ["keys-secret", "secret"]


def test_a_blob_that_is_lost_is_named_and_the_rest_is_saved(copy: Town, tmp_path: Path) -> None:
    copy.restore()
    row = json.loads(untarred(copy.top / "paper.gpg")["ledger/article.jsonl"].splitlines()[0])
    text = row["text"]
    (copy.room / "state" / "blobs" / text[:2] / text).unlink()
    page = row["page_sha256"]
    (copy.room / "state" / "blobs" / page[:2] / page).write_bytes(b"damaged")

    made = copy.press.run("backup", tmp_path / "b", *secrets(copy.top), "--json")
    restored = inside("restore", tmp_path / "b", tmp_path / "again", *secrets(copy.top), "--json")

    assert made.code == 1
    assert set(made.json["missing"]) == {text, page}
    assert (restored.code, set(restored.json["missing"])) == (0, {text, page})
