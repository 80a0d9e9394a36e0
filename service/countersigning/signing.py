"""Signing what was rebuilt equal, with a release key in a folder, on another machine.

The folder remembers what its key signed: never twice the same number over other bytes.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.countersigning.comparing import Rebuilt
from service.countersigning.countersignature import Countersignature
from service.keys.published import written
from signing.openpgp import Keyring
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed
from tamizdat.errors import ConfigError, SigningError

MEMORY = "signed.json"
TRIES = 4
MAX_MEMORY = 4 * 1024 * 1024
"""Bytes; a line for each edition that was ever signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Countersigned:
    """A signature that lies in a file, to be carried back."""

    edition: int
    fingerprint: str
    file: Path


async def countersign(
    rebuilt: Rebuilt, folder: Path, secret: Callable[[], str], beside: Path
) -> Countersigned:
    """Sign an edition that was rebuilt equal; the signature lies in a new file in `beside`.

    SigningError where it is not equal, or where the key signed that number over other bytes.
    """
    if not rebuilt.equal:
        raise SigningError(f"it is not equal, so nothing is signed: {rebuilt.differences[0]}")
    if not await asyncio.to_thread(folder.is_dir):
        raise ConfigError(f"{folder}: no key lies there")
    one, number = rebuilt.edition, rebuilt.edition.manifest.edition
    memory = await asyncio.to_thread(_remembered, folder)
    if memory.get(str(number), one.sha256) != one.sha256:
        raise SigningError(
            f"{folder}: this key signed edition {number} over other bytes before: ask the "
            "newsroom for one with a number of its own"
        )
    async with Keyring(folder) as keyring:
        names = rebuilt.trust.root.roles["release"].keys
        mine = [name for name in await keyring.secrets() if name in names]
        if len(mine) != 1:
            raise ConfigError(f"{folder}: holds no release key of this newsroom")
        passphrase = secret()
        noted = {**memory, str(number): one.sha256}
        await asyncio.to_thread(written, folder / MEMORY, json.dumps(noted).encode())
        made = await keyring.sign(mine[0], one.body, passphrase)
        slips: dict[Digest, str] = {}
        for part in one.bundles:
            slips[digest(part.slip)] = await _full(
                keyring, mine[0], part.slip, passphrase, _length(rebuilt.roots)
            )
    signed = Countersignature(
        edition=number,
        sha256=one.sha256,
        fingerprint=mine[0],
        manifest=made.armor,
        slips=slips,
    )
    file = beside / f"edition-{number}.{mine[0]}.signature"
    await asyncio.to_thread(written, file, signed.encode())
    return Countersigned(edition=number, fingerprint=mine[0], file=file)


async def _full(keyring: Keyring, name: str, body: bytes, passphrase: str, length: int) -> str:
    """A signature as long as bodies of bundles foresaw: a few are an octet shorter."""
    armor = ""
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(1)  # the same second gives the same signature
        armor = (await keyring.sign(name, body, passphrase)).armor
        if len(armor) == length:
            break
    return armor


def _length(roots: tuple[Sealed, ...]) -> int:
    return max(len(one.armor) for root in roots for one in root.signatures)


def _remembered(folder: Path) -> Mapping[str, str]:
    path = folder / MEMORY
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(MAX_MEMORY))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        told = None
    if not isinstance(told, dict):
        raise ConfigError(f"{path}: is damaged: take the copy of this folder")
    return {str(number): str(sha256) for number, sha256 in told.items()}
