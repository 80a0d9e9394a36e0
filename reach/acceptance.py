"""Acceptance: whether what a vantage told is an answer to what it was asked. Pure.

A vantage is a stranger: it can lie about what it sees, which other vantages must outvote, but it
cannot speak of other mirrors, for other vantages or of other times.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from reach import record
from reach.order import Order
from reach.visit import Site
from tamizdat.errors import SourceError
from tamizdat.measurement import Measurement
from tamizdat.placement import MirrorId

SLACK = timedelta(minutes=1)
"""A look that began further outside the time of its order did not come of it."""


def accepted(
    line: bytes, order: Order, answered: Collection[MirrorId], now: datetime
) -> Measurement:
    """The measurement in `line`, its moment within the time of the order, which ends `now`.

    `answered` are the mirrors that were told already. SourceError says what is wrong with it, in
    words of ours: nothing that a stranger wrote.
    """
    try:
        found = record.decode(line, "answer")
    except SourceError:
        raise SourceError("tells what is no measurement") from None
    aim = next((one for one in order.aims if one.mirror == found.mirror), None)
    if aim is None or found.mirror in answered:
        raise SourceError("tells of a mirror that was not asked for, or of one twice")
    if found.vantage != order.vantage:
        raise SourceError("speaks for another vantage")
    if (found.host, found.expected) != (Site.parse(aim.base).host, aim.addresses):
        raise SourceError("tells of another address than was asked for")
    if not order.at - SLACK <= found.at <= now + SLACK:
        raise SourceError("tells of another time")
    return replace(found, at=min(max(found.at, order.at), now))
