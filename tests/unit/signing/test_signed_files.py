"""Every field of every signed file: it is there, of its kind, and within its bounds."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from signing import shards
from tamizdat.digest import digest
from tamizdat.errors import FormatError
from tamizdat.letter import LetterSlip
from tamizdat.wire import (
    Here,
    Manifest,
    Pointer,
    Root,
    Shard,
    ShardRef,
    SignedFile,
    Slip,
    Withdrawn,
)
from tests.vectors.press import fingerprint, html, root_fields, slip_fields, spelled

Fields = dict[str, Any]

DIGEST, ID = "0123456789abcdef" * 4, "a2b3c4d5e6f7a"
MARK, KEY = fingerprint("release"), "A" * 43 + "="
STAMP: Fields = {"sha256": DIGEST, "len": 0}
HEAD: Fields = {"spec": "1.0", "channel": "0" * 32, "issued": "2026-11-20T12:00:00Z"}
ENDS = HEAD | {"expires": "2026-12-20T12:00:00Z", "root_version": 1}

WRONG: Mapping[str, Sequence[Any]] = {
    # the kind   what is none of it
    "digest": (None, 1, [], "", DIGEST[1:], DIGEST + "0", DIGEST.upper(), DIGEST[1:] + "g"),
    "mark": (None, 1, "", MARK[1:], MARK + "A", MARK.lower(), MARK[1:] + "G", MARK + "\n"),
    "channel": (None, 1, "", "0" * 31, "0" * 33, "F" * 32, "0" * 31 + "g", "0" * 32 + "\n"),
    "id": (None, 1, "", ID[1:], ID + "a", ID.upper(), ID[1:] + "1", ID + "\n"),
    "number": (None, True, "1", [1], 0, -1),
    "count": (None, True, "1", [1], -1),
    "second": (None, True, "1", -1, 2**32),
    "text": (None, True, 1, [], {}),
    "flag": (None, 0, 1, "true", []),
    "list": (None, 1, "x", {}),
    "object": (None, 1, "x", []),
    "moment": (None, 1_795_176_000, "", "2026-11-20", "2026-02-29T12:00:00Z"),
    "alg": (None, 1, "ed448", "Ed25519"),
    "raw": (None, 1, "", KEY[1:], "A" + KEY, KEY[:-1] + "A", "-" + KEY[1:], KEY + "\n"),
    "kind": (None, 1, "pdf", "ZIP"),
    "part": (None, 1, "", "a" * 61, "a b", "é", "a\n"),
    "address": (True, 1, [], {}),
    "urn": (None, 1, "", "urn:uuid:x", "urn:uuid:" + "0" * 36 + "0", "uuid:" + "0" * 36),
}  # fmt: skip
"""No value of another kind is let in: none becomes a number, and no text is trimmed."""

EVER = {"spec": "text", "channel": "channel", "issued": "moment", "root_version": "number"}
LASTS = EVER | {"expires": "moment"}
OF_STAMP = {"sha256": "digest", "len": "count"}


def under(name: str, kinds: Mapping[str, str]) -> dict[str, str]:
    return {f"{name}.{field}": kind for field, kind in kinds.items()}


FILES: list[tuple[type[SignedFile], Fields, Mapping[str, str]]] = [
    (
        Root,
        root_fields(),
        {name: kind for name, kind in LASTS.items() if name != "root_version"}
        | {"version": "number", "keys": "object", "roles": "object", f"keys.{MARK}": "object"}
        | under(f"keys.{MARK}", {"alg": "alg", "created": "second", "raw": "raw"})
        | {"roles.release": "object"}
        | under("roles.release", {"keys": "list", "threshold": "number", "keys.0": "mark"}),
    ),
    (
        Pointer,
        ENDS
        | {"version": 1, "edition": 1, "fresh_until": "2026-11-21T12:00:00Z"}
        | {"manifest": STAMP, "withdrawn": STAMP | {"version": 1}},
        LASTS
        | {"version": "number", "edition": "number", "fresh_until": "moment"}
        | {"manifest": "object", "withdrawn": "object", "withdrawn.version": "number"}
        | under("manifest", OF_STAMP)
        | under("withdrawn", OF_STAMP),
    ),
    (
        Manifest,
        ENDS
        | {"edition": 2, "oldest": 1, "removal": False, "build": DIGEST}
        | {"prev": {"edition": 1, "sha256": DIGEST}, "shards": [STAMP | {"key": "en/2026-11"}]}
        | {
            "bundles": [
                STAMP | {"kind": "zip", "language": "en", "edition": 1, "unpacked": 0, "files": 0}
            ]
        },
        LASTS
        | {"edition": "number", "oldest": "number", "removal": "flag", "build": "digest"}
        | {"shards": "list", "shards.0": "object", "bundles": "list", "bundles.0": "object"}
        | under("prev", {"edition": "number", "sha256": "digest"})
        | under("shards.0", OF_STAMP | {"key": "part"})
        | under("bundles.0", OF_STAMP | {"kind": "kind", "language": "text", "edition": "number"})
        | under("bundles.0", {"unpacked": "count", "files": "count"}),
    ),
    (
        Here,
        ENDS | {"version": 1, "edition": 1, "base": None, "ways": [STAMP], "hints": ["https://x/"]},
        LASTS
        | {"version": "number", "edition": "number", "base": "address", "ways": "list"}
        | {"ways.0": "object", "hints": "list", "hints.0": "text"}
        | under("ways.0", OF_STAMP),
    ),
    (
        Withdrawn,
        HEAD
        | {"root_version": 1, "version": 1, "keys": [MARK]}
        | {"articles": [{"id": ID, "on": "2026-11-20T12:00:00Z"}]},
        EVER
        | {"version": "number", "keys": "list", "keys.0": "mark", "articles": "list"}
        | under("articles.0", {"id": "id", "on": "moment"})
        | {"articles.0": "object"},
    ),
    (
        Slip,
        slip_fields(html().body, "html"),
        LASTS
        | {"edition": "number", "kind": "kind", "language": "text", "body": "object"}
        | under("body", OF_STAMP),
    ),
    (
        LetterSlip,
        HEAD
        | {"root_version": 1}
        | {"articles": [{"urn": "urn:uuid:" + "0" * 36, "revision": 1, "sha256": DIGEST}]},
        EVER
        | {"articles": "list", "articles.0": "object"}
        | under("articles.0", {"urn": "urn", "revision": "number", "sha256": "digest"}),
    ),
]

BOUNDS: list[tuple[type[SignedFile], str, Any, bool]] = [
    # the file, the field, the value, and whether it is let in
    (Root, f"keys.{MARK}.created", 2**32 - 1, True),
    (Root, f"keys.{MARK}.created", 0, True),
    (Root, "keys", {}, True),
    (Root, "keys", {MARK.lower(): {"alg": "ed25519", "created": 0, "raw": KEY}}, False),
    (Root, "keys", {MARK + "A": {"alg": "ed25519", "created": 0, "raw": KEY}}, False),
    (Root, "roles", {"editor": {"keys": [], "threshold": 1}}, False),
    (Root, "roles.release.keys", [], True),
    (Root, "type", "pointer", False),
    (Pointer, "version", 2**53 - 1, True),
    (Pointer, "issued", "0001-01-01T00:00:00Z", True),
    (Pointer, "issued", "0000-12-31T23:59:59Z", False),
    (Pointer, "issued", "9999-12-31T23:59:59Z", True),
    (Pointer, "issued", "2026-11-20T12:00:60Z", False),
    (Pointer, "issued", "2026-11-20T24:00:00Z", False),
    (Pointer, "issued", "2026-11-20T12:00:00z", False),
    (Pointer, "issued", "2026-11-20T12:00:00.0Z", False),
    (Pointer, "issued", "2026-11-20T12:00:00Z\n", False),
    (Pointer, "issued", "٢٠٢٦-11-20T12:00:00Z", False),
    (Pointer, "type", "manifest", False),
    (Manifest, "prev", None, True),
    (Manifest, "prev", [], False),
    (Manifest, "prev", "", False),
    (Manifest, "removal", True, True),
    (Manifest, "shards.0.key", "a" * 60, True),
    (Manifest, "shards", [], True),
    (Manifest, "bundles", [], True),
    (Manifest, "bundles.0.kind", "html", True),
    (Manifest, "bundles.0.kind", "text", True),
    (Manifest, "type", "pointer", False),
    (Here, "base", "https://x/", True),
    (Here, "ways", [STAMP, STAMP], True),
    (Here, "ways", [STAMP, STAMP, STAMP], False),
    (Here, "ways", [], False),
    (Here, "hints", [], True),
    (Here, "hints", ["a", "b"], True),
    (Here, "hints", ["a", "b", "c"], False),
    (Here, "type", "pointer", False),
    (Withdrawn, "articles", [], True),
    (Withdrawn, "keys", [], True),
    (Withdrawn, "last", {}, True),
    (Withdrawn, "last", {MARK: None}, True),
    (Withdrawn, "last", {MARK: {"edition": 1, "sha256": DIGEST}}, True),
    (Withdrawn, "last", {MARK: {"edition": 0, "sha256": DIGEST}}, False),
    (Withdrawn, "last", {MARK: {"edition": 1, "sha256": DIGEST[1:]}}, False),
    (Withdrawn, "last", {MARK: {"edition": 1}}, False),
    (Withdrawn, "last", {MARK: []}, False),
    (Withdrawn, "last", {MARK[1:]: None}, False),
    (Withdrawn, "last", None, False),
    (Withdrawn, "last", [], False),
    (Withdrawn, "type", "pointer", False),
    (Slip, "kind", "text", True),
    (Slip, "kind", "zip", True),
    (Slip, "type", "letters", False),
    (LetterSlip, "articles", [], False),
    (LetterSlip, "type", "bundle", False),
]

GOOD = {kind: fields for kind, fields, _ in FILES}


def with_field(fields: Fields, path: str, value: Any, *, gone: bool = False) -> bytes:
    """The file's text, one field of it taken out or changed."""
    made = copy.deepcopy(fields)
    *way, last = path.split(".")
    holder: Any = made
    for name in way:
        holder = holder[int(name)] if isinstance(holder, list) else holder[name]
    place = int(last) if isinstance(holder, list) else last
    if gone:
        del holder[place]
    else:
        holder[place] = value
    return spelled(made).encode()


