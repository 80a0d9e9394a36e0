"""Settings: one `[[gateway]]` block of the config, parsed once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from gateway.plan import Policy
from tamizdat.errors import ConfigError
from tamizdat.letter import GatewayId

MAX_SECRET = 1000
"""Characters of a file that holds an address."""


def _web(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or "?" in text or "#" in text:
        raise ValueError("must be an https:// address without query or fragment")
    return text.rstrip("/") + "/"


class GatewaySettings(BaseModel):
    """An email-to-feed gateway, as the config describes it.

    `to` and `feed` are paths of files: whoever knows the address that is written there can put
    entries into the feed, so it stands neither in the config nor in the ledger.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:-]{1,253}$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    tls: Literal["starttls", "tls", "none"] = "starttls"
    to: Annotated[str, StringConstraints(min_length=1)]
    feed: Annotated[str, StringConstraints(min_length=1)]
    sender: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,253}$")
    ]
    language: Annotated[str, StringConstraints(min_length=2)] | None = None
    max_bytes: Annotated[int, Field(ge=10_000)] = 400 * 1024
    window_bytes: Annotated[int, Field(ge=10_000)] = 300_000
    reads_per_hour: Annotated[int, Field(ge=1, le=3600)] = 4
    letters_per_second: Annotated[int, Field(ge=1, le=100)] = 1
    deduplicates: bool = False
    pictures: Annotated[str, AfterValidator(_web)] | None = None
    ways: bool = True

    @property
    def policy(self) -> Policy:
        """What the planner keeps to."""
        return Policy(
            reads_per_hour=self.reads_per_hour,
            letters_per_second=self.letters_per_second,
            window_bytes=self.window_bytes,
            deduplicates=self.deduplicates,
        )

    @property
    def name(self) -> GatewayId:
        """Its id."""
        return GatewayId(self.id)


def secret(path: Path) -> str:
    """The one line in the file at `path`; ConfigError where there is none."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: put the gateway's address there") from error
    if not text or len(text) > MAX_SECRET or len(text.split()) != 1:
        raise ConfigError(f"{path}: must hold one address and nothing else")
    return text


def distinct(gateways: Sequence[GatewaySettings]) -> None:
    """ConfigError where two gateways share an id."""
    ids = [one.id for one in gateways]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ConfigError(f"gateway {twice[0]} stands there twice: give each its own id")
