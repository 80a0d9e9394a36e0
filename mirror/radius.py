"""A radius: which mirrors fall together, with one account, one provider or one family of names."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from tamizdat.placement import Mirror, MirrorId, MirrorState

_BELOW = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
"""What stands before the country's letters where names are given out one step lower."""

_LETTERS = 2


class Cause(StrEnum):
    """What several mirrors may share."""

    ACCOUNT = "account"
    PROVIDER = "provider"
    NAMES = "names"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A mirror with what the config says of who keeps it."""

    mirror: Mirror
    account: str | None
    provider: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """What is lost with one cause.

    `share` is that of all active mirrors; `stranded` are the groups that no active one is left in.
    """

    cause: Cause
    name: str
    mirrors: tuple[MirrorId, ...]
    share: float
    stranded: tuple[str, ...]


def radius(owned: Sequence[Owned]) -> Sequence[Fall]:
    """Every cause with the mirrors that fall with it, the widest first; retired ones count not."""
    living = [one for one in owned if one.mirror.state is not MirrorState.RETIRED]
    shared: dict[tuple[Cause, str], list[Mirror]] = {}
    for one in living:
        for cause in causes(one):
            shared.setdefault(cause, []).append(one.mirror)
    active = [one.mirror for one in living if one.mirror.state is MirrorState.ACTIVE]
    falls = [_fall(cause, name, lost, active) for (cause, name), lost in shared.items()]
    return sorted(falls, key=lambda one: (-one.share, -len(one.mirrors), one.cause, one.name))


def causes(owned: Owned) -> Sequence[tuple[Cause, str]]:
    """All that one mirror can fall with."""
    found = []
    if owned.account is not None:
        found.append((Cause.ACCOUNT, owned.account))
    if owned.provider is not None:
        found.append((Cause.PROVIDER, owned.provider))
    if owned.mirror.base is None:
        return [*found, (Cause.MACHINE, "this machine")]
    return [*found, (Cause.NAMES, family(urlsplit(owned.mirror.base).hostname or ""))]


def family(host: str) -> str:
    """The part of a name that is registered, and blocked or seized as a whole."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        labels = host.split(".")
    lower = len(labels[-1]) == _LETTERS and len(labels) > _LETTERS and labels[-2] in _BELOW
    return ".".join(labels[-3 if lower else -2 :])


def _fall(cause: Cause, name: str, lost: Sequence[Mirror], active: Sequence[Mirror]) -> Fall:
    ids = {one.id for one in lost}
    left = {one.group for one in active if one.id not in ids}
    gone = [one for one in active if one.id in ids]
    return Fall(
        cause=cause,
        name=name,
        mirrors=tuple(sorted(ids)),
        share=len(gone) / len(active) if active else 0.0,
        stranded=tuple(sorted({one.group for one in gone} - left)),
    )
