"""Settings: the `[alarm]` part of the config: who is told when a key of ours seems stolen."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator


class AlarmSettings(BaseModel):
    """By which ways an alarm goes out; by none where nothing is set.

    `to` is the path of a file with the addresses of operators, one a line. `command` is run word by
    word, without a shell, with JSON on its input.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    command: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(strict=False)] = ()
    to: Annotated[str, StringConstraints(min_length=1)] | None = None
    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:-]{1,253}$")] = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    tls: Literal["starttls", "tls", "none"] = "starttls"
    sender: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,253}$")]
        | None
    ) = None
    all_mirrors: bool = False

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> "AlarmSettings":
        if self.to and not self.sender:
            raise ValueError("mail needs `sender`, the address that alarms come from")
        return self
