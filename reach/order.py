"""An order: what a vantage elsewhere shall look at, and what tells our content there. JSON.

It bears all that a look needs, so that nothing of the newsroom lies at the vantage.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from reach.exposure import allowed
from reach.patience import Patience
from reach.resolver import Server
from reach.visit import Site
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed
from tamizdat.errors import SourceError
from tamizdat.measurement import Aim, Moment, Vantage

VERSION: Literal[1] = 1
"""Rises with every change of an order or of what is answered."""

MAX_ORDER = 4 * 1024 * 1024
"""A longer order is not read, in bytes."""

MAX_AIMS, MAX_ROOTS, MAX_EDITIONS = 200, 256, 512
MAX_CANARIES, MAX_ADDRESSES = 4, 16

GREETING = b'{"tamizdat":"look","version":%d}' % VERSION
"""What a vantage says first, so that a dead one is told from a patient one."""

_STRICT = ConfigDict(
    strict=True,
    extra="forbid",
    allow_inf_nan=False,
    ser_json_bytes="base64",
    val_json_bytes="base64",
)
_PLAIN = re.compile(r"[!-~]{1,500}")
_NAME = re.compile(r"(?=.{3,253}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_Sha256 = Annotated[Digest, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Edition = tuple[Annotated[int, Field(ge=1)], _Sha256]
_Pem = Annotated[str, StringConstraints(min_length=1, max_length=1024 * 1024, pattern=r"^[\t-~]+$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What tells our editions without a ledger: the roots, and each edition that we remember.

    `editions` are numbers with the digests of their manifests, oldest first.
    """

    __pydantic_config__: ClassVar = _STRICT
    roots: Annotated[tuple[Sealed, ...], Field(min_length=1, max_length=MAX_ROOTS)]
    editions: Annotated[tuple[_Edition, ...], Field(max_length=MAX_EDITIONS)]

    def __post_init__(self) -> None:
        if any(digest(root.body) != root.sha256 for root in self.roots):
            raise ValueError("a root is not as its digest says")
        numbers = [number for number, _ in self.editions]
        if numbers != sorted(set(numbers)):
            raise ValueError("editions come oldest first, each once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One look at several mirrors. `at` is the moment by the newsroom's clock, the only one asked.

    `authorities` is the text of a PEM file in place of those of the machine.
    """

    __pydantic_config__: ClassVar = _STRICT
    vantage: Vantage
    aims: Annotated[tuple[Aim, ...], Field(min_length=1, max_length=MAX_AIMS)]
    proof: Proof
    at: Moment
    patience: Patience = field(default_factory=Patience)
    authorities: _Pem | None = None
    version: Literal[1] = VERSION

    def __post_init__(self) -> None:
        if len({aim.mirror for aim in self.aims}) != len(self.aims):
            raise ValueError("a mirror stands there twice")
        if allowed(self.aims, self.vantage) != self.aims:
            raise ValueError(f"{self.vantage.id} must not learn all of these mirrors")
        if self.vantage.resolver is not None:
            Server.parse(self.vantage.resolver)
        for aim in self.aims:
            _sound(aim)


def encode(order: Order) -> bytes:
    """One line of JSON without its line feed."""
    return _ADAPTER.dump_json(order)


def decode(line: bytes) -> Order:
    """The order in `line`; SourceError where it is none."""
    if len(line) > MAX_ORDER:
        raise SourceError(f"order: is over {MAX_ORDER} bytes")
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"][:4])[:80] or "it"
        raise SourceError(f"order: {field}: {first['msg'][:200]}") from None


def _sound(aim: Aim) -> None:
    """ValueError where an aim cannot be looked at."""
    _few(aim.canaries, MAX_CANARIES)
    _few(aim.addresses, MAX_ADDRESSES)
    for base in (aim.base, *aim.canaries):
        if not _PLAIN.fullmatch(base):
            raise ValueError("an address is plain text without spaces")
        Site.parse(base)
    if aim.decoy is not None and not _NAME.fullmatch(aim.decoy):
        raise ValueError("an innocent name is a plain host name")
    for address in aim.addresses:
        ipaddress.ip_address(address)


def _few(values: Sequence[str], most: int) -> None:
    if len(values) > most:
        raise ValueError(f"at most {most} of a kind")


_ADAPTER = TypeAdapter(Order)
