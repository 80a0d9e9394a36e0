"""The `[messenger]` block of the config, parsed once. Without it nothing is posted."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from tamizdat.errors import ConfigError

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{3,100}")


def _api(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "?" in text or "#" in text:
        raise ValueError("must be an address without query or fragment")
    near = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme == "http" and not near:
        raise ValueError("must be https, or on this machine: the token stands in each request")
    return text.rstrip("/")


class MessengerSettings(BaseModel):
    """A channel. `token` is the path of a file: whoever knows the token speaks as the bot.

    `file` is what goes along with each batch of news: the newest articles in one file, or none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Literal["telegram"] = "telegram"
    chat: Annotated[str, StringConstraints(pattern=r"^(@[A-Za-z0-9_]{4,32}|-?[0-9]{1,20})$")]
    token: Annotated[str, StringConstraints(min_length=1)]
    api: Annotated[str, AfterValidator(_api)] = "https://api.telegram.org"
    language: Annotated[str, StringConstraints(min_length=2)] | None = None
    file: Literal["html", "text", "zip", "none"] = "html"

    def read_token(self, newsroom: Path) -> str:
        """The token; ConfigError where it cannot be read, or is none."""
        path = newsroom / self.token
        try:
            text = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ConfigError(f"{path}: cannot be read: put the bot's token there") from None
        if not _TOKEN.fullmatch(text):
            raise ConfigError(f"{path}: must hold one token such as 123456:ABC-DEF and no more")
        return text
