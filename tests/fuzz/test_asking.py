"""Mails that nobody's program wrote: read in the end, or not, and never at our cost."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as some

from gateway.responder import domain_key, signature
from gateway.responder.phrases import understood
from gateway.responder.request import Unanswered
from gateway.responder.responder import Read, read_mail
from gateway.responder.settings import ResponderSettings
from gateway.responder.spelling import Field, parted
from gateway.responder.vouching import candidates

SETTINGS = ResponderSettings(address="news@paper.example")
LANGUAGES = ("en", "fa")
WORDS = understood(LANGUAGES)
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)

NAMES = some.sampled_from(
    b"From To Cc Subject Content-Type Message-ID Received DKIM-Signature Auto-Submitted X"
    b" Content-Transfer-Encoding MIME-Version".split()
)
PIECES = some.sampled_from(
    [b"\r\n ", b"\r\n", b" ", b"\x00", b"\xff", b"multipart/mixed; boundary=a", b"--a\r\n"]
) | some.sampled_from(
    b'reader@mail.example news@paper.example < > " , ; =?utf-8?b?4pyT?= =? ( ) text/html'
    b" charset=utf-7 charset=x v=1; a=rsa-sha256; d=mail.example; h=from:to; bh=YQ==; b=YQ==; help"
    b" base64 group:; @ \\".split()
)
FIELDS = some.lists(some.tuples(NAMES, some.lists(PIECES, max_size=8)), max_size=8)
BODIES = some.lists(PIECES | some.binary(max_size=20), max_size=12)


@settings(max_examples=300)
@given(fields=FIELDS, body=BODIES)
def test_a_mail_of_any_pieces_is_read_or_is_not(
    fields: list[tuple[bytes, list[bytes]]], body: list[bytes]
) -> None:
    head = b"".join(name + b": " + b"".join(parts) + b"\r\n" for name, parts in fields)

    found = read_mail(head + b"\r\n" + b"".join(body), SETTINGS, WORDS, LANGUAGES)

    assert isinstance(found, Read | Unanswered)


@settings(max_examples=300)
@given(body=some.binary(max_size=400))
def test_bytes_of_any_kind_are_read_or_are_not(body: bytes) -> None:
    assert isinstance(read_mail(body, SETTINGS, WORDS, LANGUAGES), Read | Unanswered)


@settings(max_examples=300)
@given(parts=some.lists(PIECES | some.binary(max_size=10), max_size=20))
def test_a_signature_of_any_pieces_counts_or_does_not(parts: list[bytes]) -> None:
    raw = b"DKIM-Signature:" + b"".join(parts)
    mail = parted(raw + b"\r\nFrom: a@mail.example\r\nTo: b\r\n\r\n")

    signature.read(Field(name=signature.FIELD, raw=raw))
    domain_key.read(b"".join(parts))

    assert mail is None or len(candidates(mail, "mail.example", frozenset({b"from"}), NOW)) <= 2
