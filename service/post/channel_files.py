"""Channel files: the newest articles as files in the messenger's channel.

A file holds many articles, so it is taken out whenever one of them was withdrawn, or a name was
taken out of bylines: the next batch brings it anew.
"""

import asyncio
import logging

from service.newsroom import Newsroom
from service.stories.gone import GONE
from tamizdat.digest import digest
from tamizdat.letter import Reply
from tamizdat.messenger import Attachment, Messenger, Post

FILED = "messenger file"
STAND = "messenger files that stand"
OWED = "messenger files to take out"
WITHOUT = "messenger files are without"
MOST = 10
"""Files that are taken out in one turn: services allow some twenty requests a minute."""

log = logging.getLogger(__name__)


async def post_files(room: Newsroom, messenger: Messenger) -> None:
    """The newest articles in one file, once for each language and bundle.

    Nothing where something waits for the next edition: the bundle may hold what was withdrawn.
    """
    settings, edition = room.config.messenger, await room.ledgers.editions.newest()
    if settings is None or settings.file == "none" or edition is None:
        return
    if await room.ledgers.articles.changed():
        return
    for ref in edition.manifest.bundles:
        fact = f"{FILED} {ref.language}"
        wanted = ref.kind == settings.file and settings.language in {None, ref.language}
        if not wanted or await room.ledgers.facts.get(fact) == ref.sha256:
            continue
        await room.ledgers.facts.set(fact, ref.sha256)
        body = await asyncio.to_thread(room.blobs.read, ref.sha256)
        kind = "application/zip" if ref.extension == "zip" else "text/html"
        name = f"{ref.language}-{edition.number}.{ref.extension}"
        file = Attachment(name=name, media_type=kind, body=body)
        posted = await messenger.post(Post(text=room.config.newsroom.name, file=file))
        if posted.id:
            stand = await _numbers(room, STAND)
            await room.ledgers.facts.set(STAND, " ".join([*stand, posted.id]))
        elif posted.reply is Reply.UNSURE:
            log.error("a file may stand in the channel: look there", extra={"file": name})


async def take_files_out(room: Newsroom, messenger: Messenger) -> None:
    """Take out what held something that is gone by now; what cannot be is for a person."""
    withdrawn = sorted(one.id for one in await room.ledgers.articles.withdrawn())
    names = await room.ledgers.facts.get(GONE) or ""
    gone = digest("\n".join([*withdrawn, names]).encode())
    owed = await _numbers(room, OWED)
    if await room.ledgers.facts.get(WITHOUT) != gone:
        owed = list(dict.fromkeys([*owed, *await _numbers(room, STAND)]))
        await room.ledgers.facts.set(OWED, " ".join(owed))
        await room.ledgers.facts.set(STAND, "")
        await room.ledgers.facts.set(WITHOUT, gone)
    if not owed:
        return
    newest = owed[::-1]
    stays = newest[MOST:]
    for number in newest[:MOST]:
        done = await messenger.delete(number)
        if done.reply in {Reply.LATER, Reply.UNSURE}:
            stays.append(number)
        elif done.reply is not Reply.TAKEN:
            log.error("a withdrawn file stays: delete it by hand", extra={"why": done.detail})
    await room.ledgers.facts.set(OWED, " ".join(sorted(stays, key=int)))


async def _numbers(room: Newsroom, fact: str) -> list[str]:
    return (await room.ledgers.facts.get(fact) or "").split()
