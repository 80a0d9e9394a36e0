"""Alarms: by mail and by a command, once, again daily, tried again, and naming no secret mirror."""

import asyncio
import fcntl
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP as POLICY
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.alarms.channels import Command, channels
from service.alarms.message import message, trial
from service.alarms.settings import AlarmSettings
from service.alarms.sounding import QUIET, REMINDER, Told, is_due, siren_of
from service.config import parse
from service.wiring import opened
from tamizdat.errors import ConfigError
from tamizdat.placement import Exposure
from tests.kit.desk.board import NOW
from tests.kit.desk.thefts import KEY, theft
from tests.kit.press import Press
from tests.kit.program import inside

HOST = "127.0.0.1"
ALARM = message("The Heron", [theft(1, "e/41/manifest.json", "aster", "dune")], 1, {"aster"}, NOW)


@dataclass
class Postbox:
    """A mail server that takes everything, or nothing."""

    closed: bool = False
    letters: list[tuple[str, Any]] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.closed:
            return "451 4.3.0 Not now"
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=POLICY)
        self.letters += [(to, letter) for to in envelope.rcpt_tos]
        return "250 Taken"


@asynccontextmanager
async def posted(box: Postbox) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname=HOST, loop=loop), HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


ANNA, BORIS = "anna@one.example", "boris@two.example"


def mails(port: int, folder: Path, *people: str) -> AlarmSettings:
    (folder / "people").write_text("\n".join(people) + "\n")
    return AlarmSettings(
        to="people", host=HOST, port=port, tls="none", sender="alarm@paper.example"
    )


async def told(settings: AlarmSettings, folder: Path) -> list[str]:
    """What came of each way."""
    return [await way.tell(ALARM) for way in channels(settings, folder)]


def hook(body: str) -> AlarmSettings:
    return AlarmSettings(command=(sys.executable, "-c", f"import sys\n{body}"))


async def test_each_operator_gets_a_mail_of_their_own(tmp_path: Path) -> None:
    box = Postbox()

    async with posted(box) as port:
        faults = await told(mails(port, tmp_path, ANNA, BORIS), tmp_path)

    assert faults == ["", ""]
    assert sorted(to for to, _ in box.letters) == ["anna@one.example", "boris@two.example"]
    letter = box.letters[0][1]
    text = letter.get_content()
    assert letter["Subject"] == "The Heron: key theft"
    assert "e/41/manifest.json" in text
    assert KEY in text
    assert "When an edition appears that you did not make" in text


async def test_an_address_that_is_none_keeps_no_alarm_from_the_others(tmp_path: Path) -> None:
    box = Postbox()

    async with posted(box) as port:
        faults = await told(mails(port, tmp_path, "carla@", ANNA, "boris@["), tmp_path)

    assert [bool(fault) for fault in faults] == [True, False, True]
    assert "address 3 in alarm.to" in faults[2]
    assert [to for to, _ in box.letters] == [ANNA]


async def test_a_server_that_takes_no_mail_is_told_without_an_address(tmp_path: Path) -> None:
    async with posted(Postbox(closed=True)) as port:
        faults = await told(mails(port, tmp_path, ANNA, BORIS), tmp_path)
    (tmp_path / "people").unlink()

    silent = await told(AlarmSettings(to="people", sender="a@b.example"), tmp_path)

    assert faults == ["the mail was not taken"] * 2
    assert "alarm.to" in silent[0]
    assert "@" not in "".join([*faults, *silent])


async def test_a_command_gets_one_line_of_json(tmp_path: Path) -> None:
    write = "open('heard', 'wb').write(sys.stdin.buffer.read())"

    fault = await Command(hook(write), tmp_path).tell(ALARM)

    (line,) = (tmp_path / "heard").read_bytes().splitlines()
    told = json.loads(line)
    assert fault == ""
    assert (told["alarm"], told["open"]) == ("key theft", 1)
    assert told["thefts"][0]["mirrors"] == ["aster"]
    assert told["thefts"][0]["other_places"] == 1
    assert b"dune" not in line


async def test_a_command_that_fails_hangs_or_is_not_there_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = AlarmSettings(command=("./no-such-program",))

    failed = await Command(hook("sys.exit(3)"), tmp_path).tell(ALARM)
    monkeypatch.setattr("service.alarms.channels.COMMAND_SECONDS", 0.5)
    hung = await Command(hook("import time; time.sleep(60)"), tmp_path).tell(ALARM)
    missing = await Command(gone, tmp_path).tell(ALARM)

    assert failed == "the command ended with 3"
    assert "did not end" in hung
    assert "does not start" in missing