def refusal(kind: type[SignedFile], body: bytes) -> str:
    with pytest.raises(FormatError) as caught:
        kind.parse(body, "file")
    return caught.value.clause


def spoilt() -> Iterator[tuple[type[SignedFile], str, bytes]]:
    for kind, fields, kinds in FILES:
        for path, told in kinds.items():
            for value in WRONG[told]:
                yield kind, f"{path} {value!r:.40}", with_field(fields, path, value)


def lacking() -> Iterator[tuple[type[SignedFile], str, bytes]]:
    for kind, fields, kinds in FILES:
        for path in kinds:
            if not path.endswith(".0") and path not in {f"keys.{MARK}", "roles.release"}:
                yield kind, path, with_field(fields, path, None, gone=True)


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_file_is_read(kind: type[SignedFile]) -> None:
    read = kind.parse(spelled(GOOD[kind]).encode(), "file")

    assert kind.parse(read.encode(), "file") == read
    assert kind.parse(spelled(GOOD[kind] | {"more": {"a": [None]}}).encode(), "file") == read


@pytest.mark.parametrize("kind", GOOD)
def test_a_value_of_another_kind_is_refused(kind: type[SignedFile]) -> None:
    cases = [(name, body) for one, name, body in spoilt() if one is kind]

    clauses = {name: refusal(kind, body) for name, body in cases}

    odd = {name: clause for name, clause in clauses.items() if not name.startswith("spec ")}
    assert set(odd.values()) == {kind.clause}, odd  # formats 3.2 to 3.11, 7.2, 8.5
    assert {clauses[name] for name in clauses.keys() - odd.keys()} == {"1.7"}


