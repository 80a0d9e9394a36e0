"""Channels: the ways by which an alarm goes out: mail to operators, and a command."""

import asyncio
import hashlib
import os
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

from gateway.sender import LETTER_SECONDS, Post, send
from service.alarms.message import Message
from service.alarms.settings import AlarmSettings
from tamizdat.article import ArticleId
from tamizdat.letter import GatewayId, Letter, Reply

COMMAND_SECONDS = 60.0
"""How long the command may take."""

MOST_PEOPLE = 20
MAX_ADDRESSES = 10_000
"""Bytes of the file of addresses."""

MAX_BYTES = 256 * 1024
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_TAKEN = frozenset({Reply.TAKEN, Reply.UNSURE})


class Channel(Protocol):
    """One way out."""

    @property
    def name(self) -> str:
        """What it is called: `mail` or `command`."""
        ...

    @property
    def mark(self) -> str:
        """What the ledger knows it by."""
        ...

    @property
    def person(self) -> int | None:
        """Whose it is, by their number at the desk; None where nobody said."""
        ...

    async def tell(self, message: Message) -> str:
        """Hand it over; gives why not in a few words, empty where it went."""
        ...


class Mail:
    """Mail to one operator, who does not learn of the others. No address is ever told or logged.

    Each is a way of their own: a mail that fails for good repeats no alarm to the others.
    """

    def __init__(self, settings: AlarmSettings, line: int, told: str) -> None:
        self._settings = settings
        self._to, _, number = told.partition(" ")
        self.person = int(number) if re.fullmatch(r"\d{1,8}", number.strip()) else None
        self.name = f"mail {line}"
        self.mark = f"mail {hashlib.sha256(self._to.encode()).hexdigest()[:8]}"

    async def tell(self, message: Message) -> str:
        """One mail; gives why it was not taken."""
        if not _ADDRESS.fullmatch(self._to):
            return f"address {self.name.removeprefix('mail ')} in alarm.to's file is none"
        return "" if await self._send(message) else "the mail was not taken"

    async def _send(self, message: Message) -> bool:
        settings, sender, person = self._settings, self._settings.sender or "", self._to
        post = Post(
            host=settings.host,
            port=settings.port,
            tls=settings.tls,
            to=person,
            sender=sender,
            max_bytes=MAX_BYTES,
        )
        mark = hashlib.sha256(message.json + person.encode()).hexdigest()[:32]
        message_id = f"<{mark}@{sender.rpartition('@')[2]}>"
        letter = Letter(
            gateway=GatewayId("alarm"),
            article=ArticleId("alarm"),
            revision=1,
            message_id=message_id,
            body=_mail(message_id, sender, person, message),
        )
        try:
            async with asyncio.timeout(LETTER_SECONDS):
                (answer,) = await send(post, [letter])
        except TimeoutError:
            return False
        return answer.reply in _TAKEN


class Nobody:
    """Mail that should go out, and no address to send it to."""

    name = mark = "mail"
    person = None

    async def tell(self, _: Message) -> str:
        """Why it does not."""
        return "alarm.to names a file without an address in it, or none that can be read"


class Command:
    """A command of the operators' own: JSON on its input, exit 0 where it went.

    It has a session of its own, and what it started ends with it where it takes too long.
    """

    name = mark = "command"
    person = None

    def __init__(self, settings: AlarmSettings, folder: Path) -> None:
        self._words = settings.command
        self._folder = folder

    async def tell(self, message: Message) -> str:
        """Run it in the newsroom's folder; what it says is not kept."""
        try:
            child = await asyncio.create_subprocess_exec(
                *self._words,
                cwd=self._folder,
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            return f"the command does not start ({error.strerror})"
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                await child.communicate(message.json)
        except TimeoutError:
            return f"the command did not end in {COMMAND_SECONDS:.0f} s"
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                await child.wait()
        return f"the command ended with {child.returncode}" if child.returncode else ""


def channels(settings: AlarmSettings, folder: Path) -> Sequence[Channel]:
    """The ways that the config names. Reads the file of addresses."""
    found: list[Channel] = []
    if settings.command:
        found.append(Command(settings, folder))
    if settings.to:
        people = _people(folder / settings.to)
        found += [Mail(settings, line, person) for line, person in enumerate(people, 1)]
        found += [] if people else [Nobody()]
    return found


def _people(path: Path) -> Sequence[str]:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_ADDRESSES).decode("ascii")
    except (OSError, UnicodeDecodeError):
        return ()
    lines = (line.strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if "@" in line))[:MOST_PEOPLE]


def _mail(message_id: str, sender: str, person: str, message: Message) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, person
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail.as_bytes()
