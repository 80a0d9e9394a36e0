"""DKIM: what a domain signs is believed, and nothing else; a second program agrees both ways."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import dkim
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as some

from gateway.responder import domain_key, signature, spelling
from gateway.responder.own_key import Pair
from gateway.responder.spelling import Field, Parts, parted
from gateway.responder.vouching import Voucher, candidates, vouched

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DOMAIN = "mail.example"
PAIR = Pair.made(date(2026, 11, 1))
RSA_PEM = PAIR.rsa.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
RECORDS = {name: text.encode() for name, text in PAIR.records(DOMAIN).items()}
RSA_NAME = f"20261101r._domainkey.{DOMAIN}"
MAIL = (
    b"From: A Reader <reader@mail.example>\r\n"
    b"To: news@paper.example\r\n"
    b"Subject:  latest\r\n   fa\r\n"
    b"Date: Thu, 26 Nov 2026 11:59:00 +0000\r\n"
    b"Message-ID: <1@mail.example>\r\n"
    b"\r\n"
    b"latest \t fa  \r\n\r\n\r\n"
)
COVERED = frozenset({b"from", b"to"})

# RFC 8463, appendix A: keys, a mail, and its Ed25519 signature
RFC_MAIL = (
    b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    b" d=football.example.com; i=@football.example.com;\r\n"
    b" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    b" subject : date : message-id : from : subject : date;\r\n"
    b" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    b" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
    b" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
    b"From: Joe SixPack <joe@football.example.com>\r\n"
    b"To: Suzie Q <suzie@shopping.example.net>\r\n"
    b"Subject: Is dinner ready?\r\n"
    b"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    b"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    b"\r\n"
    b"Hi.\r\n\r\n"
    b"We lost the game.  Are you hungry yet?\r\n\r\n"
    b"Joe.\r\n"
)
RFC_KEY = b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


class Known:
    """DNS in memory; `None` for a name that nobody answers."""

    def __init__(self, records: Mapping[str, bytes | None]) -> None:
        self.records = records
        self.asked: list[str] = []

    async def texts(self, name: str) -> list[bytes] | None:
        self.asked.append(name)
        found = self.records.get(name, b"")
        return None if found is None else [found] if found else []


def split(mail: bytes) -> Parts:
    found = parted(mail)
    assert found is not None
    return found


async def judged(mail: bytes, records: Mapping[str, bytes | None] = RECORDS) -> Voucher:
    return await vouched(split(mail), DOMAIN, COVERED, Known(records), NOW)


def by_dkimpy(mail: bytes, way: tuple[bytes, bytes] = (b"relaxed", b"relaxed")) -> bytes:
    signed: bytes = dkim.sign(mail, b"20261101r", DOMAIN.encode(), RSA_PEM, canonicalize=way)
    # it takes the time from the machine's clock, which is not the one of the test
    return signed + mail


def in_dns(name: bytes, timeout: int = 5) -> bytes | None:
    del timeout
    return RECORDS.get(name.decode().rstrip("."))


def stamped(field: bytes) -> Field:
    return Field(name=b"dkim-signature", raw=b"DKIM-Signature: " + field)


GOOD = b"v=1; a=rsa-sha256; d=mail.example; s=x; h=from:to; bh=YWI=; b=YWI="


async def test_what_we_sign_holds_for_us_and_for_another_program() -> None:
    signed = PAIR.signed(MAIL, DOMAIN)

    assert [one.holds(split(signed), _key(one.name)) for one in _signatures(signed)] == [True, True]
    assert await judged(signed) is Voucher.HOLDS
    assert dkim.verify(signed, dnsfunc=in_dns)


@pytest.mark.parametrize("head", [b"simple", b"relaxed"])
@pytest.mark.parametrize("body", [b"simple", b"relaxed"])
def test_what_another_program_signs_holds(head: bytes, body: bytes) -> None:
    signed = by_dkimpy(MAIL, (head, body))

    (found,) = _signatures(signed)

    assert found.holds(split(signed), _key(found.name))


_LINES = some.lists(
    some.binary(max_size=30).map(lambda one: one.replace(b"\r", b" ").replace(b"\n", b"\t")),
    max_size=6,
)


@given(lines=_LINES, way=some.sampled_from([b"simple", b"relaxed"]))
def test_two_programs_read_bodies_alike(lines: list[bytes], way: bytes) -> None:
    mail = MAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + b"\r\n".join([*lines, b""])

    signed = by_dkimpy(mail, (b"relaxed", way))
    (found,) = _signatures(signed)

    assert found.holds(split(signed), _key(found.name))
    assert dkim.verify(PAIR.signed(mail, DOMAIN), dnsfunc=in_dns)


_VALUES = some.text("ab \t:;=", max_size=40).map(lambda one: one.strip() + ".")


@given(subject=_VALUES, to=_VALUES, way=some.sampled_from([b"simple", b"relaxed"]))
def test_two_programs_read_heads_alike(subject: str, to: str, way: bytes) -> None:
    mail = (
        f"From: reader@mail.example\r\nSUBJECT :{subject}\r\n\tx \r\nTo: {to}\r\n\r\nhelp\r\n"
    ).encode()
    mail = mail.replace(b"SUBJECT :", b"SUBJECT:")

    signed = by_dkimpy(mail, (way, b"relaxed"))
    (found,) = _signatures(signed)

    assert found.holds(split(signed), _key(found.name))
    assert dkim.verify(PAIR.signed(mail, DOMAIN), dnsfunc=in_dns)


def test_the_standards_own_example_holds() -> None:
    mail = split(RFC_MAIL)
    key = domain_key.read(RFC_KEY)
    (found,) = _signatures(RFC_MAIL)

    assert key is not None
    assert found.holds(mail, key)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"latest \t", b"bundle \t"),
        (b"reader@", b"victim@"),
        (b"To: news@", b"To: else@"),
        (b"Subject:  latest", b"Subject: bundle"),
        (b"latest \t fa  ", b"latest fa"),
    ],
)
async def test_a_mail_that_was_changed_is_not_believed(old: bytes, new: bytes) -> None:
    signed = PAIR.signed(MAIL, DOMAIN)
    assert old in signed

    assert await judged(signed.replace(old, new)) is Voucher.FALSE


async def test_white_space_may_change_on_the_way() -> None:
    signed = PAIR.signed(MAIL, DOMAIN)

    assert await judged(signed.replace(b":  latest\r\n   fa", b": latest fa")) is Voucher.HOLDS


@pytest.mark.parametrize("more", [b"From: victim@mail.example\r\n", b"To: other@paper.example\r\n"])
async def test_a_second_field_of_a_name_is_not_believed(more: bytes) -> None:
    assert await judged(more + PAIR.signed(MAIL, DOMAIN)) is Voucher.MISSING


async def test_a_signature_that_does_not_cover_who_is_written_to_does_not_count() -> None:
    bare = MAIL.replace(b"To: news@paper.example\r\n", b"")

    mail = PAIR.signed(bare, DOMAIN).replace(b"From:", b"To: news@paper.example\r\nFrom:", 1)

    assert await judged(mail) is Voucher.MISSING


@pytest.mark.parametrize(
    ("domain", "speaks"),
    [
        ("mail.example", True),
        ("dept.mail.example", True),
        ("mail.example.net", False),
        ("notmail.example", False),
        ("example", False),
    ],
)
def test_a_domain_speaks_for_itself_and_those_below(domain: str, *, speaks: bool) -> None:
    found = candidates(split(PAIR.signed(MAIL, DOMAIN)), domain, COVERED, NOW)

    assert bool(found) is speaks


async def test_a_key_that_is_strict_does_not_speak_for_those_below() -> None:
    strict = {name: text + b"; t=s" for name, text in RECORDS.items()}
    below = PAIR.signed(MAIL, DOMAIN).replace(
        b"d=mail.example;", b"d=mail.example; i=@a.mail.example;"
    )

    assert await judged(PAIR.signed(MAIL, DOMAIN), strict) is Voucher.HOLDS
    assert await judged(below, strict) is Voucher.FALSE


async def test_without_an_answer_of_dns_nothing_is_known() -> None:
    silent: dict[str, bytes | None] = dict.fromkeys(RECORDS)

    assert await judged(PAIR.signed(MAIL, DOMAIN), silent) is Voucher.UNKNOWN
    assert await judged(PAIR.signed(MAIL, DOMAIN), {}) is Voucher.FALSE
    assert await judged(MAIL) is Voucher.MISSING


async def test_of_many_signatures_two_are_looked_into() -> None:
    mail, names = PAIR.signed(MAIL, DOMAIN), Known({})
    for _ in range(5):
        mail = PAIR.signed(mail, DOMAIN)

    await vouched(split(mail), DOMAIN, COVERED, names, NOW)

    assert len(names.asked) == 2


@pytest.mark.parametrize(
    ("more", "timely"),
    [
        (b"", True),
        (b"; t=%d" % (NOW - timedelta(days=7)).timestamp(), True),
        (b"; t=%d" % (NOW - timedelta(days=9)).timestamp(), False),
        (b"; t=%d" % (NOW + timedelta(hours=12)).timestamp(), True),
        (b"; t=%d" % (NOW + timedelta(days=2)).timestamp(), False),
        (b"; x=%d" % (NOW + timedelta(seconds=9)).timestamp(), True),
        (b"; x=%d" % (NOW - timedelta(seconds=9)).timestamp(), False),
    ],
)
def test_an_old_signature_does_not_count(more: bytes, *, timely: bool) -> None:
    found = signature.read(stamped(GOOD + more))

    assert found is not None
    assert found.is_timely(NOW) is timely


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"v=1", b"v=2"),
        (b"v=1", b"v=1; v=1"),
        (b"v=1", b"v=1; nothing"),
        (b"v=1", b"v=1; =x"),
        (b"a=rsa-sha256", b"a=rsa-sha1"),
        (b"h=from:to", b"h=to"),
        (b"h=from:to", b"h=from" + b":x" * 100),
        (b"h=from:to", b"h=from:to; l=3"),
        (b"h=from:to", b"h=from:to; q=dns/x"),
        (b"h=from:to", b"h=from:to; c=loose"),
        (b"h=from:to", b"h=from:to; c=relaxed/loose"),
        (b"h=from:to", b"h=from:to; t=soon"),
        (b"h=from:to", b"h=from:to; x=1e9"),
        (b"h=from:to", b"h=from:to; i=@other.example"),
        (b"h=from:to", b"h=from:to; i=@\xff.mail.example"),
        (b"d=mail.example", b"d=example"),
        (b"d=mail.example", b"d=mail..example"),
        (b"d=mail.example", b"d=m\xc3\xa4il.example"),
        (b"s=x", b"s="),
        (b"s=x", b"s=x y"),
        (b"bh=YWI=", b"bh=?"),
        (b"bh=YWI=", b"bh="),
        (b"b=YWI=", b"b=%"),
        (b"v=1", b"v=1; z=" + b"x" * 4000),
    ],
)
def test_a_signature_that_is_spelled_badly_does_not_count(old: bytes, new: bytes) -> None:
    whole = b"; " + GOOD

    assert signature.read(stamped(GOOD)) is not None
    assert signature.read(stamped(whole.replace(b"; " + old, b"; " + new, 1)[2:])) is None


def test_a_key_is_not_taken_for_one_of_the_other_kind() -> None:
    signed = split(PAIR.signed(MAIL, DOMAIN))
    (rsa, small) = _signatures(PAIR.signed(MAIL, DOMAIN))

    assert not rsa.holds(signed, _key(small.name))
    assert not small.holds(signed, _key(rsa.name))


@pytest.mark.parametrize("mail", [b" x: y\r\n\r\n", b"no field\r\n\r\n", b"a: b\r\n" * 301])
def test_a_mail_whose_head_is_none_is_not_read(mail: bytes) -> None:
    assert parted(mail) is None


def test_a_mail_without_a_head_is_none_of_ours() -> None:
    with pytest.raises(ValueError, match="no head"):
        PAIR.signed(b"no field\r\n\r\n", DOMAIN)


@pytest.mark.parametrize(
    "mail",
    [
        b"From: a@b.example\r\n\r\n" + b" " * 60_000 + b"x\r\n",
        b"From: a@b.example\r\n\r\n" + b"\r\n" * 30_000 + b"x",
        b"From: a@b.example\r\n\r\n" + b" \t" * 30_000,
        b"From:" + b" \t" * 30_000 + b"\r\n\r\nx",
        b"From: a\r\n" + b" x\r\n" * 15_000 + b"\r\n\r\nx",
    ],
    ids=["spaces", "lines", "tabs", "head", "folds"],
)
def test_a_hostile_mail_is_spelled_in_one_pass(mail: bytes) -> None:
    parts = split(mail)

    spelled = spelling.body(parts.body, "relaxed"), spelling.field(parts.fields[0].raw, "relaxed")

    assert sum(map(len, spelled)) <= len(mail)


def _signatures(mail: bytes) -> list[signature.Signature]:
    found = [signature.read(one) for one in split(mail).named(signature.FIELD)]
    return [one for one in found if one]


def _key(name: str) -> domain_key.DomainKey:
    found = domain_key.read(RECORDS[name])
    assert found is not None
    return found
