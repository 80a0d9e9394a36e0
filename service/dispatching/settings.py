"""The settings of who does the work: the `[dispatch]` block of the config."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class DispatchSettings(BaseModel):
    """Where mirrors are pushed to and looked at: `here`, in the service, or by `workers`.

    `per_minute` is how many passes may begin at one provider in a minute; None is no limit. It
    holds for workers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Literal["here", "workers"] = "here"
    per_minute: Annotated[int, Field(ge=1, le=6000)] | None = None
