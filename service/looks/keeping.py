"""Keeping: what vantages saw goes into the ledger, each one's part as soon as it is there."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from reach.patience import Patience
from service.looks.looking import Looked, look
from service.newsroom import Newsroom
from tamizdat.measurement import Kind
from tamizdat.placement import MirrorId
from tamizdat.sighting import Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One vantage's part of a round, as it was kept, and why it is not all."""

    vantage: str
    control: bool
    rounds: tuple[Round, ...]
    fault: str | None = None


Tell = Callable[[Part], Awaitable[None]]


class Looking(Protocol):
    """Looks at mirrors, and keeps what was seen."""

    async def __call__(
        self,
        room: Newsroom,
        *,
        only: Collection[MirrorId] | None,
        inside: bool,
        tell: Tell,
        patience: Patience,
    ) -> None:
        """At every mirror or `only` at these; from controls alone where not `inside`."""
        ...


async def look_and_keep(
    room: Newsroom,
    *,
    only: Collection[MirrorId] | None,
    inside: bool,
    tell: Tell,
    patience: Patience,
) -> None:
    """Look from this program. `tell` is given one part at a time."""

    async def keep(looked: Looked) -> None:
        rounds = await room.ledgers.sightings.keep(looked.sightings)
        await tell(
            Part(
                vantage=looked.vantage.id,
                control=looked.vantage.kind is Kind.CONTROL,
                rounds=tuple(rounds),
                fault=looked.fault,
            )
        )

    await look(room, only=only, inside=inside, tell=keep, patience=patience)