@pytest.mark.parametrize("kind", GOOD)
def test_a_field_that_is_missing_is_refused(kind: type[SignedFile]) -> None:
    cases = [(name, body) for one, name, body in lacking() if one is kind]

    clauses = {name: refusal(kind, body) for name, body in cases}

    assert set(clauses.values()) == {kind.clause}, clauses


@pytest.mark.parametrize(("kind", "path", "value", "good"), BOUNDS)
def test_a_value_at_a_bound_is_judged(
    kind: type[SignedFile], path: str, value: Any, *, good: bool
) -> None:
    body = with_field(GOOD[kind], path, value)

    assert good is (verdict(kind, body) == "")
    assert verdict(kind, body) in {"", kind.clause}


def verdict(kind: type[SignedFile], body: bytes) -> str:
    try:
        kind.parse(body, "file")
    except FormatError as error:
        return error.clause
    return ""


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_of_its_largest_size_is_read_and_one_byte_more_is_not(
    kind: type[SignedFile],
) -> None:
    room = kind.limit - len(spelled(GOOD[kind] | {"more": ""}).encode())
    largest = spelled(GOOD[kind] | {"more": "x" * room}).encode()

    assert len(largest) == kind.limit
    assert verdict(kind, largest) == ""
    assert verdict(kind, largest + b"\n") == kind.clause  # formats 3.2


def test_a_list_of_letters_has_one_to_twenty() -> None:
    one = GOOD[LetterSlip]["articles"]

    assert verdict(LetterSlip, with_field(GOOD[LetterSlip], "articles", one * 20)) == ""
    assert verdict(LetterSlip, with_field(GOOD[LetterSlip], "articles", one * 21)) == "8.5"


