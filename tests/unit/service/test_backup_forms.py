"""The forms of a backup: the tar, what it says of itself, and the config that is set anew."""

import io
import tarfile
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.backup import contents
from service.backup.contents import Contents, Heap, lacking, secrets
from service.backup.passphrase import passphrase
from service.backup.receiving import Receiving
from service.backup.rewriting import rewritten
from service.backup.tar import BLOCK, RECORD, Told, Writer, members, pieces
from service.config import parse
from tamizdat.digest import Digest, digest
from tamizdat.errors import ConfigError, SourceError
from tamizdat.wire import Sized

AT = datetime(2026, 11, 23, 18, 2, 11, tzinfo=UTC)
ROOT = digest(b"root")
FILES = {"tamizdat.toml": b"[newsroom]\n", "files/secrets/ключ.toml": b"s" * 513, "empty": b""}


class Stream(io.BytesIO):
    """Plain bytes, in both directions."""

    def write(self, body: bytes) -> int:  # type: ignore[override]
        return super().write(body)

    def read(self, size: int | None = -1) -> bytes:
        return super().read(size)


def tar(files: dict[str, bytes]) -> bytes:
    stream = Stream()
    writer = Writer(stream, AT)
    for name, body in files.items():
        writer.add(name, len(body), [body[:7], body[7:]])
    writer.close()
    return stream.getvalue()


def untarred(body: bytes) -> dict[str, bytes]:
    return {one.name: b"".join(one.body) for one in members(Stream(body))}


# the tar


def test_a_tar_is_read_as_it_was_written_by_us_and_by_everyone() -> None:
    body = tar(FILES)

    assert untarred(body) == FILES
    assert len(body) % RECORD == 0
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        theirs = {one.name: archive.extractfile(one) for one in archive}
        assert {n: file.read() for n, file in theirs.items() if file} == FILES
        assert {(one.mode, one.uid, one.uname, one.mtime) for one in archive} == {
            (0o600, 0, "", int(AT.timestamp()))
        }


def test_members_that_nobody_takes_are_passed_by() -> None:
    assert [one.name for one in members(Stream(tar(FILES)))] == list(FILES)


@pytest.mark.parametrize("size", [0, 6, 8])
def test_a_file_that_changes_while_it_is_read_is_refused(size: int) -> None:
    with pytest.raises(SourceError, match="changed while it was read"):
        Writer(Stream(), AT).add("a", 7, [b"x" * size])


@pytest.mark.parametrize(("name", "size"), [("x" * 101, 1), ("a", 8 * 1024**3)])
def test_what_no_tar_can_tell_is_refused(name: str, size: int) -> None:
    with pytest.raises(SourceError, match="too large for a tar"):
        Writer(Stream(), AT).add(name, size, [])


def theirs(**changes: object) -> bytes:
    told = tarfile.TarInfo("a")
    for name, value in changes.items():
        setattr(told, name, value)
    return told.tobuf(tarfile.GNU_FORMAT) + bytes(2 * BLOCK)


WRONG_TARS = [
    (theirs(type=tarfile.SYMTYPE, linkname="/etc/passwd"), "is no plain file"),
    (theirs(type=tarfile.LNKTYPE, linkname="b"), "is no plain file"),
    (theirs(type=tarfile.DIRTYPE), "is no plain file"),
    (theirs(type=tarfile.CHRTYPE), "is no plain file"),
    (theirs(type=tarfile.FIFOTYPE), "is no plain file"),
    (theirs(type=tarfile.GNUTYPE_SPARSE), "is no plain file"),
    (theirs(type=tarfile.XHDTYPE), "is no plain file"),
    (theirs(name="x" * 200), "is no plain file"),
    (theirs(size=9000), "ends too early"),
    (b"x" * BLOCK, "no archive of ours"),
    (b"\xff" * BLOCK, "no archive of ours"),
    (tar(FILES)[:-RECORD], "ends too early"),
    (tar(FILES) + b"x", "behind the end"),
    (b"", "ends too early"),
]


@pytest.mark.parametrize(("body", "says"), WRONG_TARS)
def test_what_is_no_tar_of_ours_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        untarred(body)


def test_a_file_is_told_as_it_goes_by() -> None:
    told = Told(pieces(io.BytesIO(b"herons")))

    assert b"".join(told) == b"herons"
    assert (told.stamp.sha256, told.stamp.length) == (digest(b"herons"), 6)


# what it says of itself


def described(**changes: object) -> Contents:
    said = {
        "kind": "newsroom",
        "created": AT,
        "root": ROOT,
        "schema_revision": "0001",
        "rows": {"fact": 1},
        "files": {"tamizdat.toml": Sized(sha256=digest(b"a"), len=1)},
        "heaps": {"blobs": Heap(count=1, bytes=5)},
        "missing": (),
    }
    return Contents(**{**said, **changes})  # type: ignore[arg-type]


