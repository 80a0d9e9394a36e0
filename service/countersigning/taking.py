"""Taking: signatures of other people over the edition that waits, checked and noted.

It may be done beside a running service, which then lets the edition out.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from service.countersigning.countersignature import (
    MAX_FILE,
    Countersignature,
    read_all,
    write_all,
)
from service.countersigning.waiting import TAKEN, waiting
from service.keys.published import published_roots
from service.wiring import beside
from store.blobs import FolderBlobs
from store.facts import SqlFacts
from tamizdat import paths
from tamizdat.errors import ConfigError, SigningError
from tamizdat.wire import Root


async def take(folder: Path, files: Sequence[Path]) -> Sequence[Countersignature]:
    """Note the signatures in these files; SigningError where one is not good for what waits."""
    found = [(file, await asyncio.to_thread(_read, file)) for file in files]
    async with beside(folder) as (config, ledger):
        facts, blobs = SqlFacts(ledger), FolderBlobs(folder / config.store.blobs)
        roots = published_roots(folder / config.signing.keys)
        root = Root.parse(roots[-1].body, paths.root(len(roots)))
        one = await waiting(facts, blobs)
        if one is None:
            raise SigningError("no edition waits for signatures")
        for file, made in found:
            made.demand_good(one, root, str(file))
        known = [old for old in read_all(await facts.get(TAKEN) or "") if old.sha256 == one.sha256]
        await facts.set(TAKEN, write_all([*known, *(made for _, made in found)]))
    return [made for _, made in found]


def _read(file: Path) -> Countersignature:
    try:
        with file.open("rb") as stream:
            body = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from error
    return Countersignature.parse(body, str(file))
