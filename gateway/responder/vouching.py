"""Vouching: whether a mail's own domain says, by DKIM, that it sent it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from gateway.responder import domain_key, signature
from gateway.responder.names import Texts
from gateway.responder.signature import FIELD, Signature
from gateway.responder.spelling import Parts

MOST_TRIED = 2
"""Signatures of a mail that are looked into: each costs a question to DNS."""


class Voucher(StrEnum):
    """What became of it."""

    HOLDS = "holds"
    MISSING = "nobody vouches"
    FALSE = "a signature is false"
    UNKNOWN = "DNS is silent"


async def vouched(
    mail: Parts, domain: str, covered: frozenset[bytes], names: Texts, now: datetime
) -> Voucher:
    """Whether a signature for `domain`, the one of From, covers these fields and holds."""
    offered = candidates(mail, domain, covered, now)
    found = [await _tried(mail, one, names) for one in offered]
    return next(
        (one for one in (Voucher.HOLDS, Voucher.UNKNOWN, Voucher.FALSE) if one in found),
        Voucher.MISSING,
    )


def candidates(
    mail: Parts, domain: str, covered: frozenset[bytes], now: datetime
) -> Sequence[Signature]:
    """The signatures that may vouch, before any key is known."""
    if any(len(mail.named(name)) != 1 for name in covered):
        return ()  # of two, only one is signed, and a reader sees the other
    read = (signature.read(one) for one in mail.named(FIELD))
    fit = [
        one
        for one in read
        if one and one.is_for(domain) and one.is_timely(now) and covered <= set(one.named)
    ]
    return fit[:MOST_TRIED]


async def _tried(mail: Parts, one: Signature, names: Texts) -> Voucher:
    records = await names.texts(one.name)
    if records is None:
        return Voucher.UNKNOWN
    keys = [key for key in map(domain_key.read, records) if key]
    return Voucher.HOLDS if any(one.holds(mail, key) for key in keys) else Voucher.FALSE