def test_contents_are_read_as_they_were_written() -> None:
    assert contents.parse(described().encode(), "newsroom") == described()


WRONG_CONTENTS = [
    (b"{}", "nothing that we understand"),
    (b"\xff", "nothing that we understand"),
    (described(version=2).encode(), "newer program"),
    (described(kind="keys", files={}).encode(), "holds keys, not a newsroom"),
    *(
        (described(files={name: Sized(sha256=ROOT, len=1)}).encode(), "no backup of ours holds")
        for name in (
            "keys/online/pubring.kbx",
            "files/../tamizdat.toml",
            "files//x",
            "files/./x",
            "files/" + "x" * 100,
            "files/a\\b",
            "files/a\nb",
            "ledger/../x.jsonl",
            "ledger/Fact.jsonl",
            "/etc/passwd",
            "blobs/00/" + "0" * 64,
            "state/ledger.db",
        )
    ),
]


@pytest.mark.parametrize(("body", "says"), WRONG_CONTENTS)
def test_contents_that_cannot_be_are_refused(body: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        contents.parse(body, "newsroom")


def test_keys_hold_nothing_but_keys() -> None:
    good = described(kind="keys", files={"keys/a": Sized(sha256=ROOT, len=1)})
    bad = described(kind="keys", files={"keys/../a": Sized(sha256=ROOT, len=1)})

    assert contents.parse(good.encode(), "keys") == good
    for one in (bad, described(kind="keys")):
        with pytest.raises(SourceError, match="no backup of ours holds"):
            contents.parse(one.encode(), "keys")


def test_names_tell_what_they_are() -> None:
    sha256 = Digest("ab" * 32)

    assert contents.blob(contents.blob_name("letters", sha256)) == ("letters", sha256)
    assert contents.blob("blobs/00/" + "ab" * 32) is None
    assert contents.blob("keys/ab/" + "ab" * 32) is None
    assert contents.table(contents.table_name("mailbox_letter")) == "mailbox_letter"
    assert contents.table("tamizdat.toml") is None
    assert contents.limit("ledger/fact.jsonl") == contents.MAX_TABLE
    assert contents.limit(contents.blob_name("post", sha256)) == contents.MAX_BLOB
    assert contents.limit("tamizdat.toml") == contents.MAX_SMALL


LACKING = [
    ({"tamizdat.toml": 1, "blobs": 1}, None),
    ({"tamizdat.toml": 1}, None),  # what nothing names may be swept meanwhile
    ({"blobs": 1}, "tamizdat.toml is missing"),
    ({"tamizdat.toml": 1, "blobs": 2}, "blobs are more than it says"),
    ({"tamizdat.toml": 1, "post": 1}, "post are more than it says"),
]


@pytest.mark.parametrize(("seen", "says"), LACKING)
def test_what_lacks_is_told(seen: dict[str, int], says: str | None) -> None:
    assert lacking(described(), seen) == says


CONFIG = """
[newsroom]
name = "The Heron"
[[mirror]]
id = "basalt"
backend = "s3"
bucket = "a-bucket"
url = "https://a.example/"
credentials = "secrets/basalt.toml"
[[mirror]]
id = "amber"
backend = "folder"
folder = "mirrors/amber"
[[gateway]]
id = "gate"
host = "mail.example"
to = "secrets/to"
feed = "secrets/feed"
sender = "paper@paper.example"
[[vantage]]
id = "here"
authorities = "secrets/authorities.pem"
"""
POST = (
    '[post]\ndomain = "post.example"\ncertificate = "secrets/post.pem"\nkey = "secrets/post.key"\n'
)


def test_every_file_that_the_config_names_is_found() -> None:
    named = ["authorities.pem", "basalt.toml", "feed", "to"]

    assert secrets(parse(CONFIG, "it")) == [f"secrets/{one}" for one in named]
    assert secrets(parse(CONFIG + POST, "it")) == sorted(
        f"secrets/{one}" for one in (*named, "post.key", "post.pem")
    )


# members against what is said


def take(_name: str, body: Iterable[bytes]) -> None:
    assert b"".join(body) is not None


def received(files: dict[str, bytes], kind: contents.Kind = "newsroom", most: int = 10**6) -> None:
    receiving = Receiving(where=Path("it"), kind=kind, lay=take, most=most)
    receiving.read(Stream(tar(files)))


BLOB = contents.blob_name("blobs", digest(b"a blob"))
GOOD = {"contents.json": described().encode(), "tamizdat.toml": b"a", BLOB: b"a blob"}
KEYS = {"contents.json": described(kind="keys", files={}).encode(), BLOB: b"a blob"}
WRONG_MEMBERS = [
    ({}, "holds nothing"),
    ({"tamizdat.toml": b"a", **GOOD}, "does not begin with contents.json"),
    ({**GOOD, "tamizdat.toml": b"b"}, "tamizdat.toml is not as it was"),
    ({**GOOD, "tamizdat.toml": b"aa"}, "tamizdat.toml is not as it was"),
    ({**GOOD, BLOB: b"another"}, "is not as it was"),
    ({**GOOD, "state/ledger.db": b""}, "which it does not name"),
    ({**GOOD, "../x": b""}, "which it does not name"),
    ({**GOOD, contents.blob_name("blobs", digest(b"two")): b"two"}, "more than it says"),
    ({"contents.json": GOOD["contents.json"]}, "tamizdat.toml is missing"),
]


def test_members_that_are_as_they_should_be_are_taken() -> None:
    received(GOOD)


@pytest.mark.parametrize(("files", "says"), WRONG_MEMBERS)
def test_members_that_are_not_are_refused(files: dict[str, bytes], says: str) -> None:
    with pytest.raises(SourceError, match=says):
        received(files)


def test_keys_come_without_blobs() -> None:
    with pytest.raises(SourceError, match="more than keys"):
        received(KEYS, "keys")


def test_a_member_over_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MAX_SMALL", 0)

    with pytest.raises(SourceError, match="is over 0 bytes"):
        received(GOOD)


def test_more_than_fits_into_the_file_is_refused() -> None:
    with pytest.raises(SourceError, match="more than fits into it"):
        received({**GOOD, BLOB: b"a blob" * 10_000}, most=100)


def test_a_member_that_comes_twice_is_refused() -> None:
    stream = Stream()
    writer = Writer(stream, AT)
    for name, body in (*GOOD.items(), ("tamizdat.toml", b"a")):
        writer.add(name, len(body), [body])
    writer.close()
    receiving = Receiving(where=Path("it"), kind="newsroom", lay=take, most=10**6)

    with pytest.raises(SourceError, match="twice"):
        receiving.read(Stream(stream.getvalue()))


# the config, set anew

TOML = """\
# A newsroom.
[newsroom]
name = "The Heron"   # ledger = "not this one"

[store]
# ledger = "nor this"
ledger = "sqlite:state/ledger.db"  # this
blobs = "state/blobs"

[[mirror]]
id = "amber"
ledger = "nor this"
"""


def test_one_key_is_set_and_all_else_left_alone() -> None:
    made = rewritten(TOML, "store", "ledger", 'postgresql://it\'s/"x"')

    told = tomllib.loads(made)
    assert told["store"] == {"ledger": 'postgresql://it\'s/"x"', "blobs": "state/blobs"}
    assert told["mirror"] == [{"id": "amber", "ledger": "nor this"}]
    assert made.count("\n") == TOML.count("\n")
    assert "# A newsroom." in made


def test_a_key_that_lacks_is_added_to_its_section() -> None:
    made = rewritten(TOML, "newsroom", "mail", "a@post.example")

    assert tomllib.loads(made)["newsroom"] == {"name": "The Heron", "mail": "a@post.example"}


def test_a_section_that_lacks_is_added() -> None:
    made = rewritten(TOML, "signing", "keys", "keys")

    assert tomllib.loads(made)["signing"] == {"keys": "keys"}


def test_a_value_that_cannot_stand_in_a_line_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"store\.ledger"):
        rewritten(TOML, "store", "ledger", "sqlite:a\nb")


# the passphrase


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_passphrase_is_the_one_line_of_a_file(tmp_path: Path, end: str) -> None:
    (tmp_path / "it").write_text("six words früh" + end, encoding="utf-8", newline="")

    assert passphrase(tmp_path / "it") == "six words früh"


WRONG_PASSPHRASES = [
    b"elevensigns",
    b"",
    b"one line too\nmany lines",
    b"a space at the end \n",
    b" a space at the start",
    b"a \t tab in the middle",
    b"\xff\xfe not UTF-8 at all",
    b"x" * 1001,
    b"x" * 5000,
]


@pytest.mark.parametrize("body", WRONG_PASSPHRASES)
def test_what_is_no_passphrase_is_refused_unsaid(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "it").write_bytes(body)

    with pytest.raises(ConfigError) as caught:
        passphrase(tmp_path / "it")

    assert "\n" not in str(caught.value)
    assert not body or body.decode("utf-8", "replace") not in str(caught.value)


def test_a_passphrase_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no passphrase can be read"):
        passphrase(tmp_path / "nowhere")
