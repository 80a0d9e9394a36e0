"""Sights: measurements made by hand, for tests of what is decided from them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tamizdat.measurement import (
    STAGES,
    Check,
    Dial,
    Exchange,
    Failure,
    Handshake,
    Kind,
    Lookup,
    Measurement,
    Observation,
    Purpose,
    Reply,
    Step,
    Vantage,
)
from tamizdat.placement import MirrorId

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RIGHT, WRONG = "192.0.2.10", "192.0.2.66"
READER, PINNED, DECOY, CANARY = Purpose.READER, Purpose.PINNED, Purpose.DECOY, Purpose.CANARY


def vantage(name: str = "v1", *, network: str = "AS64500", kind: Kind = Kind.LAB) -> Vantage:
    return Vantage(id=name, country="XX", network=network, kind=kind)


def step(seen: Observation, code: str | None = None, purpose: Purpose = READER) -> Step:
    failure = Failure(stage=STAGES[type(seen)], code=code) if code else None
    return Step(seen=seen, purpose=purpose, failure=failure, t0=0.0, t=0.1)


def dns(
    *addresses: str, code: str | None = None, purpose: Purpose = READER, rcode: int = 0
) -> Step:
    replies = (Reply(addresses=addresses, rcode=rcode, after=0.01),)
    seen = Lookup(name="news.example", kind="A", server="192.0.2.53:53", replies=replies)
    return step(seen, code, purpose)


def tcp(code: str | None = None, *, at: str = RIGHT, purpose: Purpose = READER) -> Step:
    return step(Dial(address=at, port=443), code, purpose)


def tls(code: str | None = None, *, at: str = RIGHT, purpose: Purpose = READER) -> Step:
    return step(Handshake(address=at, port=443, server_name="news.example"), code, purpose)


def http(
    code: str | None = None,
    *,
    status: int | None = 200,
    length: int = 1000,
    seconds: float = 0.0,
    stalled: int | None = None,
    secure: bool = True,
    purpose: Purpose = READER,
) -> Step:
    seen = Exchange(
        address=RIGHT,
        port=443 if secure else 80,
        host="news.example",
        path="/latest.json",
        secure=secure,
        status=status,
        body_length=length,
        wire=length,
        stalled_at=stalled,
        seconds=seconds,
    )
    return step(seen, code, purpose)


def check(code: str | None = None, purpose: Purpose = READER) -> Step:
    return step(Check(edition=1), code, purpose)


def sight(
    *steps: Step,
    at: datetime = NOW,
    expected: Sequence[str] = (RIGHT,),
    by: Vantage | None = None,
    mirror: str = "amber",
) -> Measurement:
    return Measurement(
        mirror=MirrorId(mirror),
        vantage=by or vantage(),
        at=at,
        host="news.example",
        steps=steps,
        expected=tuple(expected),
    )


GOOD = (dns(RIGHT), tcp(), tls(), http(), check())
PLAIN = (dns(RIGHT), tcp(), http(secure=False), check())


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)
