"""The master key of hand-outs: every token is derived from it, and all die with it."""

import asyncio
import hmac
import secrets
from pathlib import Path

from service.keys.published import written
from tamizdat.errors import ConfigError

FILE = "ways.key"
LENGTH = 32


async def master_of(keys: Path, *, planted: bool) -> bytes:
    """The key in the folder of keys, made where there is none and no group was `planted` yet.

    ConfigError where it is missing since: another would make every token that people hold useless.
    """
    return await asyncio.to_thread(_master, keys / FILE, planted=planted)


def asking_key(master: bytes, channel: str) -> bytes:
    """The key by which those who ask by a channel find their leaf."""
    return hmac.digest(master, f"tamizdat asker\0{channel}".encode(), "sha256")


def _master(path: Path, *, planted: bool) -> bytes:
    try:
        body = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        if planted:
            raise ConfigError(
                f"{path}: is missing, and with it every token is lost: put it back from a backup "
                "of the keys"
            ) from None
        return _made(path)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read: put it back from a backup") from error
    if len(body) != LENGTH:
        raise ConfigError(f"{path}: is no key of {LENGTH} octets: put it back from a backup")
    return body


def _made(path: Path) -> bytes:
    key = secrets.token_bytes(LENGTH)
    written(path, key.hex().encode("ascii"))
    return key
