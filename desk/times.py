"""A time that an editor sets: as their zone spells it, and the moment that it means. Pure."""

import re
from collections import OrderedDict
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tamizdat.errors import ConfigError

MOST_ZONES = 256
"""People whose zone is remembered."""

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")


class Zones:
    """The zone that each person named last. In memory: a zone tells where somebody is."""

    def __init__(self, usual: str) -> None:
        self._usual = usual
        self._known: OrderedDict[int, str] = OrderedDict()

    def of(self, person: int) -> str:
        """Theirs, or the newsroom's."""
        return self._known.get(person, self._usual)

    def remember(self, person: int, zone: str) -> None:
        """They named this one; a zone that is none is not remembered."""
        if not zone or zone_of(zone) is None:
            return
        self._known[person] = zone
        self._known.move_to_end(person)
        while len(self._known) > MOST_ZONES:
            self._known.popitem(last=False)


def zone_of(name: str) -> tzinfo | None:
    """The zone of this name; None where there is none."""
    if name == "UTC":  # also on a machine that knows no zones
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


def due_of(typed: str, zone: str) -> datetime | None:
    """The moment that was typed, in UTC; None where nothing was: that is no clock, never now.

    ConfigError where there is no such time there. Of an hour that comes twice, the later counts.
    """
    if not typed.strip():
        return None
    place = zone_of(zone)
    if place is None:
        raise ConfigError(f"{zone[:40]!r} is no time zone: write one as Europe/Riga, or UTC")
    try:
        local = datetime.fromisoformat(typed) if _FORM.fullmatch(typed) else None
    except ValueError:
        local = None
    if local is None:
        raise ConfigError(f"{typed[:40]!r} is no time: write it as 2026-11-26T08:00")
    at = local.replace(tzinfo=place, fold=1).astimezone(UTC)
    if at.astimezone(place).replace(tzinfo=None) != local:
        raise ConfigError(f"{typed}: no clock shows that there, summer time begins: choose another")
    return at


def field(at: datetime | None, zone: str) -> str:
    """The moment as a form's field for date and time has it."""
    return f"{_there(at, zone):%Y-%m-%dT%H:%M}" if at else ""


def said(at: datetime, zone: str) -> str:
    """`Thu 26 Nov 10:00`, in this zone."""
    there = _there(at, zone)
    return f"{there:%a} {there.day} {there:%b %H:%M}"


def both(at: datetime, zone: str) -> str:
    """The same with the zone's name, and UTC beside it."""
    if zone == "UTC":
        return f"{said(at, zone)} UTC"
    return f"{said(at, zone)} ({zone}), {said(at, 'UTC')} UTC"


def _there(at: datetime, zone: str) -> datetime:
    return at.astimezone(zone_of(zone) or UTC)
