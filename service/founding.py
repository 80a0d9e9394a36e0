"""Founding: a ready newsroom in a folder: config, test keys, ledger, three folder mirrors."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.clock import SystemClock
from service.config import FILE, load, parse
from service.keys.keychain import make_test_keys
from service.wiring import ROOT, SALT, state_folder
from store.engine import open_ledger
from store.facts import SqlFacts
from tamizdat.errors import ConfigError

MIRRORS = ("amber", "birch", "cedar")
LEDGER = "sqlite:state/ledger.db"

_CONFIG = """\
# A newsroom of Tamizdat. Every key is explained in docs/operating.md.

[newsroom]
name = "{name}"
languages = [{languages}]   # the first has the front page at index.html
exit = "about:blank"        # where "Leave this page" leads
# mail = "news@post.example"
# onion = "http://...onion/"
# messenger = "@..."

[store]
ledger = "{ledger}"
blobs = "state/blobs"

[signing]
keys = "keys"
"""

_MIRROR = """
[[mirror]]
id = "{id}"
backend = "folder"
folder = "mirrors/{id}"
exposure = "public"
group = "open"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """A new newsroom."""

    folder: Path
    root: str
    mirrors: tuple[str, ...]


async def found(
    folder: Path,
    name: str,
    languages: tuple[str, ...],
    *,
    mirrors: tuple[str, ...] = MIRRORS,
    ledger_at: str = LEDGER,
) -> Founded:
    """Make a newsroom in `folder`; ConfigError where something lies there already."""
    text = _config(name, languages, mirrors, ledger_at)
    parse(text, FILE)
    await asyncio.to_thread(_lay_out, folder, text, mirrors)
    config = load(folder)
    root = await make_test_keys(folder / config.signing.keys, SystemClock().now())
    address = state_folder(folder, config)
    ledger = await open_ledger(address)
    try:
        facts = SqlFacts(ledger)
        await facts.set(SALT, secrets.token_hex(32))
        await facts.set(ROOT, root)
    finally:
        await ledger.close()
    return Founded(folder=folder, root=root, mirrors=mirrors)


def _config(name: str, languages: Sequence[str], mirrors: Sequence[str], ledger: str) -> str:
    quoted = ", ".join(f'"{language}"' for language in languages)
    title = name.replace("\\", "").replace('"', "'")
    text = _CONFIG.format(name=title, languages=quoted, ledger=ledger)
    return text + "".join(_MIRROR.format(id=mirror) for mirror in mirrors)


def _lay_out(folder: Path, text: str, mirrors: Sequence[str]) -> None:
    if _is_taken(folder):
        raise ConfigError(f"{folder}: is not empty: name a folder that is, or is not there yet")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be made ({error.strerror})") from None
    (folder / FILE).write_text(text, encoding="utf-8")
    for mirror in mirrors:
        (folder / "mirrors" / mirror).mkdir(parents=True)


def _is_taken(folder: Path) -> bool:
    try:
        return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be looked into ({error.strerror})") from None
