"""Orders for tests: a look at one mirror, with a newsroom's proof."""

from dataclasses import replace

from reach.order import Order, Proof
from reach.patience import Patience
from tamizdat.digest import digest
from tamizdat.edition import Sealed, Signature
from tamizdat.measurement import Aim, Kind, Vantage
from tamizdat.placement import Exposure, MirrorId
from tests.kit.sights import NOW, RIGHT

ROOT = b'{"type":"root"}\n'
PROOF = Proof(
    roots=(
        Sealed(
            body=ROOT,
            sha256=digest(ROOT),
            signatures=(Signature(fingerprint="A" * 40, armor="armor\n"),),
        ),
    ),
    editions=((7, digest(b"seven")), (8, digest(b"eight"))),
)
VANTAGE = Vantage(
    id="there",
    country="XX",
    network="AS64500",
    kind=Kind.LOCAL,
    groups=frozenset({"own", "open"}),
    resolver="192.0.2.53",
)
AIM = Aim(
    mirror=MirrorId("amber"),
    base="https://news.example/",
    exposure=Exposure.PUBLIC,
    group="open",
    addresses=(RIGHT,),
    decoy="innocent.example",
    canaries=("https://canary.example/",),
)


def order(*aims: Aim) -> Order:
    """A look at these mirrors, or at one."""
    return Order(vantage=VANTAGE, aims=aims or (AIM,), proof=PROOF, at=NOW, patience=Patience())


def other(name: str) -> Aim:
    """Another mirror."""
    return replace(AIM, mirror=MirrorId(name), base=f"https://{name}.example/")
