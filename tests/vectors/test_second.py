"""Second verifiers: what we take, gpg, Sequoia and OpenPGP.js take; over other bytes, nobody."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pysequoia
import pytest

from signing import gate
from tamizdat.errors import FormatError
from tests.vectors import book
from tests.vectors.certificates import NAMES, by_fingerprint
from tests.vectors.press import pen

OPENPGPJS = Path(__file__).parents[1] / "kit/openpgpjs/verify.mjs"
KEYS = {pen(name).fingerprint: pen(name).key for name in NAMES}


class Beside(NamedTuple):
    """A signature of a vector, the bytes it stands beside, and our clause ("" where it holds)."""

    body: bytes
    armor: str
    clause: str


@cache
def signatures() -> frozenset[Beside]:
    """Every signature in every trailer that can be read, by a key that has a certificate."""
    return frozenset(one for _, file, _ in book.read() for one in in_file(file))


def in_file(file: bytes) -> Iterator[Beside]:
    with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
        coded = file.rpartition(b"tamizdat-1:")[2].removesuffix(b"-->\n")
        fields = json.loads(base64.b64decode(coded, validate=True))
        parts = [{"text": fields["slip"], "signatures": fields["signatures"]}, *fields["roots"]]
        for part in parts:
            for fingerprint, text in part["signatures"].items():
                if fingerprint in KEYS:
                    body = part["text"].encode()
                    yield Beside(body, text, clause(text, body, fingerprint))


def clause(text: str, body: bytes, fingerprint: str) -> str:
    try:
        parsed = gate.parse(text, "x")
        key = KEYS.get(parsed.fingerprint, KEYS[fingerprint])
        right = hashlib.sha512(body + parsed.hashed).digest()[:2]
        gate.check(replace(parsed, left16=right), body, key, "x")
    except FormatError as error:
        return error.clause
    # The first octets of the hash are a hint to other tools; to us they are part of the spelling.
    return "" if parsed.left16 == right else "hint"


def sequoia_takes(one: Beside) -> bool:
    certs = [pysequoia.Cert.from_bytes(body) for body in by_fingerprint().values()]
    with suppress(Exception):
        signature = pysequoia.Sig.from_bytes(one.armor.encode())
        found = pysequoia.verify(one.body, store=lambda _: certs, signature=signature)
        return bool(found.valid_sigs)
    return False


def gpg_takes(one: Beside, folder: Path) -> bool:
    (folder / "body").write_bytes(one.body)
    (folder / "body.asc").write_bytes(one.armor.encode())
    told = gpg(folder, "--verify", str(folder / "body.asc"), str(folder / "body"))
    return b"[GNUPG:] VALIDSIG" in told.stdout and told.returncode == 0


def gpg(folder: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ["gpg", "--homedir", str(folder), "--batch", "--no-autostart", "--status-fd", "1"]
    return subprocess.run(
        [*command, *words], input=stdin, capture_output=True, check=False, timeout=30
    )


def openpgpjs_takes(asked: Sequence[Beside]) -> set[Beside]:
    """Those that OpenPGP.js takes: one program for all, since starting it takes longest."""
    certificates = [base64.b64encode(one).decode() for one in by_fingerprint().values()]
    signatures = [(base64.b64encode(one.body).decode(), one.armor) for one in asked]
    told = subprocess.run(
        ["node", str(OPENPGPJS)],
        input=json.dumps({"certificates": certificates, "signatures": signatures}).encode(),
        capture_output=True,
        check=True,
        timeout=120,
    )
    return {one for one, taken in zip(asked, json.loads(told.stdout), strict=True) if taken}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("g")
    folder.chmod(0o700)
    told = gpg(folder, "--import", stdin=b"".join(by_fingerprint().values()))
    assert told.returncode == 0, told.stderr
    return folder


def test_sequoia_takes_all_that_we_take_and_nothing_over_other_bytes() -> None:
    ours = {one for one in signatures() if not one.clause}
    forged = {one for one in signatures() if one.clause == "2.8"}

    assert len(ours) > 100
    assert len(forged) > 3
    assert [one.armor for one in ours if not sequoia_takes(one)] == []
    assert [one.armor for one in forged if sequoia_takes(one)] == []


def test_gpg_takes_all_that_we_take_and_nothing_over_other_bytes(home: Path) -> None:
    ours = {one for one in signatures() if not one.clause}
    forged = {one for one in signatures() if one.clause == "2.8"}

    assert [one.armor for one in ours if not gpg_takes(one, home)] == []
    assert [one.armor for one in forged if gpg_takes(one, home)] == []


def test_what_either_refuses_we_refuse(home: Path) -> None:
    taken = {one for one in signatures() if one.clause and one.clause != "2.8"}

    strict = {one.clause for one in taken if sequoia_takes(one) or gpg_takes(one, home)}

    # Spelled in another way, or with more in it than we let in: formats 2.3 to 2.8 are stricter.
    assert strict <= {"2.3", "2.4", "2.6", "2.7", "hint"}


@pytest.mark.needs_openpgpjs
def test_openpgpjs_takes_all_that_we_take_and_nothing_over_other_bytes() -> None:
    asked = sorted(signatures())

    taken = openpgpjs_takes(asked)

    # Spelled in another way, or with more in it than we let in, as with the others.
    strict = {one.clause for one in taken if one.clause}
    assert {one for one in asked if not one.clause} <= taken
    assert strict <= {"2.3", "2.4", "2.6", "2.7", "hint"}
