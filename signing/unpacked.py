"""An unpacked archive: the members of a verified ZIP in a folder, and the ZIP itself beside them.

The ZIP, called `edition.zip`, proves the pages; a list of withdrawals may lie there too.
"""

import asyncio
from datetime import datetime

from signing import account, archive, armor
from signing.archive import HandedOver
from signing.head import WITHDRAWN
from signing.lectern import passing_sealed
from signing.sources import Source
from signing.state import State
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import MAX_FILE
from tamizdat.errors import FormatError
from tamizdat.wire import Withdrawn

ARCHIVE = "edition.zip"
_TRAILER_ROOM = 64 * 1024


async def check_unpacked(
    source: Source, listing: frozenset[str], root_id: str, now: datetime, seen: State
) -> tuple[HandedOver, Withdrawn | None]:
    """The ZIP and the list of withdrawals of a folder that holds its members and nothing else."""
    body = (await source.fetch({ARCHIVE: MAX_FILE + _TRAILER_ROOM})).get(ARCHIVE, b"")
    handed = await asyncio.to_thread(archive.open_file, body, root_id, now, None, ARCHIVE)
    withdrawn, own = await _withdrawn(source, listing, handed, seen)
    stamps = await asyncio.to_thread(
        lambda: {path: account.stamp(one) for path, one in archive.members(handed, ARCHIVE)}
    )
    for path in sorted(listing - stamps.keys() - own - {ARCHIVE}):
        raise FormatError("4.6", path, "is not in the ZIP that lies beside it")
    found = await source.stamps({path: one.length for path, one in stamps.items()})
    for path, stamp in stamps.items():
        if found.get(path) != stamp:
            raise FormatError("7.3", path, "is not as it is in the ZIP that lies beside it")
    if withdrawn:
        gone = {one.id: one.on for one in withdrawn.articles}
        for path in archive.withdrawn_pages(handed, gone, ARCHIVE):
            raise FormatError("5.3", path, "was withdrawn, and is not the notice that says so")
    return handed, withdrawn


async def _withdrawn(
    source: Source, listing: frozenset[str], handed: HandedOver, seen: State
) -> tuple[Withdrawn | None, set[str]]:
    """The list that lies there, and the paths of it and its signature."""
    if WITHDRAWN not in listing:
        return None, set()
    body = (await source.fetch({WITHDRAWN: Withdrawn.limit})).get(WITHDRAWN, b"")
    name = paths.passing_signature(WITHDRAWN, digest(body))
    signature = (await source.fetch({name: armor.MAX_ARMOR})).get(name, b"")
    sealed = passing_sealed(body, signature, name)
    return handed.trust.withdrawn(sealed, None, seen), {WITHDRAWN, name}
