"""Fading: when something signed that ends is signed anew."""

from datetime import datetime

from signing.trust import CLOCK_SLACK


def fading(issued: datetime, ends: datetime, now: datetime) -> bool:
    """Whether half of its time is over, or it was issued by a clock that was ahead.

    No reader would call fresh what is issued in the future (formats 6.4).
    """
    return now >= issued + (ends - issued) / 2 or now < issued - CLOCK_SLACK
