"""Channels: the ways by which an alarm goes out: mail to operators, and a command."""

import asyncio
import hashlib
import re
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
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

    async def tell(self, message: Message) -> str:
        """Hand it over; gives why not in a few words, empty where it went."""
        ...


class Mail:
    """Mail to operators. No address is ever told or logged."""

    name = "mail"

    def __init__(self, settings: AlarmSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder

    async def tell(self, message: Message) -> str:
        """One mail to each operator, so that none learns of the others."""
        people = await asyncio.to_thread(self._people)
        if not people:
            return "alarm.to names a file without an address in it, or none that can be read"
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._one(person, message)) for person in people]
        failed = sum(1 for task in tasks if not task.result())
        return f"{failed} of {len(tasks)} mails were not taken" if failed else ""

    def _people(self) -> Sequence[str]:
        try:
            with (self._folder / (self._settings.to or "")).open("rb") as file:
                text = file.read(MAX_ADDRESSES).decode("ascii")
        except (OSError, UnicodeDecodeError):
            return ()
        return [line.strip() for line in text.splitlines() if "@" in line][:MOST_PEOPLE]

    async def _one(self, person: str, message: Message) -> bool:
        if not _ADDRESS.fullmatch(person):  # a slip in one line keeps no alarm from the others
            return False
        settings, sender = self._settings, self._settings.sender or ""
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


class Command:
    """A command of the operators' own: JSON on its input, exit 0 where it went."""

    name = "command"

    def __init__(self, settings: AlarmSettings, folder: Path) -> None:
        self._words = settings.command
        self._folder = folder

    async def tell(self, message: Message) -> str:
        """Run it in the newsroom's folder; what it says is not kept."""
        try:
            child = await asyncio.create_subprocess_exec(
                *self._words, cwd=self._folder, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL
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
                child.kill()
                await child.wait()
        return f"the command ended with {child.returncode}" if child.returncode else ""


def channels(settings: AlarmSettings, folder: Path) -> Sequence[Channel]:
    """The ways that the config names."""
    found: list[Channel] = []
    if settings.command:
        found.append(Command(settings, folder))
    if settings.to:
        found.append(Mail(settings, folder))
    return found


def _mail(message_id: str, sender: str, person: str, message: Message) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, person
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail.as_bytes()
