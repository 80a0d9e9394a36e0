"""Closing: the key under which drafts and the log of deeds lie, from the passphrase at start."""

from pathlib import Path

from service.backup.passphrase import passphrase
from service.config import Config
from store.closed import Closed, key_of
from tamizdat.closing import OPEN, Closing


def closing_of(folder: Path, config: Config, salt: bytes) -> Closing:
    """What closes and opens in this newsroom; nothing does where `desk.sealed` is not set.

    ConfigError where the file with the passphrase cannot be read. Blocking.
    """
    if config.desk.sealed is None:
        return OPEN
    return Closed(key_of(passphrase(folder / config.desk.sealed), salt))