SHARD: Fields = {"type": "shard", "spec": "1.0", "key": "front"}
FILE = ["en/a.html", 0, DIGEST]
LARGEST_SHARD = 4 * 1024 * 1024
SHARDS: list[tuple[Any, str]] = [
    # the shard, and the clause that refuses it
    (SHARD | {"files": [FILE]}, ""),
    (SHARD | {"files": []}, ""),
    ({"key": "front", "files": []}, ""),
    (SHARD | {"files": [FILE], "more": None}, ""),
    (SHARD | {"files": [["a", 1, DIGEST], ["b", 1, DIGEST]]}, ""),
    (SHARD | {"files": [[f"o/01/{DIGEST}.webp", 1, DIGEST]]}, ""),
    (SHARD | {"files": [["a", 1, DIGEST], ["a", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["b", 1, DIGEST], ["a", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["../a", 1, DIGEST]]}, "3.1"),
    (SHARD | {"files": [["a//b", 1, DIGEST]]}, "3.1"),
    (SHARD | {"files": [["", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["latest.json", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["here.json", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["withdrawn.json", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["ways.html", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["en/a.asc", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["root/1.json", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["e/1/x", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["s/x", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["hints/x", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["b/x", 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["o/x.webp", 1, DIGEST]]}, "3.7"),
    (SHARD | {"files": [[f"o/02/{DIGEST}.webp", 1, DIGEST]]}, "3.7"),
    (SHARD | {"files": [[f"o/01/{DIGEST[::-1]}.webp", 1, DIGEST]]}, "3.7"),
    (SHARD | {"files": [["en/a.html", -1, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["en/a.html", "1", DIGEST]]}, "3.6"),
    (SHARD | {"files": [["en/a.html", True, DIGEST]]}, "3.6"),
    (SHARD | {"files": [["en/a.html", 1, DIGEST[1:]]]}, "3.6"),
    (SHARD | {"files": [["en/a.html", 1]]}, "3.6"),
    (SHARD | {"files": [[*FILE, 1]]}, "3.6"),
    (SHARD | {"files": [[1, 1, DIGEST]]}, "3.6"),
    (SHARD | {"files": ["en/a.html"]}, "3.6"),
    (SHARD | {"files": [{"en/a.html": 1}]}, "3.6"),
    (SHARD | {"files": {}}, "3.6"),
    (SHARD | {"files": None}, "3.6"),
    (SHARD, "3.6"),
    (SHARD | {"files": [], "key": "en/2026"}, "3.6"),
    (SHARD | {"files": [], "key": 1}, "3.6"),
    (SHARD | {"files": [], "type": "pointer"}, "3.6"),
    (SHARD | {"files": [], "spec": "2.0"}, "1.7"),
    (SHARD | {"files": [], "spec": 1}, "1.7"),
    ([], "1.2"),
]


def of_shard(body: bytes, ref: ShardRef) -> str:
    try:
        shards.parse(body, ref, "shard")
    except FormatError as error:
        return error.clause
    return ""


@pytest.mark.parametrize(("shard", "clause"), SHARDS)
def test_a_shard_is_judged(shard: Any, clause: str) -> None:
    body = spelled(shard).encode()
    ref = ShardRef(key="front", sha256=digest(body), len=len(body))

    assert of_shard(body, ref) == clause


def test_a_shard_that_the_manifest_names_otherwise_is_refused() -> None:
    body = spelled(SHARD | {"files": [FILE]}).encode()
    ref = ShardRef(key="front", sha256=digest(body), len=len(body))

    assert of_shard(body, ref) == ""
    assert of_shard(body + b"\n", ref) == "4.3"
    assert of_shard(body, ShardRef(key="front", sha256=digest(b""), len=len(body))) == "4.3"
    assert of_shard(body, ShardRef(key="front", sha256=ref.sha256, len=len(body) + 1)) == "4.3"


def test_a_shard_of_its_largest_size_is_read_and_one_byte_more_is_not() -> None:
    bare = spelled(SHARD | {"files": [FILE], "more": ""}).encode()
    largest = spelled(SHARD | {"files": [FILE], "more": "x" * (LARGEST_SHARD - len(bare))}).encode()
    larger = largest + b"\n"

    ref = ShardRef(key="front", sha256=digest(largest), len=len(largest))
    past = ShardRef(key="front", sha256=digest(larger), len=len(larger))

    assert of_shard(largest, ref) == ""
    assert Shard.parse(largest, "shard").key == "front"
    assert of_shard(larger, past) == "4.3"  # formats 3.6: no shard is larger
