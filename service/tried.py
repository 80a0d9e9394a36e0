"""What was tried: digests of the three files that change on a mirror, read back or only attempted.

Each changing file has its signature beside it under a name made of its digest (formats 2.2), so a
signature whose file never arrived can be found again, and removed, only by that digest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mirror.target import HERE, POINTER, WITHDRAWN, Target
from tamizdat import paths
from tamizdat.digest import Digest

NAMES = (HERE, WITHDRAWN, POINTER)

_Digests: TypeAlias = tuple[Digest, Digest, Digest]
_NONE = Digest("0" * 64)


@dataclass(frozen=True, slots=True)
class Triple:
    """Digests of `here.json`, `withdrawn.json` and `latest.json`."""

    digests: _Digests

    @classmethod
    def of(cls, target: Target) -> "Triple":
        """Those that `target` wants."""
        return cls(
            (
                target.overlay.here.sha256,
                target.withdrawn.sha256,
                target.pointer.sealed.sha256,
            )
        )

    @property
    def signatures(self) -> frozenset[str]:
        """Where their signatures lie."""
        return frozenset(
            paths.passing_signature(name, sha256)
            for name, sha256 in zip(NAMES, self.digests, strict=True)
        )


_NOTHING = Triple((_NONE, _NONE, _NONE))
"""Stands for none that was read back, and before what was attempted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """`placed` was read back last; `others` lay there before.

    `attempted` may have been put since, wholly or in part: nobody knows until the mirror is asked.
    """

    placed: Triple | None
    others: tuple[Triple, ...] = ()
    attempted: tuple[Triple, ...] = ()

    @classmethod
    def read(cls, flat: Sequence[Digest]) -> "Tried":
        """From the flat digests that the ledger keeps."""
        triples = [Triple((flat[n], flat[n + 1], flat[n + 2])) for n in range(0, len(flat) - 2, 3)]
        first = triples[0] if triples and triples[0] != _NOTHING else None
        rest = triples[1:]
        cut = rest.index(_NOTHING) if _NOTHING in rest else len(rest)
        return cls(placed=first, others=tuple(rest[:cut]), attempted=tuple(rest[cut + 1 :]))

    def write(self) -> tuple[Digest, ...]:
        """As the ledger keeps it."""
        tail = (_NOTHING, *self.attempted) if self.attempted else ()
        row = (self.placed or _NOTHING, *self.others, *tail)
        return tuple(sha256 for triple in row for sha256 in triple.digests)

    @property
    def known(self) -> tuple[Triple, ...]:
        """All that may lie there."""
        return (*([self.placed] if self.placed else []), *self.others, *self.attempted)

    def with_attempt(self, wanted: Triple) -> "Tried":
        """The same, before `wanted` is put."""
        others = tuple(one for one in self.others if one != wanted)
        fresh = () if wanted in {self.placed, *self.attempted} else (wanted,)
        attempted = (*self.attempted, *fresh)
        return Tried(placed=self.placed, others=others, attempted=attempted)

    def placed_now(self, wanted: Triple) -> "Tried":
        """After `wanted` was read back: what lay there before stays noted until the next pass."""
        before = () if self.placed in {None, wanted} else (self.placed,)
        row = dict.fromkeys((*before, *self.others, *self.attempted))
        return Tried(placed=wanted, others=tuple(one for one in row if one and one != wanted))

    def doubted(self) -> "Tried":
        """The same where what was read back may be lost: the next pass looks at all of it."""
        before = (self.placed,) if self.placed and self.placed not in self.others else ()
        return Tried(placed=None, others=(*before, *self.others), attempted=self.attempted)

    def stray(self, keep: frozenset[str]) -> tuple[str, ...]:
        """Signatures of other triples that none of the kept files needs."""
        kept = keep | (self.placed.signatures if self.placed else frozenset())
        return tuple(sorted({s for one in self.known for s in one.signatures} - kept))
