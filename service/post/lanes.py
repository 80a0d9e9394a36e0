"""Lanes: which mirrors one who asks by mail may learn. The slow one names public mirrors only."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tamizdat.handout import MOST
from tamizdat.placement import Exposure, Mirror, MirrorState

LOOK_SECONDS = 2.0
"""How old our knowledge of the pool may be."""


@dataclass(kw_only=True)
class SlowLane:
    """The port Handout over mirrors that anybody may learn; `pool` reads them from the ledger."""

    pool: Callable[[], Awaitable[Sequence[Mirror]]]
    _mirrors: Sequence[Mirror] = ()
    _looked: float | None = None
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def for_asker(self, asker: str, day: int) -> Sequence[str]:
        """Addresses of at most three mirrors; the same ones for the same asker on the same day."""
        now = asyncio.get_running_loop().time()
        async with self._looking:
            if self._looked is None or now - self._looked >= LOOK_SECONDS:
                self._mirrors, self._looked = await self.pool(), now
        return drawn(self._mirrors, f"{asker} {day}")


def drawn(mirrors: Sequence[Mirror], lot: str) -> Sequence[str]:
    """At most three public mirrors in use, drawn by `lot`, of different providers if there are."""
    bases = [
        one.base
        for one in mirrors
        if one.base and one.exposure is Exposure.PUBLIC and one.state is MirrorState.ACTIVE
    ]
    shuffled = sorted(bases, key=lambda base: hashlib.sha256(f"{lot} {base}".encode()).digest())
    firsts = list({_provider(base): base for base in reversed(shuffled)}.values())[::-1]
    rest = [base for base in shuffled if base not in firsts]
    return (*firsts, *rest)[:MOST]


def _provider(base: str) -> str:
    """Whose name it is under, roughly: the last two labels of its host."""
    return ".".join((urlsplit(base).hostname or "").split(".")[-2:])
