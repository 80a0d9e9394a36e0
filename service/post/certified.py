"""Certified: how a server of ours proves its name to those who send letters (STARTTLS)."""

import ssl
from pathlib import Path
from typing import Protocol

from tamizdat.errors import ConfigError


class Certificate(Protocol):
    """Settings that name two PEM files, or none."""

    @property
    def certificate(self) -> str | None:
        """The certificate with its chain."""
        ...

    @property
    def key(self) -> str | None:
        """Its key, without a passphrase."""
        ...


def certified(settings: Certificate, folder: Path, where: str) -> ssl.SSLContext | None:
    """What offers STARTTLS; None where the settings name no certificate.

    ConfigError where the files cannot be used. Blocking.
    """
    if settings.certificate is None or settings.key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate, key = folder / settings.certificate, folder / settings.key
    try:
        context.load_cert_chain(certificate, key, password="")
    except OSError as error:
        tls = isinstance(error, ssl.SSLError)
        why = "no certificate with its key, without passphrase" if tls else error.strerror
        raise ConfigError(f"{where}.certificate: {certificate}: cannot be used ({why})") from None
    return context
