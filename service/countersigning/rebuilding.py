"""Rebuilding: an edition is made once more from its articles, by whoever has them."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from service.backup.receiving import Progress
from service.clock import SystemClock
from service.countersigning.comparing import Bench, Rebuilt, Scratch
from service.countersigning.store import Store
from service.countersigning.waiting import Waiting, waiting
from signing.root_draft import chain
from tamizdat.errors import FormatError, LedgerError


async def rebuild(
    store: Store, root_id: str, number: int | None = None, progress: Progress | None = None
) -> Rebuilt:
    """Make the edition `number` (what waits, else the newest) once more, and compare.

    FormatError where the roots are not those of `root_id`; LedgerError where the store has another
    edition, or articles that changed since.
    """
    if store.roots[0].sha256 != root_id:
        raise FormatError("6.2", "root/1.json", "is not the root that was asked for (the root id)")
    trust = await asyncio.to_thread(chain, store.roots, SystemClock().now())
    one = await _edition(store, number)
    with TemporaryDirectory(prefix="tz") as place:
        bench = Bench(store, one, trust, Scratch(store.blobs, Path(place)), progress)
        return await bench.work()


async def _edition(store: Store, number: int | None) -> Waiting:
    ledgers = store.ledgers
    one = await waiting(ledgers.facts, store.blobs)
    newest = await ledgers.editions.newest()
    if newest and (one is None or number == newest.number):
        one = Waiting(body=newest.sealed.body, rendered=(), changed=(), bundles=(), whole=False)
    if one is None or number not in {None, one.manifest.edition}:
        raise LedgerError(f"edition {number} is not here, or older: only the newest can be rebuilt")
    if not one.is_of(await ledgers.articles.changed()):
        raise LedgerError(f"articles changed since edition {one.manifest.edition} was made")
    return one
