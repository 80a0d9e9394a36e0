"""A signature: what a domain says of a mail that it sent (DKIM, RFC 6376). Pure.

Stricter than the standard: a signature over a part of the body (`l=`) counts as none, since anybody
may write on; so does one by SHA-1.
"""

import hashlib
import hmac
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.responder import spelling
from gateway.responder.domain_key import DomainKey, tags, unpacked
from gateway.responder.spelling import Field, Parts, Way

FIELD = b"dkim-signature"
MAX_LENGTH = 4_000
"""Bytes of a signature's field."""

MOST_NAMED = 100
"""Fields that a signature may name."""

OLDEST = timedelta(days=8)
"""A mail that was signed earlier is not answered: whoever holds an old one could send it again."""

SLOW_CLOCK = timedelta(days=1)
"""How far in the future a signature may be by its signer's clock."""

_ALGORITHMS = frozenset({b"rsa-sha256", b"ed25519-sha256"})
_WAYS: Mapping[bytes, Way] = {b"simple": "simple", b"relaxed": "relaxed"}
_LABEL = rb"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rb"(?=.{1,200}\Z)" + _LABEL + rb"(?:\." + _LABEL + rb")*+")
_DOMAIN = re.compile(rb"(?=.{1,200}\Z)" + _LABEL + rb"(?:\." + _LABEL + rb")++")
_MOMENT = re.compile(rb"[0-9]{1,12}")
_OWN_VALUE = re.compile(rb"((?:^|;)[ \t\r\n]*+b[ \t\r\n]*+=)[^;]*+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature as its field tells it; `raw` is the field."""

    raw: bytes
    algorithm: str
    domain: str
    selector: str
    identity: str
    named: tuple[bytes, ...]
    head: Way
    body: Way
    body_hash: bytes
    value: bytes
    begins: int | None
    ends: int | None

    @property
    def name(self) -> str:
        """Where DNS tells its key."""
        return f"{self.selector}._domainkey.{self.domain}"

    def is_for(self, domain: str) -> bool:
        """Whether it speaks for `domain`: its own, or one below it."""
        return domain == self.domain or domain.endswith(f".{self.domain}")

    def is_timely(self, now: datetime) -> bool:
        """Whether it is neither expired nor old, and not of the future."""
        at = int(now.timestamp())
        begins = at if self.begins is None else self.begins
        late = at - begins > OLDEST.total_seconds()
        early = begins - at > SLOW_CLOCK.total_seconds()
        return not (late or early or (self.ends is not None and self.ends < at))

    def holds(self, mail: Parts, key: DomainKey) -> bool:
        """Whether `key` signed this mail so."""
        if key.algorithm != self.algorithm or (key.strict and self.identity != self.domain):
            return False
        found = hashlib.sha256(spelling.body(mail.body, self.body)).digest()
        if not hmac.compare_digest(found, self.body_hash):
            return False
        return key.verifies(self._said(mail), self.value)

    def _said(self, mail: Parts) -> bytes:
        """The bytes that were signed: fields of one name are taken from the bottom."""
        below: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for one in mail.fields:
            below[one.name].append(one.raw)
        taken = (below[name].pop() for name in self.named if below[name])
        own = self.raw.partition(b":")
        bare = own[0] + b":" + _OWN_VALUE.sub(rb"\1", own[2], count=1)
        return b"\r\n".join(
            [*(spelling.field(one, self.head) for one in taken), spelling.field(bare, self.head)]
        )


def read(field: Field) -> Signature | None:
    """The signature in a field; None where it is none that counts."""
    found = tags(field.value) if len(field.raw) <= MAX_LENGTH else None
    if found is None or b"l" in found or found.get(b"v") != b"1":
        return None
    if found.get(b"a") not in _ALGORITHMS or found.get(b"q", b"dns/txt") != b"dns/txt":
        return None
    domain, selector = found.get(b"d", b"").lower(), found.get(b"s", b"").lower()
    identity = found.get(b"i", b"@" + domain).lower().rpartition(b"@")[2]
    if not _DOMAIN.fullmatch(domain) or not _NAME.fullmatch(selector):
        return None
    if identity != domain and not identity.endswith(b"." + domain):
        return None
    return _filled(field, found, domain, selector, identity)


def _filled(
    field: Field, found: Mapping[bytes, bytes], domain: bytes, selector: bytes, identity: bytes
) -> Signature | None:
    named = tuple(one.strip().lower() for one in found.get(b"h", b"").split(b":"))
    head, _, body = found.get(b"c", b"simple").partition(b"/")
    ways = _WAYS.get(head.strip()), _WAYS.get(body.strip() or b"simple")
    body_hash, value = unpacked(found.get(b"bh", b"")), unpacked(found.get(b"b", b""))
    if b"from" not in named or len(named) > MOST_NAMED or ways[0] is None or ways[1] is None:
        return None
    if not body_hash or not value or not identity.isascii():
        return None
    moments = [found.get(one) for one in (b"t", b"x")]
    if any(one is not None and not _MOMENT.fullmatch(one) for one in moments):
        return None
    return Signature(
        raw=field.raw,
        algorithm=found[b"a"].decode(),
        domain=domain.decode(),
        selector=selector.decode(),
        identity=identity.decode(),
        named=named,
        head=ways[0],
        body=ways[1],
        body_hash=body_hash,
        value=value,
        begins=None if moments[0] is None else int(moments[0]),
        ends=None if moments[1] is None else int(moments[1]),
    )
