"""Hosting: the `[post]` block of the config, our own email-to-feed gateway, parsed once."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

Endpoint = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:-]{1,253}:[0-9]{1,5}$")]
"""`host:port`; port 0 takes any that is free."""


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