@pytest.mark.parametrize(
    ("told", "opened", "due"),
    [
        (None, [], False),
        (None, [1], True),
        (Told(number=1, at=NOW - timedelta(hours=1)), [1], False),
        (Told(number=1, at=NOW - timedelta(minutes=1)), [1, 2], False),
        (Told(number=1, at=NOW - QUIET), [1, 2], True),
        (Told(number=2, at=NOW - REMINDER), [1], True),
        (Told(number=2, at=NOW - REMINDER), [], False),
        (Told(number=1, at=NOW + 400 * REMINDER), [1, 2], True),  # the clock was set back
    ],
)
def test_an_alarm_goes_out_once_waits_between_two_and_is_repeated_daily(
    told: Told | None, opened: list[int], *, due: bool
) -> None:
    assert is_due(told, opened, NOW) is due


async def test_what_failed_is_tried_again_and_what_went_out_is_not_repeated(
    tmp_path: Path,
) -> None:
    press = await asyncio.to_thread(Press.founded, tmp_path / "room")
    heard = tmp_path / "room" / "heard"
    write = f"open({str(heard)!r}, 'ab').write(sys.stdin.buffer.read())"
    async with opened(press.folder) as room:
        siren = siren_of(room)
        failing = replace(
            siren, config=room.config.model_copy(update={"alarm": hook("sys.exit(1)")})
        )
        working = replace(siren, config=room.config.model_copy(update={"alarm": hook(write)}))
        quiet = await working.sound(NOW)
        await room.ledgers.thefts.keep(theft(0, "latest.json", "amber"))
        failed = await failing.sound(NOW)
        first = await working.sound(NOW)
        second = await working.sound(NOW)

    assert quiet == second == []
    assert [bool(one.fault) for one in (*failed, *first)] == [True, False]
    assert len(heard.read_bytes().splitlines()) == 1


async def test_a_mail_that_fails_for_good_repeats_no_alarm_to_the_others(tmp_path: Path) -> None:
    press = await asyncio.to_thread(Press.founded, tmp_path / "room")
    box = Postbox()
    async with opened(press.folder) as room, posted(box) as port:
        settings = mails(port, press.folder, ANNA, "boris@[")
        siren = replace(siren_of(room), config=room.config.model_copy(update={"alarm": settings}))
        await room.ledgers.thefts.keep(theft(0, "latest.json", "amber"))
        first = await siren.sound(NOW)
        again = await siren.sound(NOW)
        (press.folder / "people").write_text(f"{BORIS}\n{ANNA}\n")
        mended = await siren.sound(NOW)
        spared = await siren.sound(NOW + REMINDER, but={"mail 1"})

    assert [(one.channel, bool(one.fault)) for one in first] == [
        ("mail 1", False),
        ("mail 2", True),
    ]
    assert [one.channel for one in again] == ["mail 2"]
    assert [(one.channel, one.fault) for one in mended] == [("mail 1", "")]
    assert [one.channel for one in spared] == ["mail 2"]
    assert [to for to, _ in box.letters] == [ANNA, BORIS, ANNA]


async def test_what_a_command_started_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.alarms.channels.COMMAND_SECONDS", 2.0)
    lock = "import fcntl, os, time\nfcntl.flock(file := open('kin', 'w'), fcntl.LOCK_EX)"

    # a grandchild holds the lock as long as it lives
    fault = await Command(hook(f"{lock}; os.fork(); time.sleep(60)"), tmp_path).tell(ALARM)

    assert "did not end" in fault
    with (tmp_path / "kin").open() as kin:
        await asyncio.wait_for(asyncio.to_thread(fcntl.flock, kin, fcntl.LOCK_EX), 30)


async def test_a_secret_mirror_is_named_only_where_the_config_says_so(tmp_path: Path) -> None:
    press = await asyncio.to_thread(Press.founded, tmp_path / "room")
    async with opened(press.folder) as room:
        hidden = [replace(one, exposure=Exposure.SECRET) for one in room.mirrors]
        siren = replace(siren_of(room), mirrors=hidden)
        open_hearted = room.config.model_copy(update={"alarm": AlarmSettings(all_mirrors=True)})

        assert siren._named() == set()
        assert replace(siren, config=open_hearted)._named() == {"amber", "birch", "cedar"}


def test_a_test_goes_by_every_way_and_none_at_all_is_refused(tmp_path: Path) -> None:
    press = Press.founded(tmp_path / "room")
    none = press.run("alarm", "test")
    words = json.dumps([sys.executable, "-c", "import sys; sys.exit('\"test\"' not in input())"])
    with (press.folder / "tamizdat.toml").open("a") as config:
        config.write(f"\n[alarm]\ncommand = {words}\n")

    tried = inside("-C", press.folder, "alarm", "test", "--json")

    assert (none.code, tried.code) == (1, 0)
    assert tried.json == [{"by": "command", "went": True, "detail": ""}]
    assert "Nothing is wrong" in trial("The Heron", NOW).text


def test_mail_without_a_sender_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="alarm: mail needs `sender`"):
        parse('[newsroom]\nname = "A"\n[alarm]\nto = "people"\n', "tamizdat.toml")
