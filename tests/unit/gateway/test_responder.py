"""Readers who ask by mail: people are understood, robots and forgers get no answer."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count

import pytest

from gateway.responder.limiter import Limiter, Limits
from gateway.responder.request import (
    Request,
    Unanswered,
    Wish,
    asked,
    is_readable,
    plain_word,
    written_to,
)

READER = "reader@mail.example"
WORDS: Mapping[str, tuple[Wish, str | None]] = {
    "help": (Wish.HELP, "en"),
    "mirrors": (Wish.MIRRORS, "en"),
    "latest": (Wish.LATEST, "en"),
    "bundle": (Wish.BUNDLE, "en"),
    plain_word("آینه‌ها"): (Wish.MIRRORS, "fa"),
    "зеркала": (Wish.MIRRORS, "ru"),
}
LANGUAGES = ("en", "fa", "ru", "zh-Hans")
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def mail(subject: str = "", text: str = "", sender: str = READER, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = sender
    made["Subject"] = subject
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def parsed(*headers: str) -> EmailMessage:
    """A mail as it comes in, whatever its headers are."""
    body = "\r\n".join((*headers, "", "help"))
    return message_from_bytes(body.encode(), policy=default)


def read(made: EmailMessage, envelope: str = READER) -> Request | Unanswered:
    return asked(made, envelope, ["paper.example"], WORDS, LANGUAGES)


@pytest.mark.parametrize(
    ("subject", "text", "wish", "language", "most"),
    [
        ("mirrors", "", Wish.MIRRORS, "en", None),
        ("", "mirrors", Wish.MIRRORS, "en", None),
        ("", "MIRRORS fa", Wish.MIRRORS, "fa", None),
        ("Re: latest ru", "", Wish.LATEST, "ru", None),
        ("AW: Re: bundle 500", "", Wish.BUNDLE, "en", 500_000),
        ("bundle fa 5", "", Wish.BUNDLE, "fa", 50_000),
        ("bundle 999999", "", Wish.BUNDLE, "en", 18_000_000),
        ("", "> mirrors\n> latest\n\nbundle, please", Wish.BUNDLE, "en", None),
        ("зеркала", "", Wish.MIRRORS, "ru", None),
        ("", "آینه‌ها", Wish.MIRRORS, "fa", None),
        ("", "آينهها", Wish.MIRRORS, "fa", None),
        ("", "bundle ۳۰۰", Wish.BUNDLE, "en", 300_000),
        ("latest ZH-HANS", "", Wish.LATEST, "zh-Hans", None),
        ("", "", Wish.HELP, None, None),
        ("hello", "good morning", Wish.HELP, None, None),
        ("hello", "good morning\nlatest", Wish.LATEST, "en", None),
        ("bundle 99999999999999", "", Wish.BUNDLE, "en", None),
    ],
)
def test_a_wish_is_found_where_people_write_it(
    subject: str, text: str, wish: Wish, language: str | None, most: int | None
) -> None:
    found = read(mail(subject, text))

    assert found == Request(sender=READER, wish=wish, language=language, most=most)


def test_a_page_of_html_is_read_as_well() -> None:
    made = mail()
    made.set_content("<html><body><p>mirrors fa</p></body></html>", subtype="html")

    found = read(made)

    assert found == Request(sender=READER, wish=Wish.MIRRORS, language="fa")


def test_a_text_in_no_charset_is_no_wish() -> None:
    made = mail()
    made.replace_header("Content-Type", 'text/plain; charset="no-such"')

    assert read(made) == Request(sender=READER, wish=Wish.HELP)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "Bulk"},
        {"Precedence": "list"},
        {"List_Id": "<a.example>"},
        {"List_Unsubscribe": "<mailto:a@b.example>"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
    ],
)
def test_what_a_robot_sends_gets_no_answer(headers: dict[str, str]) -> None:
    assert read(mail("help", **headers)) == Unanswered(reason="automatic")


@pytest.mark.parametrize(
    "sender",
    ["MAILER-DAEMON", "postmaster", "no-reply", "noreply", "donotreply", "bounce-7", "bounces+x=y"],
)
def test_a_robots_address_gets_no_answer(sender: str) -> None:
    assert read(mail("help", sender=f"{sender}@mail.example")) == Unanswered(reason="automatic")


@pytest.mark.parametrize("envelope", ["", "<>"])
def test_a_bounce_gets_no_answer(envelope: str) -> None:
    assert read(mail("help"), envelope) == Unanswered(reason="automatic")


def test_a_report_of_delivery_gets_no_answer() -> None:
    made = mail("help")
    made.replace_header("Content-Type", "multipart/report; boundary=x")

    assert read(made) == Unanswered(reason="automatic")


@pytest.mark.parametrize("domain", ["paper.example", "PAPER.example", "mail.paper.example"])
def test_we_do_not_answer_ourselves(domain: str) -> None:
    assert read(mail("help", sender=f"a@{domain}")) == Unanswered(reason="our own")


@pytest.mark.parametrize(
    "sender",
    [
        f"{READER}, other@mail.example",
        "nobody",
        "a@localhost",
        "<a b>@mail.example",
        "a@b@c.example",
    ],
)
def test_who_cannot_be_answered_is_not(sender: str) -> None:
    assert read(parsed(f"From: {sender}")) == Unanswered(reason="no one sender")


def test_two_senders_are_not_one() -> None:
    made = parsed(f"From: {READER}", "From: other@mail.example")

    assert read(made) == Unanswered(reason="no one sender")


def test_another_address_to_reply_to_is_not_believed() -> None:
    found = read(mail("help", Reply_To="victim@elsewhere.example"))

    assert isinstance(found, Request)
    assert found.sender == READER


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("<a@b.example>", "<a@b.example>"),
        ("a b", None),
        ("<a\tb>", None),
        ("<" + "a" * 999 + ">", None),
    ],
)
def test_a_message_id_is_kept_for_the_answer_where_it_is_one(told: str, kept: str | None) -> None:
    found = read(parsed(f"From: {READER}", f"Message-ID: {told}"))

    assert isinstance(found, Request)
    assert found.message == kept


def test_an_asker_is_answered_three_times_a_day() -> None:
    limiter = Limiter(Limits())

    today = [limiter.allows("mail a", "b.example", NOON) for _ in range(5)]
    tomorrow = limiter.allows("mail a", "b.example", NOON + timedelta(days=1))

    assert today == [True, True, True, False, False]
    assert tomorrow


def test_a_domain_and_all_together_have_limits() -> None:
    limiter = Limiter(Limits(domain=2, total=3))

    askers = [("a", "x"), ("b", "x"), ("c", "x"), ("d", "y"), ("e", "z")]
    told = [limiter.allows(who, where, NOON) for who, where in askers]

    assert told == [True, True, False, True, False]


def test_a_domain_that_anybody_may_own_takes_little_of_what_all_have() -> None:
    limiter = Limiter(Limits(domain=3, other=1))

    owned = [limiter.allows(who, "mine.example", NOON, known=False) for who in ("a", "b")]
    known = [limiter.allows(who, "big.example", NOON) for who in ("a", "b", "c", "d")]

    assert owned == [True, False]
    assert known == [True, True, True, False]


def test_with_too_many_askers_only_those_who_are_known_are_answered() -> None:
    limiter = Limiter(Limits(remembered=4))

    told = [limiter.allows(who, "x", NOON) for who in ("a", "b", "c", "d", "a")]

    assert told == [True, True, True, False, True]


def test_what_is_kept_cannot_be_found_by_trying_addresses() -> None:
    keys = count()
    limiter = Limiter(Limits(), lambda size: next(keys).to_bytes(size, "big"))

    limiter.allows(READER, "mail.example", NOON)
    first = set(limiter._askers)
    limiter.allows(READER, "mail.example", NOON + timedelta(days=1))

    assert {len(mark) for mark in first} == {8}
    assert not first & set(limiter._askers)
    assert READER not in repr(vars(limiter))


@pytest.mark.parametrize(
    "name", ["Subject", "To", "Cc", "Message-ID", "Precedence", "auto-submitted"]
)
def test_a_field_that_would_take_long_to_read_is_not_read(name: str) -> None:
    made = parsed(f"From: {READER}", f"{name}: {'a@b,' * 1000}")

    assert read(made) == Unanswered(reason="long")


@pytest.mark.parametrize(
    ("body", "readable"),
    [
        (b"Content-Type: a\r\n\r\n--a\r\nCONTENT-type: x;\r\n\ty=z\r\n\r\nhelp\r\n", True),
        (b"From: a\r\n\r\n--a\r\nCONTENT-type: " + b"x;\r\n\ty=z" * 300 + b"\r\n\r\n", False),
        (b"From: a\r\n\r\n" + b"--a\r\n" * 300, False),
        (b"From: a\r\n\r\nbare\nline", False),
        (b"From: a\r\n\r\nbare\rline", False),
        (b"", True),
    ],
)
def test_what_would_take_long_to_read_is_known_before(body: bytes, *, readable: bool) -> None:
    assert is_readable(body) is readable


def test_a_mail_that_goes_in_circles_gets_no_answer() -> None:
    hops = ["Received: by here"] * 31

    assert read(parsed(f"From: {READER}", *hops)) == Unanswered(reason="goes in circles")
    assert isinstance(read(parsed(f"From: {READER}", *hops[:30])), Request)


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        (["To: News <NEWS@paper.example>"], "to"),
        (["To: a@b.example, news@paper.example"], "to"),
        (["To: a@b.example", "Cc: news@paper.example"], "cc"),
        (["To: news@other.example"], None),
        ([], None),
    ],
)
def test_it_is_known_which_field_names_us(headers: list[str], field: str | None) -> None:
    assert written_to(parsed(*headers), "news@paper.example") == field


def test_a_mail_of_a_picture_alone_asks_for_help() -> None:
    made = EmailMessage()
    made["From"] = READER
    made.set_content(b"png", maintype="image", subtype="png")

    found = read(made)

    assert isinstance(found, Request)
    assert (found.wish, found.domain) == (Wish.HELP, "mail.example")
