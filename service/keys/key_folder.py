"""A key folder: one key on a machine without network, where it is made and where it signs.

The folder is a gpg home, its key under a passphrase. `certificate.asc` is its public half, which
goes to the newsroom; beside a release key lies `online.asc`, the half that signs there, under the
same passphrase. The primary half of a release key never leaves the folder.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from service.keys.published import written
from signing.openpgp import Keyring
from signing.root_draft import MAX_DRAFT, Draft
from tamizdat.edition import Signature
from tamizdat.errors import ConfigError
from tamizdat.wire import Root

CERTIFICATE = "certificate.asc"
ONLINE = "online.asc"
Kind = Literal["root", "release"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new key; `fingerprint` is what a root names. `files` go to the newsroom."""

    fingerprint: str
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature over a draft, in a file of its own."""

    fingerprint: str
    file: Path


async def make_key(kind: Kind, folder: Path, passphrase: str) -> Made:
    """Make one key in a new folder; ConfigError where something lies there."""
    if await asyncio.to_thread(_is_taken, folder):
        raise ConfigError(f"{folder}: is not empty: name a new folder, one for each key")
    async with Keyring(folder) as keyring:
        made = await keyring.create_key(
            f"Tamizdat {kind} key", subkey=kind == "release", passphrase=passphrase
        )
        texts = {CERTIFICATE: await keyring.export([made.fingerprint])}
        if kind == "release":
            texts[ONLINE] = await keyring.export_subkeys(made.primary, passphrase)
    for name, text in texts.items():
        await asyncio.to_thread(written, folder / name, text.encode("ascii"))
    return Made(fingerprint=made.fingerprint, files=tuple(folder / name for name in texts))


async def load_draft(file: Path) -> Draft:
    """The draft in a file; ConfigError where it cannot be read."""
    return Draft.parse(await asyncio.to_thread(_read, file), str(file))


async def proven(draft: Draft, now: datetime) -> Root:
    """The root that the draft follows, proven from the first one on (formats 6.2)."""
    return (await asyncio.to_thread(draft.before, now)).root


async def sign_draft(
    draft: Draft, before: Root, file: Path, folder: Path, secret: Callable[[], str]
) -> Sequence[Signed]:
    """Sign with the root keys in a folder; each signature lies in a new file beside the draft.

    `secret` is asked for the passphrase once it is known that a key here counts. ConfigError where
    none does.
    """
    counting = {*before.roles["root"].keys, *draft.root.roles["root"].keys}
    if not await asyncio.to_thread(folder.is_dir):
        raise ConfigError(f"{folder}: no key lies there")
    signed = []
    async with Keyring(folder) as keyring:
        here = [one for one in await keyring.secrets() if one in counting]
        if not here:
            raise ConfigError(f"{folder}: no key in it counts for this root, now or from then on")
        passphrase = secret()
        for fingerprint in here:
            made = await keyring.sign(fingerprint, draft.body, passphrase)
            signed.append(Signed(fingerprint=fingerprint, file=await _keep(made, file)))
    return signed


async def _keep(made: Signature, file: Path) -> Path:
    path = file.with_name(f"{file.name}.{made.fingerprint}.asc")
    await asyncio.to_thread(written, path, made.armor.encode("ascii"))
    return path


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_DRAFT + 1)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from error


def _is_taken(folder: Path) -> bool:
    try:
        return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be looked into ({error.strerror})") from error
