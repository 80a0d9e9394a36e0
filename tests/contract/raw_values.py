"""A measurement in which every field says something."""

from tamizdat.measurement import (
    Check,
    Dial,
    Exchange,
    Failure,
    Handshake,
    Kind,
    Lookup,
    Measurement,
    Purpose,
    Reply,
    Stage,
    Step,
    Vantage,
)
from tamizdat.placement import MirrorId
from tests.kit.sights import NOW

EVERYTHING = Measurement(
    mirror=MirrorId("amber"),
    vantage=Vantage(
        id="v9",
        country="BY",
        network="AS64511",
        kind=Kind.LOCAL,
        groups=frozenset({"one", "two"}),
        resolver="192.0.2.53:53",
    ),
    at=NOW,
    host="новости.example",
    expected=("192.0.2.10", "2001:db8::1"),
    steps=(
        Step(
            seen=Lookup(
                name="news.example",
                kind="AAAA",
                server="192.0.2.53:53",
                replies=(
                    Reply(addresses=("2001:db8::1",), rcode=0, after=0.0271),
                    Reply(addresses=(), rcode=3, after=0.1),
                ),
            ),
            purpose=Purpose.READER,
            failure=None,
            t0=0.0,
            t=0.1 + 0.2,
        ),
        Step(
            seen=Dial(address="2001:db8::1", port=8443),
            purpose=Purpose.PINNED,
            failure=Failure(stage=Stage.TCP, code="connection_reset"),
            t0=0.3,
            t=0.4,
        ),
        Step(
            seen=Handshake(
                address="192.0.2.10",
                port=443,
                server_name="news.example",
                version="TLSv1.3",
                chain=(bytes(range(256)), b""),
            ),
            purpose=Purpose.CHAIN,
            failure=Failure(stage=Stage.TLS, code="ssl_unknown_authority"),
            t0=0.5,
            t=0.6,
        ),
        Step(
            seen=Exchange(
                address="192.0.2.10",
                port=80,
                host="news.example",
                path="/latest.json",
                secure=False,
                status=451,
                headers=(("Server", "\x00\xff\u2028"), ("server", "twice")),
                body_length=9,
                body_start=b"\x00\xff<html>",
                wire=1234,
                stalled_at=16384,
                seconds=1.5,
            ),
            purpose=Purpose.DECOY,
            failure=None,
            t0=0.7,
            t=0.8,
        ),
        Step(
            seen=Check(edition=7, detail="signed by somebody else"),
            purpose=Purpose.CANARY,
            failure=Failure(stage=Stage.SIGNATURE, code="invalid"),
            t0=0.9,
            t=1.0,
        ),
    ),
)
