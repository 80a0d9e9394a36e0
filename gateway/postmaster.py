"""The postmaster: opens and closes mailboxes."""

import asyncio

from gateway.inbox import Store
from gateway.mailbox import MAX_LABEL, Ids, fresh, hidden, new_ids
from tamizdat.errors import ConfigError


async def open_mailbox(store: Store, title: str, *, keep_all: bool = False) -> Ids:
    """Open a mailbox whose feed bears `title`; the ids are told here and never again."""
    named = " ".join(title.split())
    if not 1 <= len(named) <= MAX_LABEL:
        raise ConfigError(f"a mailbox is named in 1 to {MAX_LABEL} characters, not {len(named)}")
    ids = new_ids()
    label = await asyncio.to_thread(store.blobs.write, named.encode())
    await store.mailboxes.open(fresh(ids, label, store.clock.now(), keep_all=keep_all))
    return ids


async def close_mailbox(store: Store, read: str) -> bool:
    """Close the mailbox with this read id, and delete what lay in it; False where there is none."""
    mailbox = await store.mailboxes.by_read(hidden(read))
    if mailbox is None:
        return False
    await store.mailboxes.close(mailbox.number)
    await sweep(store)
    return True


async def sweep(store: Store) -> int:
    """Delete the bytes that no mailbox needs. No other program may lay any down meanwhile."""
    async with store.keeping:
        wanted = await store.mailboxes.bodies()
        return await asyncio.to_thread(store.blobs.keep_only, wanted)
