"""A layer of a look: DNS, TCP, TLS, HTTP, signature; what was found there, and how long it took."""

from dataclasses import dataclass
from typing import Literal

from desk.spans import size, thousandths
from desk.words import STAGES, failed
from tamizdat.measurement import (
    Check,
    Dial,
    Exchange,
    Handshake,
    Lookup,
    Measurement,
    Observation,
    Purpose,
    Stage,
    Step,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One line of the evidence: it held (`ok`), failed (`no`), or nothing came so far (`na`)."""

    name: str
    how: Literal["ok", "no", "na"]
    words: str
    took: str = ""


def layers(look: Measurement) -> tuple[Layer, ...]:
    """All five, in the order in which a reader's request passes them."""
    return tuple(_layer(look, stage) for stage in Stage)


def _layer(look: Measurement, stage: Stage) -> Layer:
    steps = list(look.of(Purpose.READER, stage))
    name = STAGES[stage]
    if not steps:
        return Layer(name=name, how="na", words=_absent(look, stage))
    stopped = look.failure is not None and look.failure.stage is stage
    good = [step for step in steps if step.failure is None]
    step = good[-1] if good and not stopped else steps[-1]
    took = thousandths(max(0.0, step.t - step.t0))
    tries = f", {len(steps)} tries" if stage is Stage.TCP and len(steps) > 1 else ""
    if step.failure is not None:
        return Layer(name=name, how="no", words=failed(step.failure) + tries, took=took)
    return Layer(name=name, how="ok", words=_found(look, step) + tries, took=took)


def _absent(look: Measurement, stage: Stage) -> str:
    """Why a layer has no step: it was not needed, or not reached."""
    later = {step.stage for step in look.of(Purpose.READER)}
    order = list(Stage)
    passed = any(order.index(other) > order.index(stage) for other in later)
    if not passed:
        return "not reached"
    return "not used here" if stage is Stage.TLS else "not needed"


def _found(look: Measurement, step: Step) -> str:
    return _seen(look, step.seen)


def _seen(look: Measurement, seen: Observation) -> str:
    match seen:
        case Lookup():
            return _answer(look, seen)
        case Dial():
            return "open"
        case Handshake():
            return f"handshake good, {seen.version}" if seen.version else "handshake good"
        case Exchange():
            return _page(seen)
        case Check():
            return f"ours, edition {seen.edition}" if seen.edition else "ours"


def _answer(look: Measurement, seen: Lookup) -> str:
    if not look.expected:
        return "an answer"
    if set(seen.addresses) <= set(look.expected):
        return (
            "true answer" if len(seen.replies) == 1 else f"{len(seen.replies)} answers, first true"
        )
    return "another address than ours"


def _page(seen: Exchange) -> str:
    came = f"{seen.status or 'no status'}, {size(seen.body_length)}"
    return f"{came}, then stood still" if seen.stalled_at is not None else came
