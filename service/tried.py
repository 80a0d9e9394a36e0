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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """`placed` was read back last; `others` lay there before, or may have been put."""

    placed: Triple | None
    others: tuple[Triple, ...] = ()

    @classmethod
    def read(cls, flat: Sequence[Digest]) -> "Tried":
        """From the flat digests that the ledger keeps."""
        triples = [Triple((flat[n], flat[n + 1], flat[n + 2])) for n in range(0, len(flat) - 2, 3)]
        first = triples[0] if triples and triples[0].digests[0] != _NONE else None
        return cls(placed=first, others=tuple(triples[1:]))

    def write(self) -> tuple[Digest, ...]:
        """As the ledger keeps it."""
        first = self.placed or Triple((_NONE, _NONE, _NONE))
        return tuple(sha256 for triple in (first, *self.others) for sha256 in triple.digests)

    def with_attempt(self, wanted: Triple) -> "Tried":
        """The same, before `wanted` is put."""
        known = {self.placed, *self.others}
        fresh = () if wanted in known else (wanted,)
        return Tried(placed=self.placed, others=(*self.others, *fresh))

    def placed_now(self, wanted: Triple) -> "Tried":
        """After `wanted` was read back: what lay there before stays noted until the next pass."""
        before = () if self.placed in {None, wanted} else (self.placed,)
        others = tuple(one for one in (*before, *self.others) if one and one != wanted)
        return Tried(placed=wanted, others=others)

    def doubted(self) -> "Tried":
        """The same where what was read back may be lost: the next pass looks at all of it."""
        before = (self.placed,) if self.placed and self.placed not in self.others else ()
        return Tried(placed=None, others=(*before, *self.others))

    def stray(self, keep: frozenset[str]) -> tuple[str, ...]:
        """Signatures of other triples that none of the kept files needs."""
        kept = keep | (self.placed.signatures if self.placed else frozenset())
        return tuple(sorted({s for one in self.others for s in one.signatures} - kept))
