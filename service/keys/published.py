"""What a newsroom publishes of its keys: the signed roots, and the certificates for gpg."""

import os
from collections.abc import Sequence
from pathlib import Path

from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import Sealed, Signature
from tamizdat.errors import ConfigError
from tamizdat.wire import RoleName, Root

PUBLISHED = "published"
CERTIFICATES = "certificates.asc"


def published_roots(folder: Path) -> tuple[Sealed, ...]:
    """The signed roots, oldest first; ConfigError where there are none."""
    found: list[Sealed] = []
    place = folder / PUBLISHED
    while (path := place / paths.root(len(found) + 1)).exists():
        signatures = tuple(
            Signature(fingerprint=asc.name.split(".")[-2], armor=asc.read_text(encoding="ascii"))
            for asc in sorted(path.parent.glob(f"{path.name}.*.asc"))
        )
        body = path.read_bytes()
        found.append(Sealed(body=body, sha256=digest(body), signatures=signatures))
    if not found:
        raise ConfigError(f"{folder}: no root lies here: `tamizdat init` makes one")
    return tuple(found)


def born_here(roots: Sequence[Sealed]) -> tuple[RoleName, ...]:
    """The roles still held by keys that `init` made on this machine: test keys."""
    first = Root.parse(roots[0].body, paths.root(1))
    newest = Root.parse(roots[-1].body, paths.root(len(roots)))
    offline: tuple[RoleName, ...] = ("root", "release")
    return tuple(
        role for role in offline if set(first.roles[role].keys) & set(newest.roles[role].keys)
    )


def holds_root_secrets(folder: Path) -> bool:
    """Whether secret root keys lie in the newsroom's folder."""
    return any((folder / "root" / "private-keys-v1.d").glob("*.key"))


def publish_root(folder: Path, version: int, sealed: Sealed) -> None:
    """Lay a signed root beside the earlier ones: its signatures first, then at one stroke itself.

    Signatures that an attempt left which never came that far are removed.
    """
    path = folder / PUBLISHED / paths.root(version)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f"{path.name}.*.asc"):
        left.unlink()
    for one in sealed.signatures:
        name = paths.lasting_signature(paths.root(version), one.fingerprint)
        written(folder / PUBLISHED / name, one.armor.encode("ascii"), mode=0o644)
    written(path, sealed.body, mode=0o644)


def publish_certificates(folder: Path, text: str) -> None:
    """Keep the public certificates."""
    written(folder / PUBLISHED / CERTIFICATES, text.encode("ascii"), mode=0o644)


def written(path: Path, body: bytes, *, mode: int = 0o600) -> None:
    """Write a file at one stroke, and to the disk; ConfigError where that cannot be."""
    part = path.with_name(f"{path.name}.part")
    try:
        with open(part, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error


def certificates(folder: Path) -> str:
    """The public certificates, armored, for `gpg --import`."""
    path = folder / PUBLISHED / CERTIFICATES
    if not path.exists():
        raise ConfigError(f"{path}: is missing: `tamizdat init` makes it")
    return path.read_text(encoding="ascii")
