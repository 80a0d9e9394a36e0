"""What a newsroom publishes of its keys: the signed roots, and the certificates for gpg."""

from pathlib import Path

from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import Sealed, Signature
from tamizdat.errors import ConfigError

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


def certificates(folder: Path) -> str:
    """The public certificates, armored, for `gpg --import`."""
    path = folder / PUBLISHED / CERTIFICATES
    if not path.exists():
        raise ConfigError(f"{path}: is missing: `tamizdat init` makes it")
    return path.read_text(encoding="ascii")
