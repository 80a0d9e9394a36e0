"""Facts: what a measurement and its control say, put as the rules ask for it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from reach.failures import CERTIFICATE
from reach.goodput import goodputs
from tamizdat.measurement import (
    Check,
    Dial,
    Exchange,
    Failure,
    Lookup,
    Measurement,
    Purpose,
    Stage,
    Step,
)

CONTROL_AGE = timedelta(minutes=15)
"""An older control, or one from so far in the future, says nothing (notes A6, 2)."""

SMALL = 8 * 1024
"""A body below this passes where long ones freeze, in bytes (notes A6, 5)."""

STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A measurement beside its control."""

    here: Measurement
    control: Measurement | None

    @property
    def good(self) -> bool:
        """Whether a reader got signed content, however old."""
        return good(self.here, Purpose.READER)

    @property
    def pinned_good(self) -> bool:
        """Whether signed content came from the address that we know."""
        return good(self.here, Purpose.PINNED)

    @property
    def dns_wrong(self) -> bool:
        """Whether DNS gave nothing, or nothing that we (or else the control) know."""
        lookups = list(self.here.of(Purpose.READER, Stage.DNS))
        if not lookups:
            return False
        told = addresses(lookups)
        if not told:
            return True
        known = set(self.here.expected)
        if not known and self.control:
            known = addresses(self.control.of(Purpose.READER, Stage.DNS))
        return bool(known) and not told & known

    @property
    def tampered(self) -> bool:
        """Whether DNS bears marks of a hand: a wrong answer, or two that differ."""
        replies = [
            {(frozenset(reply.addresses), reply.rcode) for reply in step.seen.replies}
            for step in self.here.of(Purpose.READER, Stage.DNS)
            if isinstance(step.seen, Lookup)
        ]
        return self.dns_wrong or any(len(kinds) > 1 for kinds in replies)

    @property
    def decisive(self) -> tuple[Step, ...]:
        """The look that rules on layers above DNS: at the known address where DNS was wrong."""
        pinned = tuple(self.here.of(Purpose.PINNED))
        return pinned if pinned and self.dns_wrong else tuple(self.here.of(Purpose.READER))

    @property
    def stopped(self) -> Failure | None:
        """What stopped the decisive look, None where signed content came."""
        return stopped(self.decisive)

    @property
    def status(self) -> int | None:
        """The status of the decisive look's last answer."""
        found = [step.seen.status for step in self.decisive if isinstance(step.seen, Exchange)]
        return found[-1] if found else None

    @property
    def secure(self) -> bool:
        """Whether the mirror speaks TLS."""
        return any(step.stage is Stage.TLS for step in self.decisive)

    @property
    def decoy_good(self) -> bool | None:
        """Whether the innocent name passed at the same address; None where it was not tried."""
        return ended_well(self.here.of(Purpose.DECOY))

    @property
    def canary_good(self) -> bool | None:
        """Whether an unrelated host answered; None where none was tried."""
        steps = list(self.here.of(Purpose.CANARY))
        if not steps:
            return None
        return any(step.failure is None and not isinstance(step.seen, Lookup) for step in steps)

    @property
    def stalls(self) -> tuple[int, ...]:
        """At how many bytes on the wire transfers stood still after their head."""
        return tuple(
            step.seen.stalled_at
            for step in self.decisive
            if isinstance(step.seen, Exchange) and step.seen.stalled_at
        )

    @property
    def small_passed(self) -> bool:
        """Whether a small object came through."""
        return any(
            isinstance(step.seen, Exchange)
            and step.failure is None
            and 0 < step.seen.body_length < SMALL
            for step in self.decisive
        )

    @property
    def ratios(self) -> tuple[float, ...]:
        """Goodput here by the control's median, one for each sample; empty where none compares."""
        if self.control is None:
            return ()
        there = goodputs(self.control.of(Purpose.READER))
        here = goodputs(self.decisive)
        return tuple(speed / median(there) for speed in here) if there else ()

    @property
    def canary_ratio(self) -> float | None:
        """Goodput here by that of an unrelated host here; None where either was not taken."""
        here, canary = goodputs(self.decisive), goodputs(self.here.of(Purpose.CANARY))
        return median(here) / median(canary) if here and canary else None

    @property
    def control_usable(self) -> bool:
        """Whether there is a control, of the same mirror and of the same time."""
        return self.control is not None and usable(self.control, self.here.at)

    @property
    def control_failure(self) -> Failure | None:
        """What stopped the control."""
        if self.control is None or good(self.control, Purpose.READER):
            return None
        return self.control.failure


def good(measurement: Measurement, purpose: Purpose) -> bool:
    """Whether signed content came, however old."""
    checks = list(measurement.of(purpose, Stage.SIGNATURE))
    if not checks:
        return False
    failure = checks[-1].failure
    return failure is None or failure.code == STALE


def stopped(steps: tuple[Step, ...]) -> Failure | None:
    """What stopped a look: its check's failure, or the last failure before any check."""
    checks = [step for step in steps if isinstance(step.seen, Check)]
    if checks:
        return checks[-1].failure
    failed = [step.failure for step in steps if step.failure]
    return failed[-1] if failed else None


def ended_well(steps: Iterable[Step]) -> bool | None:
    """Whether the last step passed; a certificate of another name is no matter here."""
    taken = list(steps)
    if not taken:
        return None
    last = taken[-1].failure
    return last is None or last.code in CERTIFICATE


def addresses(steps: Iterable[Step]) -> set[str]:
    """What DNS gave."""
    return {
        address
        for step in steps
        if isinstance(step.seen, Lookup) and step.failure is None
        for address in step.seen.addresses
    }


def dialled(steps: Iterable[Step]) -> bool:
    """Whether a connection stood."""
    return any(isinstance(step.seen, Dial) and step.failure is None for step in steps)


def usable(control: Measurement, at: datetime) -> bool:
    """Whether a control of that age may speak."""
    return abs(control.at - at) <= CONTROL_AGE
