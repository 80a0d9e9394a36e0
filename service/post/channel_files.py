"""Channel files: the newest articles as files in the messenger's channel.

A file holds many articles, so it is taken out whenever one of them was withdrawn or corrected, or
a name was taken out of bylines: the next batch brings it anew.
"""

import asyncio
import logging

from service.newsroom import Newsroom
from service.post.taking_out import numbers, owe
from service.stories.gone import GONE
from tamizdat.digest import digest
from tamizdat.letter import Reply
from tamizdat.messenger import Attachment, Messenger, Post
from tamizdat.wire import BundleRef

FILED = "messenger file"
STAND = "messenger files that stand"
"""As `12:fa`; one without a language was noted before languages were."""

BEGUN = "messenger file begun"
WITHOUT = "messenger files are without"
PERHAPS = "a file may stand in the channel: look there"

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
        wanted = ref.kind == settings.file and settings.language in {None, ref.language}
        if wanted and await room.ledgers.facts.get(_filed(ref.language)) != ref.sha256:
            await _post(room, messenger, ref, edition.number)


async def owe_files(room: Newsroom, language: str | None = None) -> None:
    """Files that stand are to go, those of one language or all: the next batch brings them anew."""
    facts = room.ledgers.facts
    stand = [one.partition(":") for one in await numbers(facts, STAND)]
    gone = [(number, tag) for number, _, tag in stand if not tag or language in {None, tag}]
    if not gone:
        return
    await owe(facts, [number for number, _ in gone])
    left = [f"{number}:{tag}" for number, _, tag in stand if (number, tag) not in gone]
    await facts.set(STAND, " ".join(left))
    for tag in {tag for _, tag in gone}:
        await facts.set(_filed(tag), "")


async def heed_gone(room: Newsroom) -> None:
    """Let go of files that hold something that was withdrawn by now; tell of one that may stand."""
    facts = room.ledgers.facts
    perhaps = await facts.get(BEGUN)
    if perhaps:  # a kill came between
        log.error(PERHAPS, extra={"file": perhaps})
        await facts.set(BEGUN, "")
    withdrawn = sorted(one.id for one in await room.ledgers.articles.withdrawn())
    gone = digest("\n".join([*withdrawn, await facts.get(GONE) or ""]).encode())
    if await facts.get(WITHOUT) != gone:
        await owe_files(room)
        await facts.set(WITHOUT, gone)


async def _post(room: Newsroom, messenger: Messenger, ref: BundleRef, edition: int) -> None:
    facts = room.ledgers.facts
    name = f"{ref.language}-{edition}.{ref.extension}"
    body = await asyncio.to_thread(room.blobs.read, ref.sha256)
    kind = "application/zip" if ref.extension == "zip" else "text/html"
    file = Attachment(name=name, media_type=kind, body=body)
    await facts.set(_filed(ref.language), ref.sha256)
    await facts.set(BEGUN, name)
    posted = await messenger.post(Post(text=room.config.newsroom.name, file=file))
    if posted.id:
        stand = await numbers(facts, STAND)
        await facts.set(STAND, " ".join([*stand, f"{posted.id}:{ref.language}"]))
    elif posted.reply is Reply.UNSURE:
        log.error(PERHAPS, extra={"file": name})
    await facts.set(BEGUN, "")


def _filed(language: str) -> str:
    return f"{FILED} {language}"
