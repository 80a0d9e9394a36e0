"""What is said in the log tells what it is about, on one line."""

import logging

from service.running.saying import Line


def test_what_came_with_a_message_stands_behind_it_on_one_line() -> None:
    about = {"why": "the disk\nis full\x1b[2J", "kind": "LedgerError"}
    record = logging.makeLogRecord({"msg": "no edition of %s", "args": ("today",), **about})

    line = Line().format(record)

    assert line == "no edition of today (kind=LedgerError, why=the disk is full [2J)"


def test_a_message_alone_stays_as_it_is() -> None:
    assert Line().format(logging.makeLogRecord({"msg": "no board"})) == "no board"
