"""Own keys: a pair by which our answers are signed, and the records that tell it to the world.

RSA for everybody, Ed25519 beside it for those who read it. Each pair bears the day on which it was
made, and its selectors do too.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from gateway.responder import spelling

BITS = 2048
LEAD = timedelta(days=2)
"""A new pair is used after so long: DNS everywhere then knows it."""

MAIL_LIVES = timedelta(days=14)
"""How long after its last use a pair may be needed to check mail that is under way."""

SIGNED = (
    b"from from to subject date message-id in-reply-to references auto-submitted mime-version"
    b" content-type content-transfer-encoding content-language"
).split()
"""Fields that are signed, `From` once more than it is there: then none can be added."""

_STRING = 255
_WIDTH = 72
_PEM = re.compile(rb"-----BEGIN PRIVATE KEY-----.+?-----END PRIVATE KEY-----", re.DOTALL)
_LABEL = re.compile(r"[0-9]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two keys and the day on which they were made, as `20261126`."""

    label: str
    rsa: RSAPrivateKey
    ed25519: Ed25519PrivateKey

    @classmethod
    def made(cls, on: date) -> Self:
        """A new pair."""
        rsa = generate_private_key(public_exponent=65537, key_size=BITS)
        return cls(label=f"{on:%Y%m%d}", rsa=rsa, ed25519=Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, label: str, pem: bytes) -> Self:
        """The pair in a file; ValueError where it holds none."""
        keys = [load_pem_private_key(one, None) for one in _PEM.findall(pem)]
        rsa = [one for one in keys if isinstance(one, RSAPrivateKey)]
        small = [one for one in keys if isinstance(one, Ed25519PrivateKey)]
        if not _LABEL.fullmatch(label) or len(rsa) != 1 or len(small) != 1:
            raise ValueError("must hold one RSA key and one Ed25519 key, and be called by its day")
        return cls(label=label, rsa=rsa[0], ed25519=small[0])

    @property
    def day(self) -> date:
        """When it was made."""
        return datetime.strptime(self.label, "%Y%m%d").date()  # noqa: DTZ007 - a day

    def pem(self) -> bytes:
        """Both private halves."""
        options = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self.rsa.private_bytes(*options) + self.ed25519.private_bytes(*options)

    def records(self, domain: str) -> dict[str, str]:
        """What DNS must tell, by name."""
        spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        rsa = base64.b64encode(self.rsa.public_key().public_bytes(*spki)).decode()
        raw = self.ed25519.public_key().public_bytes_raw()
        small = base64.b64encode(raw).decode()
        return {
            f"{self.label}r._domainkey.{domain}": f"v=DKIM1; k=rsa; p={rsa}",
            f"{self.label}e._domainkey.{domain}": f"v=DKIM1; k=ed25519; p={small}",
        }

    def signed(self, mail: bytes, domain: str) -> bytes:
        """The mail with both signatures before it. ValueError where its head is none."""
        parts = spelling.parted(mail)
        if parts is None:
            raise ValueError("a mail of ours has no head")
        body_hash = hashlib.sha256(spelling.body(parts.body, "simple")).digest()
        names = [one for one in SIGNED if parts.named(one)]
        fields = {one: spelling.field(parts.named(one)[0].raw, "relaxed") for one in names}
        covered = b"".join(one + b"\r\n" for one in fields.values())
        return (
            b"".join(
                self._field(algorithm, domain, names, body_hash, covered)
                for algorithm in ("rsa-sha256", "ed25519-sha256")
            )
            + mail
        )

    def _field(
        self, algorithm: str, domain: str, names: list[bytes], body_hash: bytes, covered: bytes
    ) -> bytes:
        selector = f"{self.label}{'r' if algorithm == 'rsa-sha256' else 'e'}"
        bare = (
            f"DKIM-Signature: v=1; a={algorithm}; c=relaxed/simple; d={domain};\r\n"
            f" s={selector};\r\n"
            f" h={_folded(b':'.join(names).decode(), ':')};\r\n"
            f" bh={base64.b64encode(body_hash).decode()};\r\n b="
        ).encode("ascii")
        text = covered + spelling.field(bare, "relaxed")
        if algorithm == "rsa-sha256":
            value = self.rsa.sign(text, PKCS1v15(), SHA256())
        else:
            value = self.ed25519.sign(hashlib.sha256(text).digest())
        spelled = base64.b64encode(value).decode()
        lines = [spelled[at : at + _WIDTH] for at in range(0, len(spelled), _WIDTH)]
        return bare + "\r\n ".join(lines).encode("ascii") + b"\r\n"


def in_use(pairs: list[Pair], today: date) -> Pair | None:
    """The pair that signs today: the newest that DNS knows by now, else the oldest there is."""
    ordered = sorted(pairs, key=lambda one: one.label)
    known = [one for one in ordered if today - one.day >= LEAD]
    return known[-1] if known else ordered[0] if ordered else None


def done_with(pairs: list[Pair], today: date) -> list[Pair]:
    """Pairs by which nothing was signed for so long that no mail of theirs is under way."""
    ordered = sorted(pairs, key=lambda one: one.label)
    return [old for old, new in pairwise(ordered) if today - new.day >= LEAD + MAIL_LIVES]


def zone_line(name: str, text: str) -> str:
    """A record as a zone file has it: strings of at most 255 characters."""
    pieces = [f'"{text[at : at + _STRING]}"' for at in range(0, len(text), _STRING)]
    return f"{name}. IN TXT ( {' '.join(pieces)} )"


def _folded(text: str, at: str) -> str:
    pieces, line, lines = text.split(at), "", []
    for piece in pieces:
        if len(line) + len(piece) > _WIDTH - 8:
            lines.append(line)
            line = ""
        line += piece + at
    return "\r\n  ".join([*lines, line.removesuffix(at)])
