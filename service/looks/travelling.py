"""Travelling: looking from a vantage that has no newsroom, at the word of an order.

Nothing is stored there and nothing is logged. The time is the order's, counted on from when it
came: a vantage's own clock is asked by nobody.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import BinaryIO

from reach.checking import AT_ONCE
from reach.order import GREETING, MAX_ORDER, Order, decode
from reach.probe import HandProbe
from reach.record import encode
from service.looks import carried
from service.looks.content import Known, SignedContent, trusted
from signing.trust import Trust
from tamizdat.digest import Digest
from tamizdat.edition import SealedEdition
from tamizdat.errors import FormatError, SourceError
from tamizdat.measurement import Aim, Content
from tamizdat.ports import Clock, ContentCheck, Fetch

Tell = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedClock:
    """The clock of whoever gave the order."""

    at: datetime
    _began: float = field(default_factory=monotonic)

    def now(self) -> datetime:
        """The moment."""
        passed = timedelta(seconds=monotonic() - self._began)
        return (self.at + passed).replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TravellingContent:
    """The port ContentCheck without a ledger: digests by the order, files from the mirror."""

    trust: Trust
    order: Order
    clock: Clock

    async def check(self, fetch: Fetch) -> Content:
        """Fetch what proves it, and a random page; says what was found. Raises BackendError."""
        digests = dict(self.order.proof.editions)

        async def edition(number: int, sha256: Digest | None) -> SealedEdition | None:
            known = digests.get(number)
            if known is None or sha256 not in {None, known}:
                return None
            return await carried.manifest(fetch, number, known)

        async def oldest() -> int:
            return min(digests, default=1)

        known = Known(edition=edition, shard=partial(carried.shard, fetch), oldest=oldest)
        check = SignedContent(trust=self.trust, known=known, clock=self.clock)
        return await check.check(fetch)


_: type[ContentCheck] = TravellingContent
_clock: type[Clock] = OrderedClock


async def carry_out(order: Order, tell: Tell) -> None:
    """Measure what is ordered and tell each as it is done; SourceError where it cannot be."""
    probe = _probe(order)
    turns = asyncio.Semaphore(AT_ONCE)
    telling = asyncio.Lock()

    async def one(aim: Aim) -> None:
        async with turns:
            found = await probe.measure(aim, order.vantage)
        async with telling:
            await tell(encode(found))

    async with asyncio.TaskGroup() as group:
        for aim in order.aims:
            group.create_task(one(aim))


def obey(orders: BinaryIO, answers: BinaryIO) -> None:
    """Carry out orders, one a line, until they end; SourceError at the first that is none.

    Raises BrokenPipeError where nobody listens any more.
    """

    def write(line: bytes) -> None:
        answers.write(line + b"\n")
        answers.flush()

    async def tell(line: bytes) -> None:
        await asyncio.to_thread(write, line)

    write(GREETING)
    while line := orders.readline(MAX_ORDER + 1):
        deaf = False
        try:
            asyncio.run(carry_out(decode(line), tell))
        except* BrokenPipeError:
            deaf = True
        if deaf:
            raise BrokenPipeError


def obey_here() -> None:
    """Carry out the orders on this program's input, and answer on its output."""
    obey(sys.stdin.buffer, sys.stdout.buffer)


def _probe(order: Order) -> HandProbe:
    clock = OrderedClock(at=order.at)
    try:
        check = TravellingContent(
            trust=trusted(order.proof.roots, order.at), order=order, clock=clock
        )
        return HandProbe(check, clock, patience=order.patience, authorities=order.authorities)
    except (FormatError, OSError) as error:
        raise SourceError(f"order: cannot be carried out: {error}") from None
