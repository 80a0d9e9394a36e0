"""A countersignature: one person's signatures over a waiting edition, in a small file. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from service.countersigning.waiting import Waiting
from signing import gate
from tamizdat import canonical
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed, Signature
from tamizdat.errors import FormatError, SigningError
from tamizdat.record import MisfitError, Record, counting
from tamizdat.wire import Fingerprint, Number, Root, Sha256

MAX_FILE = 256 * 1024
"""No such file is larger, in bytes."""

MAX_SLIPS = 100
MAX_PEOPLE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Countersignature:
    """Who signed which edition; `slips` are signatures over the slips of its bundles, by digest."""

    edition: int
    sha256: Digest
    fingerprint: str
    manifest: str
    slips: Mapping[Digest, str]

    @classmethod
    def parse(cls, body: bytes, where: str) -> "Countersignature":
        """The one in `body`; SigningError where it is none."""
        try:
            if len(body) > MAX_FILE:
                raise SigningError(f"{where}: is too large for a signature")
            filed = _File.read(canonical.decode(body, where))
        except (FormatError, MisfitError) as error:
            raise SigningError(f"{where}: is no signature of an edition") from error
        return cls(
            edition=filed.edition,
            sha256=filed.sha256,
            fingerprint=filed.fingerprint,
            manifest=filed.manifest,
            slips=filed.slips,
        )

    def encode(self) -> bytes:
        """The bytes of the file."""
        filed = _File(
            edition=self.edition,
            sha256=self.sha256,
            fingerprint=self.fingerprint,
            manifest=self.manifest,
            slips=dict(self.slips),
        )
        return canonical.encode(filed.plain())

    def demand_good(self, waiting: Waiting, root: Root, where: str) -> None:
        """Nothing where it holds for just this edition under `root`; else SigningError."""
        if self.sha256 != waiting.sha256:
            raise SigningError(
                f"{where}: is of edition {self.edition} in other bytes: edition "
                f"{waiting.manifest.edition} waits now, let it be signed"
            )
        if self.fingerprint not in root.roles["release"].keys:
            raise SigningError(f"{where}: is by no release key of root {root.version}")
        slips = {digest(one.slip): one.slip for one in waiting.bundles}
        if self.slips.keys() != slips.keys():
            raise SigningError(f"{where}: does not sign all bundles of the edition")
        bodies = [(self.manifest, waiting.body)]
        bodies += [(self.slips[sha256], body) for sha256, body in slips.items()]
        for armor, body in bodies:
            try:
                parsed = gate.parse(armor, where)
                gate.check(parsed, body, root.keys[self.fingerprint], where)
            except FormatError as error:
                raise SigningError(f"{error}") from error
            if parsed.fingerprint != self.fingerprint:
                raise SigningError(f"{where}: is a signature by {parsed.fingerprint}")


def read_all(text: str) -> Sequence[Countersignature]:
    """Those that were taken so far, as the ledger keeps them: one a line."""
    lines = text.splitlines(keepends=True)
    return [Countersignature.parse(one.encode(), "the ledger") for one in lines]


def write_all(found: Iterable[Countersignature]) -> str:
    """As the ledger keeps them: the newest of each person."""
    newest = {one.fingerprint: one for one in found}
    return "".join(newest[name].encode().decode() for name in sorted(newest)[:MAX_PEOPLE])


def sealed(
    body: bytes, others: Sequence[Countersignature], own: Sequence[Signature], needed: int
) -> Sealed:
    """`body` (the manifest, or a slip) with `needed` signatures, those of this machine first."""
    sha256 = digest(body)
    made = {one.fingerprint: one for one in own}
    for one in others:
        armor = one.manifest if one.sha256 == sha256 else one.slips[sha256]
        made.setdefault(one.fingerprint, Signature(fingerprint=one.fingerprint, armor=armor))
    return Sealed(body=body, sha256=sha256, signatures=tuple(made.values())[:needed])


@dataclass(frozen=True, slots=True, kw_only=True)
class _File(Record):
    closed: ClassVar[bool] = True

    type: Literal["signature of an edition"] = "signature of an edition"
    edition: Number
    sha256: Sha256
    fingerprint: Fingerprint
    manifest: str
    slips: Annotated[dict[Sha256, str], counting(0, MAX_SLIPS)]
