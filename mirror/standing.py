"""Standing: what a mirror has, beside the files of editions, of what a target asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mirror.changes import whole
from mirror.target import HERE, POINTER, LyingEdition, Target
from tamizdat import paths
from tamizdat.digest import Digest, digest
from tamizdat.edition import MAX_AHEAD
from tamizdat.errors import FormatError
from tamizdat.placement import Phase
from tamizdat.wire import Here, Pointer


class Address(StrEnum):
    """Which address the feeds on a mirror bear."""

    NONE = "none"  # no feeds lie there, as far as we know
    SAME = "same"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What need not be put: roots up to `root`, `manifests` by number, and single files."""

    root: int
    manifests: frozenset[int]
    here: bool
    ways: bool
    withdrawn: bool
    pointer: bool
    address: Address


NOTHING = Standing(
    root=0,
    manifests=frozenset(),
    here=False,
    ways=False,
    withdrawn=False,
    pointer=False,
    address=Address.NONE,
)
"""A mirror of which we know nothing."""


def must_ask(target: Target, lying: Sequence[LyingEdition], placed: tuple[Digest, ...]) -> bool:
    """Whether the mirror's own `here.json` must be read to tell what stands."""
    return bool(lying) and (not placed or placed[0] != target.overlay.here.sha256)


def must_ask_pointer(target: Target, lying: Sequence[LyingEdition]) -> bool:
    """Whether the pointer that lies there may be one from which nothing leads to the target."""
    before = whole(lying)
    return before is None or _is_severed(target, before.edition)


def severed(target: Target, placed: tuple[Digest, ...], found: bytes | None) -> tuple[str, ...]:
    """The pointer that was `found` there and its signature, where nothing leads to the target.

    Its readers would take what is put for forged (formats 4.1). After a pointer that went before,
    the signature may have stayed.
    """
    if found is None:
        old = [one for one in placed[2:] if one != target.pointer.sealed.sha256]
        return tuple(paths.passing_signature(POINTER, one) for one in old)
    try:
        edition = Pointer.parse(found, POINTER).edition
    except FormatError:
        return ()  # nobody follows it
    if not _is_severed(target, edition):
        return ()
    return POINTER, paths.passing_signature(POINTER, digest(found))


def _is_severed(target: Target, edition: int) -> bool:
    """Whether a mirror that points at `edition` missed more than is kept, or than is looked for."""
    first = target.manifests[0]
    unconnected = edition < first.number and edition != first.follows
    return unconnected or target.edition.number > edition + MAX_AHEAD


def standing(
    target: Target,
    lying: Sequence[LyingEdition],
    placed: tuple[Digest, ...],
    found: bytes | None,
) -> Standing:
    """What stands on a mirror.

    `placed` are the digests of the here file, withdrawals and pointer that were last read back;
    `found` is the here file that lies there now, where it was asked for.
    """
    before = whole(lying)
    local = _local(target, placed, found)
    if before is None:
        return Standing(
            root=0,
            manifests=frozenset(),
            here=False,
            ways=False,
            withdrawn=False,
            pointer=False,
            address=Address.NONE if found is None else Address.OTHER,
        )
    settled = before.edition == target.edition.number and not any(
        one.phase is Phase.PUSHING and one.edition.number != before.edition for one in lying
    )
    return Standing(
        root=before.root_version,
        manifests=frozenset(range(before.oldest, before.edition + 1)),
        here=local.here,
        ways=local.ways,
        withdrawn=_is(placed, 1, target.withdrawn.sha256),
        pointer=settled and _is(placed, 2, target.pointer.sealed.sha256),
        address=local.address,
    )


def orphan(target: Target, placed: tuple[Digest, ...], found: bytes | None) -> Digest | None:
    """The digest of a here file that an earlier, failed attempt left; its signature may go."""
    if found is None or digest(found) in {target.overlay.here.sha256, *placed[:1]}:
        return None
    return digest(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Local:
    here: bool
    ways: bool
    address: Address


def _local(target: Target, placed: tuple[Digest, ...], found: bytes | None) -> _Local:
    if _is(placed, 0, target.overlay.here.sha256):
        return _Local(here=True, ways=True, address=Address.SAME)
    if found is None or not _is(placed, 0, digest(found)):
        # we did not read this one back: trust nothing of it
        other = Address.NONE if found is None else Address.OTHER
        return _Local(here=False, ways=False, address=other)
    try:
        here = Here.parse(found, HERE)
    except FormatError:
        return _Local(here=False, ways=False, address=Address.OTHER)
    return _Local(
        here=False,
        ways=here.ways[0].sha256 == digest(target.overlay.ways),
        address=Address.SAME if here.base == target.base else Address.OTHER,
    )


def _is(placed: tuple[Digest, ...], index: int, wanted: Digest) -> bool:
    return len(placed) > index and placed[index] == wanted
