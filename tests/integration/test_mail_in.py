"""Texts by mail: to one secret address, as drafts, and nothing of who sent them stays."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiosmtplib
import pytest

from service.newsroom import Newsroom
from service.post.mail_in import make_secret, secret_in, taking_mail
from service.stories.settings import MailSettings
from tamizdat.errors import ConfigError
from tests.integration.test_gateway_tls import certificate
from tests.kit.seeker import hits, needles, tree
from tests.kit.unsigned import drafts, unsigned
from tests.unit.feeds.test_in_letter import SENDER, attach, message

MAIL = MailSettings(domain="paper.example", smtp="127.0.0.1:0")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with unsigned(tmp_path / "room") as made:
        make_secret(made.folder / MAIL.secret)
        yield made


async def send(port: int, body: bytes, *to: str) -> str:
    """What the newsroom answers to a letter."""
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, timeout=60) as client:
        try:
            _, said = await client.sendmail(SENDER, list(to), body)
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused) as error:
            return str(error)
    return said


async def test_a_text_by_mail_becomes_a_draft_and_nothing_more(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = asyncio.Event()
    secret = secret_in(room.folder / MAIL.secret)

    async with taking_mail(room, MAIL, told.set) as port:
        first = await send(port, message().as_bytes(), f"{secret.upper()}@paper.example")
        again = await send(port, message().as_bytes(), f"{secret}@paper.example")

    assert (first, again) == ("2.0.0 Taken", "2.0.0 Taken")
    assert told.is_set()
    assert [one.title for one in await drafts(room)] == ["The ferry"]
    assert await room.ledgers.articles.texts() == []
    planted = needles(SENDER, "Zofia Planted", "zofias-laptop", "203.0.113.77")
    assert hits({**tree(room.folder), "log": caplog.text.encode()}, planted) == []
    assert secret not in caplog.text


async def test_it_comes_in_over_tls_where_the_newsroom_has_a_certificate(room: Newsroom) -> None:
    cert, key = certificate(room.folder)
    secret = secret_in(room.folder / MAIL.secret)
    settings = MAIL.model_copy(update={"certificate": cert.name, "key": key.name})
    trust = ssl.create_default_context(cafile=str(cert))

    async with taking_mail(room, settings, lambda: None) as port:
        client = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=port, timeout=60, start_tls=True, tls_context=trust
        )
        async with client:
            _, said = await client.sendmail(
                SENDER, [f"{secret}@paper.example"], message().as_bytes()
            )
        with pytest.raises(
            ssl.SSLCertVerificationError
        ):  # it is offered, and nobody vouches for it
            await send(port, message().as_bytes(), f"{secret}@paper.example")

    assert said == "2.0.0 Taken"
    assert [one.title for one in await drafts(room)] == ["The ferry"]


async def test_a_certificate_that_cannot_be_used_is_told(room: Newsroom) -> None:
    settings = MAIL.model_copy(update={"certificate": "no.pem", "key": "no.key"})

    with pytest.raises(ConfigError, match=r"import\.mail\.certificate: .*no\.pem"):
        async with taking_mail(room, settings, lambda: None):
            raise AssertionError("it listens without its certificate")


def test_a_certificate_without_its_key_is_refused() -> None:
    with pytest.raises(ValueError, match="go together"):
        MailSettings(domain="paper.example", certificate="mail.pem")


@pytest.mark.parametrize("to", ["editor@paper.example", "s@paper.example", "a@other.example"])
async def test_nobody_else_has_an_address_here(room: Newsroom, to: str) -> None:
    async with taking_mail(room, MAIL, lambda: None) as port:
        said = await send(port, message().as_bytes(), to)

    assert "550" in said
    assert await drafts(room) == []


async def test_the_secret_at_another_domain_is_unknown(room: Newsroom) -> None:
    secret = secret_in(room.folder / MAIL.secret)

    async with taking_mail(room, MAIL, lambda: None) as port:
        said = await send(port, message().as_bytes(), f"{secret}@other.example")

    assert "550" in said


async def test_what_cannot_be_taken_is_answered_with_why(room: Newsroom) -> None:
    secret = secret_in(room.folder / MAIL.secret)
    made = attach(message(), "a.pdf", b"%PDF-1.7")

    async with taking_mail(room, MAIL, lambda: None) as port:
        said = await send(port, made.as_bytes(), f"{secret}@paper.example")

    assert "554" in said
    assert "PDF" in said


def test_a_new_secret_ends_the_old_one_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "mail-in"

    first, second = make_secret(path), make_secret(path)

    assert first != second == secret_in(path)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "short", "with a space in the middle", "ü" * 20])
def test_a_secret_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "s").write_text(text)

    with pytest.raises(ConfigError, match=r"import\.mail\.secret"):
        secret_in(tmp_path / "s")
