"""A passphrase: the one line of a file. It never stands on a command line."""

from dataclasses import dataclass, field
from pathlib import Path

from signing.envelope import MAX_PASSPHRASE
from tamizdat.errors import ConfigError

SHORTEST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A file under a passphrase, which shows in no repr and no log."""

    file: Path
    passphrase: str = field(repr=False)


def passphrase(path: Path) -> str:
    """The passphrase in the file at `path`; ConfigError where it is too short, or not one line."""
    try:
        with path.open("rb") as file:
            body = file.read(MAX_PASSPHRASE + 2)
        text = body.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{path}: no passphrase can be read there") from None
    line = text.removesuffix("\n").removesuffix("\r")
    if not line.isprintable() or line != line.strip():
        raise ConfigError(f"{path}: must hold one passphrase in one line, without spaces around it")
    if len(line) < SHORTEST or len(line.encode()) > MAX_PASSPHRASE:
        raise ConfigError(
            f"{path}: a passphrase has {SHORTEST} characters or more: six random words are better"
        )
    return line
