"""A measurement: what one vantage saw of one mirror, step by step, raw, as it was seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

from tamizdat.errors import TamizdatError
from tamizdat.moment import moment, spelled
from tamizdat.placement import Exposure, MirrorId

MAX_STEPS = 200
"""A measurement holds no more steps."""

MAX_DETAIL = 500
"""Characters of a check's words."""

Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(ge=0, le=86400)]
"""Limits on what is read from JSON: a vantage is a stranger, and its numbers are computed with."""

Moment = Annotated[datetime, BeforeValidator(moment), PlainSerializer(spelled, return_type=str)]
"""A moment in JSON."""


class ExposureError(TamizdatError):
    """A vantage was asked to look at a mirror that it must not learn."""


_FILED = ConfigDict(
    strict=True,
    extra="forbid",
    allow_inf_nan=False,
    ser_json_bytes="base64",
    val_json_bytes="base64",
)
"""How measurements are read from and written to JSON."""


class Stage(StrEnum):
    """The layers that a reader's request passes, in this order."""

    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    HTTP = "http"
    SIGNATURE = "signature"


NETWORK_CODES = frozenset(
    {
        "address_family_not_supported",
        "address_in_use",
        "address_not_available",
        "already_connected",
        "bad_address",
        "bad_file_descriptor",
        "connection_aborted",
        "connection_already_in_progress",
        "connection_refused",
        "connection_reset",
        "destination_address_required",
        "dns_bogon_error",
        "dns_no_answer",
        "dns_non_recoverable_failure",
        "dns_nxdomain_error",
        "dns_refused_error",
        "dns_reply_with_wrong_query_id",
        "dns_server_misbehaving",
        "dns_servfail_error",
        "dns_temporary_failure",
        "eof_error",
        "generic_timeout_error",
        "host_unreachable",
        "http_invalid_response",
        "http_request_failed",
        "http_response_too_large",
        "http_unexpected_redirect",
        "interrupted",
        "invalid_argument",
        "message_size",
        "network_down",
        "network_reset",
        "network_unreachable",
        "not_connected",
        "operation_would_block",
        "permission_denied",
        "protocol_not_supported",
        "ssl_failed_handshake",
        "ssl_invalid_certificate",
        "ssl_invalid_hostname",
        "ssl_unknown_authority",
        "timed_out",
        "unknown_failure",
        "wrong_protocol_type",
    }
)
"""Failures by OONI's names (ooni/spec df-007); `http_*` of a bad answer are ours."""

SIGNATURE_CODES = frozenset({"missing", "invalid", "unknown_edition", "stale"})
"""Content: no signed file where one must be; one that proves false; signed, but not known to us;
ours, but older than it may be."""

CODES = NETWORK_CODES | SIGNATURE_CODES


class Purpose(StrEnum):
    """Why a step was taken."""

    READER = "reader"  # what a reader's browser would do
    PINNED = "pinned"  # the same at the address that we know to be right
    DECOY = "decoy"  # the mirror's address under a name that nobody blocks
    CANARY = "canary"  # an unrelated host, to see whether the line works at all
    CHAIN = "chain"  # asks for a certificate that did not verify, to keep it


