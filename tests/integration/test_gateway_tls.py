"""Letters go in over TLS only where the gateway proves its name."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from feeds.cleaner import clean
from gateway.inbox import Inbox, Limits, Store, receiving
from gateway.letter import letter, text_of
from gateway.postmaster import open_mailbox
from gateway.sender import Post, send
from service.door import door
from store.blobs import MemoryBlobs
from store.engine import open_ledger
from store.mailboxes import SqlMailboxes
from tamizdat.letter import GatewayId, Reply
from tests.kit.office import DOMAIN, HOST
from tests.kit.post import SENDER, TurnedClock, article
from tests.unit.gateway.test_letter_check import slip_for


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate for loopback that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gate")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize(("known", "reply"), [(True, Reply.TAKEN), (False, Reply.LATER)])
async def test_only_a_gateway_that_proves_its_name_gets_letters(
    tmp_path: Path, *, known: bool, reply: Reply
) -> None:
    cert, key = certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    trust = ssl.create_default_context(cafile=str(cert)) if known else ssl.create_default_context()
    ledger = await open_ledger(f"sqlite:{tmp_path / 'gateway.db'}")
    boxes, limits = SqlMailboxes(ledger), Limits()
    store = Store(mailboxes=boxes, blobs=MemoryBlobs(), clock=TurnedClock(), clean=clean)
    ids = await open_mailbox(store, "The Heron")
    made = text_of(article(1), pictures=None, ways=())
    inbox = Inbox(DOMAIN, store, limits)

    entry = door("smtp", f"{HOST}:0")
    async with receiving(inbox, limits, entry, name=DOMAIN, tls=server) as port:
        post = Post(
            host=HOST,
            port=port,
            tls="starttls",
            to=f"{ids.write}@{DOMAIN}",
            sender=SENDER.address,
            max_bytes=100_000,
            trust=trust,
        )
        answers = await send(post, [letter(made, slip_for(made), GatewayId("gate"), SENDER)])
    kept = (await boxes.all())[0].count
    await ledger.close()

    assert [one.reply for one in answers] == [reply]
    assert kept == int(known)
