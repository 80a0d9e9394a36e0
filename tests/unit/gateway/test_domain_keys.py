"""Keys of domains: what a record must tell, and how our own are made, used and given away."""

import base64
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.responder import domain_key
from gateway.responder.own_key import Pair, done_with, in_use, zone_line
from tests.unit.gateway.test_domain_signatures import DOMAIN, PAIR, RECORDS, RFC_KEY, RSA_NAME


def _spki(key: object) -> bytes:
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return base64.b64encode(der)


RSA_RECORD = RECORDS[RSA_NAME]
SHORT = _spki(generate_private_key(public_exponent=65537, key_size=1024).public_key())  # noqa: S505 - as some domains have
CURVE = _spki(generate_ec(SECP256R1()).public_key())


@pytest.mark.parametrize(
    "record",
    [
        RSA_RECORD,
        RSA_RECORD.removeprefix(b"v=DKIM1; "),
        RSA_RECORD + b";",
        RSA_RECORD + b"; h=sha1:sha256; s=email; n=a note; t=s",
        b"p=" + SHORT,
        RFC_KEY,
    ],
)
def test_a_record_tells_a_key(record: bytes) -> None:
    assert domain_key.read(record) is not None


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"v=DKIM2; " + RSA_RECORD.removeprefix(b"v=DKIM1; "),
        b"v=DKIM1; p=",
        b"v=DKIM1; k=rsa",
        b"v=DKIM1; k=other; p=YWI=",
        b"v=DKIM1; k=ed25519; p=YWI=",
        b"v=DKIM1; p=YWI=",
        b"v=DKIM1; p=?",
        b"v=DKIM1; p=" + CURVE,
        RSA_RECORD + b"; t=y",
        RSA_RECORD + b"; h=sha1",
        RSA_RECORD + b"; s=tlsrpt",
        RSA_RECORD + b"; n=" + b"x" * 4000,
        b"no tags",
    ],
)
def test_a_record_that_tells_no_key_for_mail_is_none(record: bytes) -> None:
    assert domain_key.read(record) is None


def test_keys_are_used_once_dns_knows_them_and_published_when_no_mail_needs_them() -> None:
    old, new = Pair.made(date(2026, 11, 1)), Pair.made(date(2026, 11, 20))
    both = [new, old]

    assert in_use([], date(2026, 11, 1)) is None
    assert in_use([old], date(2026, 11, 1)) is old
    assert in_use(both, date(2026, 11, 21)) is old
    assert in_use(both, date(2026, 11, 22)) is new
    assert done_with(both, date(2026, 12, 5)) == []
    assert done_with(both, date(2026, 12, 6)) == [old]


def test_a_pair_is_written_and_read() -> None:
    again = Pair.read(PAIR.label, PAIR.pem())

    assert again.records(DOMAIN) == PAIR.records(DOMAIN)
    assert again.day == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("label", "pem"),
    [("20261101", b""), ("today", PAIR.pem()), ("20261101", PAIR.pem() * 2)],
)
def test_a_file_that_holds_no_pair_is_refused(label: str, pem: bytes) -> None:
    with pytest.raises(ValueError, match="one RSA key and one Ed25519 key"):
        Pair.read(label, pem)


def test_a_record_is_told_in_strings_that_dns_takes() -> None:
    line = zone_line("a.example", "x" * 300)

    assert line == f'a.example. IN TXT ( "{"x" * 255}" "{"x" * 45}" )'
