"""Control: what several looks from open networks at one mirror come to (notes A6, 1, 2). Pure."""

from collections.abc import Sequence

from reach.facts import good
from reach.judge import judge
from tamizdat.measurement import Measurement, Purpose
from tamizdat.verdict import Finding

_FALSE = frozenset({"invalid", "unknown_edition"})


def agreed(controls: Sequence[Measurement]) -> Measurement | None:
    """The look to judge others beside; None where the controls disagree, or none can speak.

    All of them got signed content: the newest. None of them did: one that proves an altered
    mirror, else the newest. One whose unrelated hosts fail too has a dead line and is not heard.
    """
    heard = [one for one in controls if judge(one, None).finding is not Finding.VANTAGE_DOWN]
    fine = [good(one, Purpose.READER) for one in heard]
    if not heard or any(fine) != all(fine):
        return None
    return max(heard, key=lambda one: (_altered(one), one.at))


def _altered(control: Measurement) -> bool:
    return control.failure is not None and control.failure.code in _FALSE
