"""Providers: what each may be made to do in a month; one `[[provider]]` block of the config."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from mirror.governor import Budget
from mirror.settings import PLAIN_ID, MirrorSettings
from tamizdat.errors import ConfigError


class ProviderSettings(BaseModel):
    """A provider with what it may cost in a month: requests, and gigabytes that readers take."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=PLAIN_ID)]
    requests: Annotated[int, Field(ge=1)] | None = None
    gigabytes: Annotated[float, Field(gt=0, strict=False)] | None = None

    @property
    def budget(self) -> Budget:
        """The same as a value."""
        return Budget(requests=self.requests, gigabytes=self.gigabytes)


def known(providers: Sequence[ProviderSettings], mirrors: Sequence[MirrorSettings]) -> None:
    """ConfigError where two providers share an id, or a mirror names one that is not there."""
    ids = [one.id for one in providers]
    for index, name in enumerate(ids):
        if name in ids[:index]:
            raise ConfigError(f"provider[{index}].id {name} is taken: give each its own")
    for index, mirror in enumerate(mirrors):
        if mirror.provider is not None and mirror.provider not in ids:
            have = ", ".join(ids) or "none"
            raise ConfigError(
                f"mirror[{index}].provider {mirror.provider} has no [[provider]] block "
                f"(have: {have})"
            )