class Kind(StrEnum):
    """What a vantage is."""

    LOCAL = "local"
    CONTROL = "control"
    LAB = "lab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """Where we look from: a country (two letters, ZZ unknown) and a network (`AS64500`).

    `groups` are the hand-out groups whose mirrors it may know; `resolver` is `address` or
    `address:port` of the DNS server that its readers use, None for this machine's own.
    """

    __pydantic_config__: ClassVar = _FILED
    id: str
    country: str
    network: str
    kind: Kind
    groups: frozenset[str] = frozenset()
    resolver: str | None = None

    def __post_init__(self) -> None:
        if not (len(self.country) == 2 and self.country.isascii() and self.country.isupper()):  # noqa: PLR2004
            raise ValueError("a country is two capital letters, ZZ where it is unknown")
        if not (self.network.startswith("AS") and self.network[2:].isdecimal()):
            raise ValueError("a network is AS and a number, AS0 where it is unknown")

    def may_measure(self, exposure: Exposure, group: str) -> bool:
        """Whether it may learn of such a mirror: each vantage is a channel that can leak."""
        return exposure is Exposure.PUBLIC or group in self.groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """At which stage something failed, and how."""

    __pydantic_config__: ClassVar = _FILED
    stage: Stage
    code: str

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"{self.code[:40]!r} is no failure that we know")

    def __str__(self) -> str:
        return f"{self.stage}:{self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of a DNS server: addresses as text, seconds after the question."""

    __pydantic_config__: ClassVar = _FILED
    addresses: tuple[str, ...]
    rcode: Count
    after: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A question for a name; more than one reply within the patience is an artefact."""

    __pydantic_config__: ClassVar = _FILED
    name: str
    kind: str
    server: str
    replies: tuple[Reply, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """What the first reply said, as a reader's machine would take it."""
        return self.replies[0].addresses if self.replies else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """A TCP connection."""

    __pydantic_config__: ClassVar = _FILED
    address: str
    port: Port


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """A TLS handshake: the name that was asked for, the chain as it came (DER, leaf first)."""

    __pydantic_config__: ClassVar = _FILED
    address: str
    port: Port
    server_name: str
    version: str = ""
    chain: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """An HTTP request and what came of it.

    `wire` counts bytes as they came from the connection, before TLS is undone. `stalled_at` is that
    count where nothing more came in time. `seconds` lie between first and last byte of the body.
    """

    __pydantic_config__: ClassVar = _FILED
    address: str
    port: Port
    host: str
    path: str
    secure: bool
    status: Count | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body_length: Count = 0
    body_start: bytes = b""
    wire: Count = 0
    stalled_at: Count | None = None
    seconds: Seconds = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What the signatures said: the edition that lies there, and why not where it is not ours."""

    __pydantic_config__: ClassVar = _FILED
    edition: Count | None = None
    detail: Annotated[str, StringConstraints(max_length=MAX_DETAIL)] = ""


Observation = Lookup | Dial | Handshake | Exchange | Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was tried: begun `t0`, ended `t` seconds after the measurement's start."""

    __pydantic_config__: ClassVar = _FILED
    seen: Observation
    purpose: Purpose
    failure: Failure | None
    t0: Seconds
    t: Seconds

    @property
    def stage(self) -> Stage:
        """The layer that it concerns."""
        return STAGES[type(self.seen)]


STAGES: dict[type[Observation], Stage] = {
    Lookup: Stage.DNS,
    Dial: Stage.TCP,
    Handshake: Stage.TLS,
    Exchange: Stage.HTTP,
    Check: Stage.SIGNATURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Everything that one vantage saw of one mirror in one round. `expected` are its addresses."""

    __pydantic_config__: ClassVar = _FILED
    mirror: MirrorId
    vantage: Vantage
    at: Moment
    host: str
    steps: tuple[Step, ...]
    expected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.at.tzinfo is not UTC:
            raise ValueError("times are UTC")
        if len(self.steps) > MAX_STEPS:
            raise ValueError(f"a measurement holds at most {MAX_STEPS} steps")

    def of(self, purpose: Purpose, stage: Stage | None = None) -> Iterator[Step]:
        """The steps taken for this purpose (at this stage), in order."""
        return (
            step
            for step in self.steps
            if step.purpose is purpose and (stage is None or step.stage is stage)
        )

    @property
    def failure(self) -> Failure | None:
        """What stopped a reader: None where signed content came, else the last failure."""
        checks = list(self.of(Purpose.READER, Stage.SIGNATURE))
        if checks:
            return checks[-1].failure
        failed = [step.failure for step in self.of(Purpose.READER) if step.failure]
        return failed[-1] if failed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a content check found: `code` is one of SIGNATURE_CODES, None where all is ours."""

    code: str | None
    edition: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What to measure: a mirror's address, and what we know of it.

    `base` is http or https, `/` last. `addresses` are those that DNS should give, empty where
    unknown. `decoy` is an innocent name; `canaries` are base addresses of unrelated hosts.
    """

    __pydantic_config__: ClassVar = _FILED
    mirror: MirrorId
    base: str
    exposure: Exposure
    group: str
    addresses: tuple[str, ...] = ()
    decoy: str | None = None
    canaries: tuple[str, ...] = ()
