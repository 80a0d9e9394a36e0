"""Mail-in: texts that come to the newsroom's secret address become drafts, never more."""

import asyncio
import logging
import os
import secrets
from base64 import b32encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from feeds.incoming import Arrival
from feeds.sources import letter
from gateway.dropbox import DropBox
from gateway.inbox import Limits, receiving
from service.door import door
from service.newsroom import Newsroom
from service.post.certified import certified
from service.stories.importing import bring_in
from service.stories.settings import MailSettings
from tamizdat.errors import ConfigError, LedgerError, SourceError

LIMITS = Limits(letter_bytes=32 * 1024 * 1024, connections=20)
LEAST, MOST = 16, 64
"""Letters of the secret part."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def taking_mail(
    room: Newsroom, settings: MailSettings, told: Callable[[], None]
) -> AsyncIterator[int]:
    """Take letters in until the block ends; gives the port. `told` is called when a draft came."""
    secret = await asyncio.to_thread(secret_in, room.folder / settings.secret)

    async def take(body: bytes) -> str:
        answer = await _taken(room, settings, body)
        if answer.startswith("250"):
            told()
        return answer

    box = DropBox(domain=settings.domain, secret=secret, take=take)
    tls = await asyncio.to_thread(certified, settings, room.folder, "import.mail")
    bound = await asyncio.to_thread(door, "import.mail.smtp", settings.smtp)
    async with receiving(box, LIMITS, bound, name=settings.domain, tls=tls) as port:
        yield port


def secret_in(path: Path) -> str:
    """The secret part of the address, from its file."""
    try:
        found = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"import.mail.secret: {path}: cannot be read: `tamizdat import mail` makes it"
        ) from error
    if not LEAST <= len(found) <= MOST or not found.isalnum():
        raise ConfigError(
            f"import.mail.secret: {path}: must be {LEAST} to {MOST} letters or digits"
        )
    return found


def make_secret(path: Path) -> str:
    """A new secret part, kept in a file that only its owner reads; an old address ends with it."""
    found = b32encode(secrets.token_bytes(20)).decode().lower()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{found}\n")
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error
    return found


async def _taken(room: Newsroom, settings: MailSettings, body: bytes) -> str:
    try:
        async with room.writing:
            found = await bring_in(room, _arrivals(body), release=False, language=settings.language)
    except SourceError as error:
        return f"554 5.6.0 This letter {error}"[:200]
    except LedgerError as error:
        log.warning("a letter waits", extra={"kind": type(error).__name__})
        return "451 4.3.1 Try again later"
    if not found.taken:
        reason = found.set_aside[0].reason if found.set_aside else "holds no text"
        return f"554 5.6.0 This letter {reason}".encode("ascii", "replace").decode()[:200]
    return "250 2.0.0 Taken"


def _arrivals(body: bytes) -> Iterator[Arrival]:
    yield from letter.read(body)
