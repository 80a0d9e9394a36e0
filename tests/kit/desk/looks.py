"""Looks and orders in memory: what cells rest on, and an operator's wishes, for tests."""

from dataclasses import replace

from tamizdat.board import Evidence, Operations
from tamizdat.errors import ConfigError
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
from tamizdat.sighting import Sighting
from tamizdat.verdict import Finding, Ruling
from tests.kit.desk.board import NOW

ADDRESS = "192.0.2.10"


def step(seen: Observation, begun: float, ended: float, code: str | None = None) -> Step:
    failure = Failure(stage=STAGES[type(seen)], code=code) if code else None
    return Step(seen=seen, purpose=Purpose.READER, failure=failure, t0=begun, t=ended)


def lookup(*addresses: str) -> Step:
    reply = Reply(addresses=addresses or (ADDRESS,), rcode=0, after=0.04)
    seen = Lookup(name="news.example", kind="A", server="192.0.2.53:53", replies=(reply,))
    return step(seen, 0.0, 0.041)


def dial(code: str | None = None) -> Step:
    return step(Dial(address=ADDRESS, port=443), 0.041, 0.159, code)


def handshake(code: str | None = None) -> Step:
    seen = Handshake(address=ADDRESS, port=443, server_name="news.example", version="TLSv1.3")
    return step(seen, 0.159, 0.4, code)


def page(status: int = 200, *, stalled: int | None = None) -> Step:
    seen = Exchange(
        address=ADDRESS,
        port=443,
        host="news.example",
        path="/latest.json",
        secure=True,
        status=status,
        body_length=9100,
        body_start=b"\xff<script>alert(1)</script>",
        stalled_at=stalled,
    )
    return step(seen, 0.4, 1.6)


def check(code: str | None = None) -> Step:
    return step(Check(edition=2041), 1.6, 1.7, code)


GOOD = (lookup(), dial(), handshake(), page(), check())
RESET = (lookup(), dial(), handshake("connection_reset"))


def look(*steps: Step, country: str = "IR") -> Measurement:
    kind = Kind.CONTROL if country == "SE" else Kind.LAB
    vantage = Vantage(id="v1", country=country, network="AS64496", kind=kind)
    return Measurement(
        mirror=MirrorId("dune"),
        vantage=vantage,
        at=NOW,
        host="news.example",
        steps=steps,
        expected=(ADDRESS,),
    )


def sighting(*steps: Step, control: Measurement | None = None, number: int = 4) -> Sighting:
    here = look(*(steps or RESET))
    ruling = Ruling(finding=Finding.TLS_SNI, rule="tls.sni", rules_version=1, failure=here.failure)
    return Sighting(
        here=here, control=control or look(*GOOD, country="SE"), ruling=ruling, number=number
    )


class MemoryEvidence:
    """A few sightings by number."""

    def __init__(self) -> None:
        self.sightings = {number: replace(sighting(), number=number) for number in (1, 2, 3, 4)}

    async def sighting(self, number: int) -> Sighting | None:
        return self.sightings.get(number)


class MemoryOperations:
    """Notes what was asked of it. `refuses` is why nothing can be done, None: all can."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.refuses: str | None = None

    async def plan(self, mirror: MirrorId) -> str:
        return self._do(f"dune would be retired and heron would take over for {mirror}.", "plan")

    async def rotate(self, mirror: MirrorId) -> str:
        return self._do(f"heron took over for {mirror}.", "rotate", mirror)

    async def undo(self, turn: int) -> str:
        return self._do(f"Turn {turn} was taken back.", "undo", str(turn))

    async def look_again(self, mirror: MirrorId) -> str:
        return self._do(f"4 vantages looked at {mirror}.", "look", mirror)

    async def false_alarm(self, incident: int, reason: str) -> str:
        return self._do(f"Incident {incident} was closed.", "false alarm", str(incident), reason)

    def _do(self, sentence: str, *asked: str) -> str:
        if self.refuses:
            raise ConfigError(self.refuses)
        self.asked.append(asked)
        return sentence


_evidence: type[Evidence] = MemoryEvidence
_operations: type[Operations] = MemoryOperations
