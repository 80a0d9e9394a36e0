"""What several controls come to, as a table."""

import pytest

from reach.control import agreed
from reach.judge import judge
from tamizdat.measurement import Kind, Measurement, Purpose, Step
from tamizdat.verdict import Finding
from tests.kit.sights import GOOD, RIGHT, check, dns, http, later, sight, tcp, tls, vantage

BUT_PAGE = (dns(RIGHT), tcp(), tls(), http())
NO_LINE = (
    dns(code="generic_timeout_error"),
    dns(code="generic_timeout_error", purpose=Purpose.CANARY),
)


def control(name: str, *steps: Step, minutes: float = 0) -> Measurement:
    return sight(*steps, at=later(minutes), by=vantage(name, kind=Kind.CONTROL))


FINE = control("one", *GOOD)
FINE_LATER = control("two", *GOOD, minutes=1)
STALE = control("two", *BUT_PAGE, check("stale"), minutes=2)
DEAD = control("one", dns(RIGHT), tcp("connection_refused"))
DEAD_LATER = control("two", dns(RIGHT), tcp(), tls("connection_reset"), minutes=1)
ALTERED = control("one", *BUT_PAGE, check("invalid"))
FORGED = control("one", *BUT_PAGE, check("unknown_edition"))
BLIND = control("two", *NO_LINE, minutes=1)

CONTROLS = [
    # what the controls saw             the one that speaks
    ((), None),
    ((FINE,), FINE),
    ((DEAD,), DEAD),
    ((FINE, FINE_LATER), FINE_LATER),
    ((FINE_LATER, FINE), FINE_LATER),
    ((FINE, STALE), STALE),
    ((DEAD, DEAD_LATER), DEAD_LATER),
    ((FINE, DEAD_LATER), None),
    ((FINE_LATER, DEAD), None),
    ((FINE, FINE_LATER, DEAD), None),
    ((ALTERED, DEAD_LATER), ALTERED),
    ((FORGED, DEAD_LATER), FORGED),
    ((FINE, BLIND), FINE),
    ((BLIND,), None),
]


@pytest.mark.parametrize(("controls", "speaks"), CONTROLS)
def test_controls_speak_only_with_one_voice(
    controls: tuple[Measurement, ...], speaks: Measurement | None
) -> None:
    assert agreed(controls) is speaks


FINDINGS = [
    # what the controls saw      what a reset inside then means
    ((FINE, FINE_LATER), Finding.TLS_OTHER),
    ((DEAD, DEAD_LATER), Finding.SERVER_DOWN),
    ((ALTERED, DEAD_LATER), Finding.ALTERED),
    ((FINE, DEAD_LATER), Finding.NO_CONTROL),
    ((BLIND,), Finding.NO_CONTROL),
    ((), Finding.NO_CONTROL),
]


@pytest.mark.parametrize(("controls", "finding"), FINDINGS)
def test_what_is_seen_inside_means_what_the_controls_allow(
    controls: tuple[Measurement, ...], finding: Finding
) -> None:
    inside = sight(dns(RIGHT), tcp(), tls("connection_reset"))

    assert judge(inside, agreed(controls)).finding is finding
