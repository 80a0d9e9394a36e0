"""A post house: `tamizdat gateway host` as a process of its own, and letters to it by smtplib."""

import json
import signal
import smtplib
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from threading import Timer
from typing import Any

from tests.kit.program import Program, inside
from tests.kit.strangers import HOST, free_port

DOMAIN = "gate.example"
SENDER = "reader.of.tehran@planted.example"
PATIENCE = 30.0

POST = """
[post]
domain = "{domain}"
smtp = "{host}:{smtp}"
http = "{host}:{http}"
"""


@dataclass
class Host:
    """A host that runs. `said` is its one line, `stopped` how many seconds it took to end."""

    process: subprocess.Popen[str]
    said: Mapping[str, Any]
    out: str = ""
    code: int | None = None
    stopped: float = 0.0

    @property
    def smtp(self) -> int:
        return int(self.said["smtp"])

    def stop(self) -> None:
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        out, err = self._ended()
        self.stopped = time.monotonic() - began
        self.out, self.code = out + err, self.process.returncode

    def _ended(self) -> tuple[str, str]:
        try:
            return self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            _, err = self.process.communicate(timeout=PATIENCE)
            raise AssertionError(f"it does not stop; it is here:\n{err}") from None


def founded(folder: Path, more: str = "") -> Path:
    """A newsroom that hosts a gateway on loopback."""
    room = folder / "room"
    assert inside("init", room, "--json").code == 0
    with_post(room, more)
    return room


def with_post(room: Path, more: str = "") -> None:
    """Add a `[post]` block to its config."""
    block = POST.format(domain=DOMAIN, host=HOST, smtp=free_port(), http=free_port())
    with (room / "tamizdat.toml").open("a", encoding="utf-8") as config:
        config.write(block + more)


@contextmanager
def hosting(room: Path, noun: str = "gateway") -> Iterator[Host]:
    """The host of `room`, until the block ends; `noun` says of what."""
    program = Program(room.parent)
    with subprocess.Popen(
        program._command(("-C", room, noun, "host", "--json")),
        env=program.environment | {"PYTHONFAULTHANDLER": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        late = Timer(PATIENCE, process.kill)
        late.start()
        assert process.stdout is not None
        line = process.stdout.readline()
        late.cancel()
        host = Host(process, json.loads(line))
        try:
            yield host
        finally:
            if host.code is None and process.poll() is None:
                host.stop()


def opened(room: Path, *options: str) -> Mapping[str, Any]:
    """A mailbox opened by the verb; gives what it told."""
    answer = inside("-C", room, "gateway", "open", "The Heron, by mail", *options, "--json")
    assert answer.code == 0, answer.err
    told: Mapping[str, Any] = answer.json
    return told


def mail(number: int = 1, **headers: str) -> bytes:
    """A letter as a mail program writes it, with all that we do not want to know."""
    message = EmailMessage()
    message["Received"] = "from planted-host ([198.51.100.77]) by relay.example"
    message["From"] = f"A Reader <{SENDER}>"
    message["Reply-To"] = SENDER
    message["Return-Path"] = f"<{SENDER}>"
    message["X-Originating-IP"] = "[198.51.100.77]"
    message["User-Agent"] = "planted-mailer 7.1"
    message["Subject"] = f"letter {number}"
    message["Message-ID"] = f"<{number}@planted.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(f"unmistakable words {number}")
    return message.as_bytes(policy=SMTP)


def post(port: int, to: str, body: bytes, sender: str = SENDER) -> int:
    """The code that a letter gets at its end."""
    with smtplib.SMTP(HOST, port, local_hostname="planted-host", timeout=PATIENCE) as client:
        client.ehlo()
        for code, _ in (client.mail(sender), client.rcpt(to)):
            if code >= 400:
                return code
        return client.data(body)[0]


def get(url: str, **headers: str) -> tuple[int, bytes, str]:
    """What a feed reader gets: status, body, ETag."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, headers=named)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return answer.status, answer.read(), str(answer.headers["ETag"])
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), str(error.headers["ETag"])


def everything_below(folder: Path) -> bytes:
    """Names and bytes of all files."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"\n".join(str(path).encode() + b"\n" + path.read_bytes() for path in files)


def in_time(true: Callable[[], bool]) -> bool:
    """Whether it comes true while we look."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False
