"""The judge: rules as values, the first that holds decides (notes A6). Pure.

What one vantage and a control cannot see (several controls, QUIC, other handshake profiles) is
left to later rules; raw observations are kept, so that old measurements can be judged again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from reach.facts import STALE, Facts, dialled, good
from reach.failures import CERTIFICATE
from tamizdat.measurement import Measurement, Purpose, Stage
from tamizdat.verdict import Finding, Ruling

RULES_VERSION = 1
"""Rises with every change of a rule, of its order or of a number below."""

TENTH = 0.1
"""Targeted throttling is at least tenfold (OONI dd-007)."""

SAMPLES = 3
"""So many goodputs, or stalls, make a pattern."""

STALL_SPREAD = 0.25
"""Stalls of one censor lie so near to their median."""

_SPEECHLESS = frozenset({Finding.VANTAGE_DOWN, Finding.NO_CONTROL, Finding.SERVER_DOWN})
_REFUSALS = frozenset({401, 403, 429, 451, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """If `holds`, then `finding`. `id` stays with its meaning for ever."""

    id: str
    finding: Finding
    holds: Callable[[Facts], bool]


def judge(here: Measurement, control: Measurement | None) -> Ruling:
    """The ruling on a measurement beside a control of the same mirror; ValueError for another."""
    if control is not None and control.mirror != here.mirror:
        raise ValueError("the control is of another mirror")
    facts = Facts(here=here, control=control)
    rule = next(rule for rule in RULES if rule.holds(facts))
    return Ruling(
        finding=rule.finding,
        rule=rule.id,
        rules_version=RULES_VERSION,
        failure=here.failure,
        flags=_flags(facts) if rule.finding not in _SPEECHLESS else (),
        evidence=_evidence(facts),
    )


def _flags(facts: Facts) -> tuple[str, ...]:
    flags = []
    if facts.tampered:
        flags.append("dns_tampered")
    if facts.good and facts.here.failure is not None and facts.here.failure.code == STALE:
        flags.append(STALE)
    return tuple(flags)


def _evidence(facts: Facts) -> tuple[str, ...]:
    """A few words each, for the board: never an address, and no text of a stranger's."""
    told = [f"reader: {facts.here.failure or 'ok'}"]
    if facts.control is not None:
        told.append(f"control: {facts.control_failure or 'ok'}")
    if list(facts.here.of(Purpose.PINNED)):
        told.append(f"known address: {facts.stopped or 'ok'}")
    if facts.decoy_good is not None:
        told.append(f"innocent name: {'ok' if facts.decoy_good else 'fails too'}")
    if facts.canary_good is not None:
        told.append(f"unrelated host: {'ok' if facts.canary_good else 'fails too'}")
    if facts.stalls:
        told.append(f"stands still after {median(facts.stalls):.0f} bytes")
    if facts.ratios:
        told.append(f"speed beside control: {median(facts.ratios):.3f}")
    return tuple(told)


def _throttled(facts: Facts) -> bool:
    if len(facts.ratios) < SAMPLES or median(facts.ratios) >= TENTH:
        return False
    # a slow line is slow for everybody: without a canary that is faster, nothing is proven
    return facts.canary_ratio is not None and facts.canary_ratio < TENTH


def _frozen(facts: Facts) -> bool:
    stalls = facts.stalls
    if len(stalls) < SAMPLES or not facts.small_passed:
        return False
    middle = median(stalls)
    return all(abs(stall - middle) <= STALL_SPREAD * middle for stall in stalls)


def _handshake_cut(facts: Facts) -> bool:
    return _at(facts, Stage.TLS) and _code(facts.stopped) not in CERTIFICATE


def _at(facts: Facts, stage: Stage) -> bool:
    return facts.stopped is not None and facts.stopped.stage is stage


def _code(failure: object) -> str:
    return getattr(failure, "code", "")


RULES: tuple[Rule, ...] = (
    Rule(
        id="ok.throttled",
        finding=Finding.THROTTLED,
        holds=lambda f: f.good and f.control_usable and _throttled(f),
    ),
    Rule(id="ok.signed", finding=Finding.OK, holds=lambda f: f.good),
    Rule(
        id="vantage.canaries",
        finding=Finding.VANTAGE_DOWN,
        holds=lambda f: f.canary_good is False and not _at(f, Stage.SIGNATURE),
    ),
    Rule(id="control.none", finding=Finding.NO_CONTROL, holds=lambda f: not f.control_usable),
    Rule(
        id="server.altered",
        finding=Finding.ALTERED,
        holds=lambda f: _code(f.control_failure) in {"invalid", "unknown_edition"},
    ),
    Rule(
        id="server.down",
        finding=Finding.SERVER_DOWN,
        holds=lambda f: f.control is not None and not good(f.control, Purpose.READER),
    ),
    Rule(id="http.frozen", finding=Finding.FROZEN, holds=_frozen),
    Rule(
        id="dns.pinned_works",
        finding=Finding.DNS,
        holds=lambda f: f.dns_wrong and f.pinned_good,
    ),
    Rule(
        id="dns.unpinned",
        finding=Finding.DNS,
        holds=lambda f: f.dns_wrong and not f.here.expected,
    ),
    Rule(
        id="tcp.no_connection",
        finding=Finding.TCP_IP,
        holds=lambda f: _at(f, Stage.TCP) and not dialled(f.decisive),
    ),
    Rule(
        id="tls.name",
        finding=Finding.TLS_SNI,
        holds=lambda f: _handshake_cut(f) and f.decoy_good is True,
    ),
    Rule(id="tls.other", finding=Finding.TLS_OTHER, holds=_handshake_cut),
    Rule(
        id="tls.certificate",
        finding=Finding.TLS_MITM,
        holds=lambda f: _at(f, Stage.TLS) and _code(f.stopped) in CERTIFICATE,
    ),
    Rule(
        id="http.blockpage",
        finding=Finding.BLOCKPAGE,
        holds=lambda f: _code(f.stopped) == "missing" and not f.secure,
    ),
    Rule(
        id="http.server_side",
        finding=Finding.SERVER_SIDE,
        holds=lambda f: _code(f.stopped) == "missing" and f.status in _REFUSALS,
    ),
    Rule(
        id="http.diff",
        finding=Finding.HTTP_DIFF,
        holds=lambda f: _at(f, Stage.SIGNATURE),
    ),
    Rule(
        id="http.host",
        finding=Finding.HTTP_HOST,
        holds=lambda f: _at(f, Stage.HTTP) and f.decoy_good is True,
    ),
    Rule(id="http.failure", finding=Finding.HTTP_FAILURE, holds=lambda f: _at(f, Stage.HTTP)),
    Rule(id="else.impaired", finding=Finding.IMPAIRED, holds=lambda _: True),
)
"""In the order in which they are asked."""
