"""The settings of what comes in by itself: `[[source]]` and `[import]` of the config."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic import StringConstraints as Text

from gateway.hosting import Endpoint
from tamizdat import language
from tamizdat.errors import SourceError


class _Part(BaseModel):
    """A part of the config: frozen, strict, and refusing unknown keys by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _language(value: object) -> str:
    try:
        return language.tag(str(value))
    except SourceError as error:
        raise ValueError(str(error)) from error


def _bare(address: str) -> str:
    if "@" in address.partition("://")[2].partition("/")[0]:
        raise ValueError("must name no user: passwords do not belong into an address")
    return address


Language = Annotated[str, BeforeValidator(_language)]


class SourceSettings(_Part):
    """A site that `serve` asks every so many seconds; `key` is a file (Ghost's Content API key).

    `allow_private` lets it lead into our own network: for tests, and unsafe otherwise.
    """

    url: Annotated[str, Text(pattern=r"^https?://[^\s]{1,2000}$"), AfterValidator(_bare)]
    kind: Literal["feed", "html", "wordpress", "ghost"] = "feed"
    every: Annotated[int, Field(ge=1, le=604800)] = 1800
    language: Language | None = None
    release: bool = False
    pictures: Literal["none", "site", "all"] = "site"
    key: str | None = None
    allow_private: bool = False


class MailSettings(_Part):
    """A secret address for texts by mail: the file `secret` holds what stands before the `@`.

    `certificate` and `key` are PEM files for STARTTLS.
    """

    domain: Annotated[str, Text(pattern=r"^[A-Za-z0-9.-]{1,253}$")]
    smtp: Endpoint = "127.0.0.1:2526"
    secret: str = "secrets/mail-in"  # noqa: S105 - the path of a file
    language: Language | None = None
    certificate: str | None = None
    key: str | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together: name both, or none")
        return self


class ImportSettings(_Part):
    """A folder whose new files become drafts, looked at every `look_seconds`; and mail."""

    folder: str | None = None
    language: Language | None = None
    look_seconds: Annotated[int, Field(ge=1, le=3600)] = 5
    mail: MailSettings | None = None
