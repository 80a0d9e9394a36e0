"""Claims: one valid signature by a key of ours proves it, whatever the file says."""

import pytest

from signing.claim import Claim, claimed, is_stolen, kind_at, limit_at, signatures_of
from tamizdat.digest import digest
from tamizdat.edition import Sealed
from tamizdat.theft import SignedKind
from tests.unit.signing.pens import Pen

OURS, OTHER, STRANGER = Pen("ours"), Pen("other"), Pen("stranger")
KEYS = {pen.fingerprint: pen.key for pen in (OURS, OTHER)}
POINTER = b'{"type":"pointer","version":12}\n'
PATH = "latest.json"


def armored(pen: Pen, body: bytes = POINTER) -> bytes:
    return pen.sign(body).armor.encode()


def claim(version: int | None = 12) -> Claim:
    sealed = Sealed(body=POINTER, sha256=digest(POINTER), signatures=())
    return Claim(kind=SignedKind.POINTER, path=PATH, version=version, sealed=sealed)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("latest.json", SignedKind.POINTER),
        ("here.json", SignedKind.HERE),
        ("withdrawn.json", SignedKind.WITHDRAWALS),
        ("e/41/manifest.json", SignedKind.EDITION),
        ("root/2.json", SignedKind.ROOT),
        ("root/02.json", None),
        ("e/41/manifest.json.asc", None),
        ("index.html", None),
    ],
)
def test_only_signed_files_make_claims(path: str, kind: SignedKind | None) -> None:
    assert kind_at(path) is kind


def test_a_signed_file_has_the_limit_of_its_kind() -> None:
    assert (limit_at("latest.json"), limit_at("withdrawn.json")) == (4096, 1024 * 1024)


def test_signatures_are_looked_for_where_they_lie() -> None:
    sha256 = digest(POINTER)

    assert signatures_of(PATH, sha256, KEYS) == (f"latest.json.{sha256[:16]}.asc",)
    assert signatures_of("root/2.json", sha256, ["AA", "BB"]) == (
        "root/2.json.AA.asc",
        "root/2.json.BB.asc",
    )


def test_one_key_of_ours_is_enough_and_strangers_are_left_out() -> None:
    beside = {
        "a": armored(STRANGER),
        "b": armored(OURS),
        "c": armored(OTHER, b"other bytes"),
        "d": b"\xff is no armor",
    }

    found = claimed(PATH, POINTER, beside, KEYS)

    assert found is not None
    assert (found.kind, found.version) == (SignedKind.POINTER, 12)
    assert [one.fingerprint for one in found.sealed.signatures] == [OURS.fingerprint]
    assert found.sealed.sha256 == digest(POINTER)


def test_another_spelling_of_a_signature_proves_it_too() -> None:
    spelled = armored(OURS).replace(b"\n\n", b"\nComment: made by hand\n\n", 1)

    found = claimed(PATH, POINTER, {"a": spelled}, KEYS)

    assert found is not None
    assert found.sealed.signatures == (OURS.sign(POINTER),)


def test_without_a_signature_of_ours_there_is_no_claim() -> None:
    assert claimed(PATH, POINTER, {}, KEYS) is None
    assert claimed(PATH, POINTER, {"a": armored(STRANGER)}, KEYS) is None
    assert claimed("index.html", POINTER, {"a": armored(OURS)}, KEYS) is None


@pytest.mark.parametrize(
    ("path", "body", "version"),
    [
        ("e/7/manifest.json", b'{"edition":7,"version":3}', 7),
        (PATH, b'{"version":4503599627370496}', 2**52),
        (PATH, b'{"version":9223372036854775808}', None),
        (PATH, b'{"version":true}', None),
        (PATH, b'{"version":0}', None),
        (PATH, b"[1]", None),
        (PATH, b"no JSON", None),
        (PATH, b"[" * 100_000, None),
        (PATH, b"\xff\xfe", None),
    ],
)
def test_whatever_our_key_signed_is_a_claim(path: str, body: bytes, version: int | None) -> None:
    found = claimed(path, body, {"a": armored(OURS, body)}, KEYS)

    assert found is not None
    assert found.version == version


@pytest.mark.parametrize(
    ("version", "known", "ours", "begin", "stolen"),
    [
        (12, True, None, 1, False),
        (12, False, "our other bytes", 1, True),
        (12, False, "our other bytes", 99, True),
        (12, False, None, 1, True),
        (12, False, None, 12, True),
        (12, False, None, 13, False),
        (None, False, None, 99, True),
    ],
)
def test_what_we_may_have_made_before_our_memory_begins_is_no_theft(
    version: int | None, *, known: bool, ours: str | None, begin: int, stolen: bool
) -> None:
    other = digest(ours.encode()) if ours else None

    assert is_stolen(claim(version), known=known, ours=other, begin=begin) is stolen
