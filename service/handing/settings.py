"""Settings: one `[[channel]]` block of the config, a way to ask for a mirror."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from mirror.distributor.season import Channel
from tamizdat.errors import ConfigError
from tamizdat.grove import DEEPEST, SHARD_DEPTH, Grove

MOST_SHARDS = 64
"""Hint files of all channels of a newsroom; each has 25 KB, on every mirror."""


class ChannelSettings(BaseModel):
    """A way to ask for a mirror. Its mirrors are the secret ones of the group of this name.

    It begins with `width` groups. `country` is where those who ask live. Another `cohort` begins it
    anew: who asks from then on shares no mirror with those before. 2 to the `depth` are the leaves,
    places for those who ask: 128 to a hint file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    width: Annotated[int, Field(ge=1, le=1 << DEEPEST)] = 1
    depth: Annotated[int, Field(ge=SHARD_DEPTH, le=DEEPEST)] = SHARD_DEPTH
    cohort: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")] = "1"
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None

    @model_validator(mode="after")
    def _halved(self) -> Self:
        if self.width & (self.width - 1) or self.width > 1 << self.depth:
            most = 1 << self.depth
            raise ValueError(f"channel {self.id}: width is a power of 2, at most {most}")
        return self

    @property
    def shards(self) -> int:
        """Hint files that it has."""
        return 1 << (self.depth - SHARD_DEPTH)


def channels_of(settings: Sequence[ChannelSettings]) -> tuple[Channel, ...]:
    """The channels."""
    return tuple(
        Channel(
            name=one.id,
            grove=Grove(channel=one.id, cohort=one.cohort, depth=one.depth),
            width=one.width,
            country=one.country,
        )
        for one in settings
    )


def channel_of(settings: Sequence[ChannelSettings], name: str) -> Channel:
    """The channel of that name; ConfigError where there is none."""
    channels = channels_of(settings)
    channel = next((one for one in channels if one.name == name), None)
    if channel is None:
        have = ", ".join(one.name for one in channels) or "none"
        raise ConfigError(f"{name}: no such channel (have: {have}): add a [[channel]] block")
    return channel


def distinct(channels: Sequence[ChannelSettings]) -> None:
    """ConfigError where two channels share a name, or have too many hint files."""
    names = [one.id for one in channels]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ConfigError(f"channel {twice[0]} is there twice: give each a name of its own")
    shards = sum(one.shards for one in channels)
    if shards > MOST_SHARDS:
        raise ConfigError(
            f"channels have {shards} hint files, at most {MOST_SHARDS}: choose a smaller depth"
        )
