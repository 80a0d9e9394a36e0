"""Settings: the `[responder]` block of the config, parsed once."""

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from gateway.hosting import Endpoint
from gateway.responder.limiter import Limits
from gateway.responder.request import LEAST_KB, MOST_KB

DNS_PORT = 53
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}"


def address_and_port(server: str) -> tuple[str, int]:
    """A DNS server in two; ValueError where it is none."""
    address, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
    if server.startswith("["):
        address, _, port = server[1:].partition("]")
        port = port.removeprefix(":")
    number = int(port or DNS_PORT)
    if not 0 < number < 1 << 16:
        raise ValueError("must name a port from 1 to 65535")
    return str(ipaddress.ip_address(address)), number


def _server(text: str) -> str:
    try:
        address_and_port(text)
    except ValueError:
        raise ValueError("must be the address of a DNS server, as 127.0.0.1 or 127.0.0.1:53") from (
            None
        )
    return text


Domain = Annotated[str, StringConstraints(pattern=rf"^{_DOMAIN}$")]


PROVIDERS = (
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "riseup.net",
    "yahoo.com",
)
"""Where somebody who wants many addresses is asked for a phone, money, or a friend for each."""


class ResponderSettings(BaseModel):
    """Where readers' mail comes in, how it is answered, and by which relay answers leave.

    `keys` is the folder of the keys that sign answers. `slow` are domains whose readers learn
    public mirrors only, `refused` those whose mail gets no answer: providers known to hand over
    mail. All others learn the mirror of their group of `channel`, where one is named: at
    `providers`, where an address is not had for nothing, each reader for themselves, at any other
    domain all together, since whoever owns one has as many addresses as they like.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    address: Annotated[str, StringConstraints(pattern=rf"^[a-z0-9._-]{{1,64}}@{_DOMAIN}$")]
    smtp: Endpoint = "127.0.0.1:2527"
    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:-]{1,253}$")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    tls: Literal["starttls", "tls", "none"] = "starttls"
    keys: Annotated[str, StringConstraints(min_length=1)] = "secrets/responder"
    resolver: Annotated[str, AfterValidator(_server)] | None = None
    answers: Annotated[int, Field(ge=1, le=100)] = 3
    domain_answers: Annotated[int, Field(ge=1, le=10_000_000)] = 20_000
    other_answers: Annotated[int, Field(ge=1, le=10_000_000)] = 500
    all_answers: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000
    per_second: Annotated[int, Field(ge=1, le=1000)] = 20
    queue: Annotated[int, Field(ge=1, le=10_000)] = 500
    text_kilobytes: Annotated[int, Field(ge=5, le=500)] = 50
    bundle_kilobytes: Annotated[int, Field(ge=LEAST_KB, le=MOST_KB)] = 200
    most_kilobytes: Annotated[int, Field(ge=LEAST_KB, le=MOST_KB)] = 5_000
    slow: Annotated[tuple[Domain, ...], Field(strict=False)] = ()
    refused: Annotated[tuple[Domain, ...], Field(strict=False)] = ()
    providers: Annotated[tuple[Domain, ...], Field(strict=False)] = PROVIDERS
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")] | None = None

    @property
    def domain(self) -> str:
        """What stands after the @ in our address."""
        return self.address.rpartition("@")[2]

    @property
    def limits(self) -> Limits:
        """How often answers go out within a day."""
        return Limits(
            asker=self.answers,
            domain=self.domain_answers,
            other=self.other_answers,
            total=self.all_answers,
        )


def house(domain: str) -> str:
    """The domain that somebody registered, roughly: its last two labels."""
    return ".".join(domain.split(".")[-2:])


def is_among(domain: str, listed: tuple[str, ...]) -> bool:
    """Whether `domain` is one of those listed, or lies below one."""
    return any(domain == one or domain.endswith(f".{one}") for one in listed)
