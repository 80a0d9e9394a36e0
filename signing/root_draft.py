"""A root draft: the next root on its way to those who sign it, with every root before it. Pure.

It is one file to carry: canonical JSON with the signed roots, the bytes of the next one, and the
certificates for gpg. It proves nothing by itself: whoever signs follows the roots from the first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from signing.trust import MAX_ROOTS, Trust
from tamizdat import canonical, paths
from tamizdat.digest import digest
from tamizdat.edition import Sealed, Signature
from tamizdat.errors import FormatError, SigningError
from tamizdat.record import MisfitError, Record, counting, fits
from tamizdat.wire import Fingerprint, Root

MAX_DRAFT = 8 * 1024 * 1024
"""No draft is larger, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The roots so far, oldest first, and the bytes of the next one."""

    roots: tuple[Sealed, ...]
    body: bytes
    certificates: str

    @classmethod
    def parse(cls, body: bytes, where: str) -> "Draft":
        """The draft in `body`; SigningError where it is none."""
        try:
            if len(body) > MAX_DRAFT:
                raise SigningError(f"{where}: is too large for a draft")
            filed = _File.read(canonical.decode(body, where))
        except (FormatError, MisfitError) as error:
            raise SigningError(f"{where}: is no draft of a root") from error
        roots = tuple(_sealed(one) for one in filed.roots)
        return cls(roots=roots, body=filed.next.encode(), certificates=filed.certificates)

    def encode(self) -> bytes:
        """The bytes of the file."""
        roots = [_Signed(text=one.body.decode(), signatures=_armors(one)) for one in self.roots]
        filed = _File(roots=tuple(roots), next=self.body.decode(), certificates=self.certificates)
        return canonical.encode(filed.plain())

    @property
    def root(self) -> Root:
        """What the next root says."""
        return Root.parse(self.body, paths.root(len(self.roots) + 1))

    def before(self, now: datetime) -> Trust:
        """The roots before it, each proven by the one before (formats 6.2)."""
        return chain(self.roots, now)


def chain(roots: tuple[Sealed, ...], now: datetime) -> Trust:
    """Trust that begins at the first of `roots` and follows to the last (formats 6.2)."""
    trust = Trust.begin(roots[0].sha256, roots[0], now)
    for one in roots[1:]:
        trust = trust.next_root(one)
    return trust


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signed(Record):
    closed: ClassVar[bool] = True

    text: str
    signatures: dict[Fingerprint, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File(Record):
    closed: ClassVar[bool] = True

    type: Literal["draft of a root"] = "draft of a root"
    roots: Annotated[tuple[_Signed, ...], counting(1, MAX_ROOTS)]
    next: str
    certificates: Annotated[str, fits(r"[\x00-\x7f]*")]


def _armors(sealed: Sealed) -> dict[str, str]:
    return {one.fingerprint: one.armor for one in sealed.signatures}


def _sealed(one: _Signed) -> Sealed:
    body = one.text.encode()
    made = (Signature(fingerprint=name, armor=text) for name, text in one.signatures.items())
    return Sealed(body=body, sha256=digest(body), signatures=tuple(made))
