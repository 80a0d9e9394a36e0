"""Settings: one `[[vantage]]` block of the config, parsed once."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from reach.resolver import Server
from tamizdat.errors import ConfigError
from tamizdat.measurement import Kind, Vantage


def _server(text: str) -> str:
    try:
        Server.parse(text)
    except ValueError:
        raise ValueError("must be the address of a DNS server, with a port or without") from None
    return text


_Word = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]+$")]


class VantageSettings(BaseModel):
    """A place that looks at the mirrors.

    Without `command` it is this machine; with it, a program on another one (by ssh, say) that runs
    `tamizdat reach look`. `control` stands in an open network. `groups` are the hand-out groups
    whose mirrors it may know, beside the public ones: each vantage is a channel that can leak.
    `authorities` is a PEM file in place of the machine's own, for this machine only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    kind: Literal["inside", "control"] = "inside"
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "ZZ"
    network: Annotated[str, StringConstraints(pattern=r"^AS[0-9]{1,10}$")] = "AS0"
    groups: Annotated[tuple[str, ...], Field(strict=False)] = ()
    resolver: (
        Annotated[str, StringConstraints(min_length=2, max_length=60), AfterValidator(_server)]
        | None
    ) = None
    command: Annotated[tuple[_Word, ...], Field(strict=False, max_length=40)] = ()
    authorities: Annotated[str, StringConstraints(min_length=1)] | None = None

    @property
    def vantage(self) -> Vantage:
        """As measurements name it."""
        return Vantage(
            id=self.id,
            country=self.country,
            network=self.network,
            kind=Kind.CONTROL if self.kind == "control" else Kind.LOCAL,
            groups=frozenset(self.groups),
            resolver=self.resolver,
        )


def distinct(vantages: Sequence[VantageSettings]) -> None:
    """ConfigError where two vantages share an id."""
    ids = [one.id for one in vantages]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ConfigError(f"vantage {twice[0]} stands there twice: give each its own id")
