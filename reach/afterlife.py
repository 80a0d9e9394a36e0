"""An afterlife: what became of a name that was a mirror's, and that readers may still try. Pure."""

from datetime import datetime, timedelta

from reach.judge import RULES_VERSION
from tamizdat.measurement import Content
from tamizdat.verdict import Finding, Ruling

WATCHED = timedelta(days=2 * 365)
"""So long after its retirement a name is looked at: feeds and old copies still name it."""

_OTHERS = frozenset({"missing", "invalid"})
_ANSWERED = range(200, 400)


def is_watched(retired: datetime | None, now: datetime) -> bool:
    """Whether a name is still looked at; one whose retirement nobody noted always is."""
    return retired is None or now - retired <= WATCHED


def afterlife(content: Content | None, door: int | None) -> Ruling:
    """The ruling on a name: from what the content check found there, and its front door's status.

    None: nobody answered. What our keys signed is ours, however old and worn; a missing page (4xx,
    5xx) is how providers say that a name is nobody's.
    """
    if content is not None and (content.code not in _OTHERS or _is_worn(content)):
        return _ruling(Finding.OK, "afterlife.ours")
    if content is not None and content.code == "invalid":
        return _ruling(Finding.IMPERSONATED, "afterlife.forged")
    if door is not None and door in _ANSWERED:
        return _ruling(Finding.IMPERSONATED, "afterlife.other")
    return _ruling(Finding.SERVER_DOWN, "afterlife.quiet")


def _is_worn(content: Content) -> bool:
    """Whether our own pointer lies there, though not all that it names."""
    return content.code == "missing" and content.edition is not None


def _ruling(finding: Finding, rule: str) -> Ruling:
    return Ruling(finding=finding, rule=rule, rules_version=RULES_VERSION, failure=None)
