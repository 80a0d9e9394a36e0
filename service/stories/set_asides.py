"""Set-asides: what the ledger and the watched folder tell of pieces that became no drafts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from service.newsroom import Newsroom
from service.stories.dropped import set_aside
from service.stories.pulled import NEVER
from service.stories.pulling import pulled_of
from tamizdat.set_aside import FromSource, SetAsides


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSetAsides:
    """The port over an open newsroom."""

    room: Newsroom

    async def set_aside(self) -> Sequence[FromSource]:
        """Every source of the config, in its order."""
        room, found = self.room, list[FromSource]()
        for source in room.config.source:
            last = await pulled_of(room.ledgers.facts, room.salt, source)
            found.append(
                FromSource(
                    source=_shown(source.url),
                    asked=None if last == NEVER else last.at,
                    fault=last.reason if last.failures else "",
                    pieces=last.aside,
                )
            )
        folder = room.config.inbound.folder
        if folder is not None:
            pieces = await asyncio.to_thread(set_aside, room.folder / folder)
            found.append(FromSource(source=folder, pieces=tuple(pieces)))
        return found


def _shown(url: str) -> str:
    """An address without its query, in which a key may stand."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


_: type[SetAsides] = LedgerSetAsides
