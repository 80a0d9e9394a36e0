"""A ceremony: what the next root changes, told so that whoever signs it knows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from signing.seal import next_root
from tamizdat.errors import SigningError
from tamizdat.moment import spelled
from tamizdat.wire import Key, Role, RoleName, Root

LEAST_ROOT = 2
"""One stolen root key must not be enough."""

LONGEST = timedelta(days=800)
"""No root that we sign holds longer."""

ROLES: tuple[RoleName, ...] = ("root", "release", "timestamp", "mirrors", "denial")
_ALONE: tuple[RoleName, ...] = ("timestamp", "mirrors", "denial")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of a role: the fingerprints that come, stay and go; thresholds then and now."""

    role: RoleName
    comes: tuple[str, ...]
    stays: tuple[str, ...]
    goes: tuple[str, ...]
    threshold: int
    before: int


def renewed(before: Root, issued: datetime) -> Root:
    """The root after `before`, which names the same keys and holds from `issued` on."""
    return next_root(before, issued=issued, keys=before.keys, roles=before.roles)


def exchanged(
    root: Root, role: RoleName, keys: Mapping[str, Key], threshold: int | None = None
) -> Root:
    """`root` with just these keys in the role; whoever releases also denies."""
    found = Role(keys=tuple(keys), threshold=threshold or root.roles[role].threshold)
    roles: dict[RoleName, Role] = {**root.roles, role: found}
    if role == "release":
        roles["denial"] = Role(keys=found.keys, threshold=1)
    named = {fingerprint for one in roles.values() for fingerprint in one.keys}
    known = {**root.keys, **keys}
    return replace(root, roles=roles, keys={name: known[name] for name in sorted(named)})


def demand_sound(before: Root, root: Root) -> None:
    """Nothing where a newsroom can live by `root`; SigningError says what is wrong.

    This is our own prudence, on top of what readers ask for.
    """
    for role in ROLES:
        found = root.roles.get(role)
        if found is None or len(found.keys) < found.threshold:
            raise SigningError(f"role {role} has too few keys for its threshold")
    if root.roles["root"].threshold < LEAST_ROOT:
        raise SigningError(f"role root needs a threshold of {LEAST_ROOT} or more")
    if any(root.roles[role].threshold > 1 for role in _ALONE):
        raise SigningError(f"roles {', '.join(_ALONE)} sign with one key: threshold 1")
    if _is_shared(root):
        raise SigningError("root, release, timestamp and mirrors must have keys of their own")
    if root.issued < before.issued:
        raise SigningError("it is issued before the root that it follows: look at the clock")
    if not root.issued < root.expires <= root.issued + LONGEST:
        raise SigningError(f"it must hold for {LONGEST.days} days at most")


def changes(before: Root, root: Root) -> Sequence[Change]:
    """What becomes of each role."""
    return [_change(role, before.roles.get(role), root.roles.get(role)) for role in ROLES]


def told(before: Root, root: Root) -> Sequence[str]:
    """The same for people, a line each."""
    lines = [
        f"Root {root.version} follows root {before.version}. It is issued {spelled(root.issued)}",
        f"and holds until {spelled(root.expires)}.",
    ]
    for one in changes(before, root):
        count = len(one.comes) + len(one.stays)
        was = f" (before: {one.before})" if one.before != one.threshold else ""
        lines.append(f"{one.role}: {one.threshold} of {count} must sign{was}")
        lines += [f"  comes {name}" for name in one.comes]
        lines += [f"  stays {name}" for name in one.stays]
        lines += [f"  goes  {name}" for name in one.goes]
    return lines


def _is_shared(root: Root) -> bool:
    """Whether a key stands in two roles that must be apart."""
    apart = [set(root.roles[role].keys) for role in ROLES if role != "denial"]
    return len(set().union(*apart)) < sum(len(keys) for keys in apart)


def _change(role: RoleName, before: Role | None, now: Role | None) -> Change:
    old, new = before.keys if before else (), now.keys if now else ()
    return Change(
        role=role,
        comes=tuple(name for name in new if name not in old),
        stays=tuple(name for name in new if name in old),
        goes=tuple(name for name in old if name not in new),
        threshold=now.threshold if now else 0,
        before=before.threshold if before else 0,
    )
