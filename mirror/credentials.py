"""Credentials: the two keys of a bucket, read from a file of their own."""

import configparser
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from tamizdat.errors import ConfigError

MAX_CREDENTIALS = 16 * 1024
"""Bytes of a credentials file that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An access key and its secret; neither shows in a repr or a log."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


def load(path: Path) -> Credentials:
    """The keys in a TOML or ini file; ConfigError where they are not there."""
    try:
        with path.open("rb") as file:
            body = file.read(MAX_CREDENTIALS)
        text = body.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"credentials {path}: cannot be read: {_why(error)}") from error
    fields = _toml(text) or _ini(text)
    access, secret = fields.get("access_key"), fields.get("secret_key")
    if not isinstance(access, str) or not isinstance(secret, str) or not access or not secret:
        raise ConfigError(f"credentials {path}: must set access_key and secret_key")
    if not re.fullmatch("[!-~]+", access):
        raise ConfigError(f"credentials {path}: access_key must be letters, digits and signs")
    return Credentials(access_key=access, secret_key=secret)


def _why(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "unknown error").lower()
    return "is not UTF-8"


def _toml(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _ini(text: str) -> dict[str, object]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text if text.lstrip().startswith("[") else f"[keys]\n{text}")
    except configparser.Error:
        return {}
    return {name: value for section in parser.values() for name, value in section.items()}
