"""Exposure: which mirrors a vantage may learn, and what of them. Pure, and the only such place.

Whoever stands at a vantage, or on its line, learns every address that is looked at from there.
"""

from collections.abc import Sequence
from dataclasses import replace

from tamizdat.measurement import Aim, Vantage
from tamizdat.placement import Exposure

MOST_SECRET = 5
"""A vantage learns so many secret mirrors at most: always the first ones, never others in turn."""


def allowed(aims: Sequence[Aim], vantage: Vantage) -> tuple[Aim, ...]:
    """Those of `aims` that `vantage` may look at, in order.

    A secret mirror is of its own group, is one of at most MOST_SECRET, and bears no innocent name:
    that name at its address would point at it.
    """
    kept: list[Aim] = []
    secret = 0
    for aim in aims:
        if not vantage.may_measure(aim.exposure, aim.group):
            continue
        if aim.exposure is not Exposure.SECRET:
            kept.append(aim)
        elif secret < MOST_SECRET:
            kept.append(replace(aim, decoy=None))
            secret += 1
    return tuple(kept)
