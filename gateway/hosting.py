"""Hosting: the `[post]` block of the config, our own email-to-feed gateway, parsed once."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    StringConstraints,
    model_validator,
)

MAX_PORT = 65535


def _within(endpoint: str) -> str:
    if int(endpoint.rpartition(":")[2]) > MAX_PORT:
        raise ValueError(f"must be host:port, with a port up to {MAX_PORT}")
    return endpoint


Endpoint = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9.:-]{1,253}:[0-9]{1,5}$"),
    AfterValidator(_within),
]
"""`host:port`; port 0 takes any that is free."""


def host_and_port(endpoint: str) -> tuple[str, int]:
    """An endpoint in two."""
    host, _, port = endpoint.rpartition(":")
    return host, int(port)


def _base(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "?" in text or "#" in text:
        raise ValueError("must be an http or https address without query or fragment")
    return text.rstrip("/") + "/"


class PostSettings(BaseModel):
    """Where letters come in and feeds go out. `certificate` and `key` are PEM files for STARTTLS.

    `base` is the address that readers of feeds use, where a web server stands before ours.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    domain: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,253}$")]
    smtp: Endpoint = "127.0.0.1:2525"
    http: Endpoint = "127.0.0.1:8182"
    base: Annotated[str, AfterValidator(_base)] | None = None
    certificate: str | None = None
    key: str | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together: name both, or none")
        return self
