"""Answer keys: the files of the keys that sign answers, made, read, and given away in the end.

An old key is published on purpose. From then on anybody could have signed with it, so a mail that
somebody kept, or that was taken from them, proves nothing about who wrote to them.
"""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from gateway.responder.own_key import Pair, done_with
from tamizdat.errors import ConfigError

PUBLISHED = "published"
MOST = 50
"""Pairs that are read."""

MAX_FILE = 10_000


def read_pairs(folder: Path) -> Sequence[Pair]:
    """Every pair in `folder`, oldest first; ConfigError where there is none."""
    try:
        paths = sorted(folder.glob("*.pem"))[-MOST:]
        pairs = [Pair.read(path.stem, path.read_bytes()[:MAX_FILE]) for path in paths]
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(f"responder.keys: {folder}: cannot be read ({why})") from None
    if not pairs:
        raise ConfigError(
            f"responder.keys: {folder}: holds no key: `tamizdat responder key rotate` makes one"
        )
    return pairs


def add_pair(folder: Path, on: date) -> Pair:
    """Make a pair and keep it in a file that only its owner reads."""
    made = Pair.made(on)
    path = folder / f"{made.label}.pem"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as opened:
            opened.write(made.pem())
            opened.flush()
            os.fsync(opened.fileno())
    except FileExistsError:
        raise ConfigError(f"{path}: was made today already: one key a day is enough") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from None
    return made


def publish_old(folder: Path, today: date) -> Sequence[Path]:
    """Lay the private halves that no mail needs any more where they go out; gives their files."""
    pairs = list(read_pairs(folder))
    laid = []
    try:
        for one in done_with(pairs, today):
            path = folder / PUBLISHED / f"{one.label}.pem"
            path.parent.mkdir(exist_ok=True, mode=0o755)
            (folder / f"{one.label}.pem").replace(path)
            path.chmod(0o644)
            laid.append(path)
    except OSError as error:
        raise ConfigError(f"responder.keys: {folder}: {error.strerror}: check the disk") from None
    return laid
