"""Opening a mirror: the backend and the reader that its settings ask for."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from mirror import credentials
from mirror.edge import Edge
from mirror.fast import FastBackend
from mirror.folder import FolderBackend
from mirror.front import Behind, FrontBackend
from mirror.purse import Purse
from mirror.readers import FolderReader, HttpReader, Stranger
from mirror.s3 import Bucket
from mirror.settings import MirrorSettings
from tamizdat.errors import ConfigError
from tamizdat.ledgers import Facts
from tamizdat.placement import Mirror
from tamizdat.ports import Backend, Clock, Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a front needs beside its settings: who reads through it, and what counts its cost."""

    stranger: Stranger
    facts: Facts
    clock: Clock


def open_backend(settings: MirrorSettings, newsroom: Path, beside: Beside | None = None) -> Backend:
    """The backend; ConfigError where its keys cannot be read."""
    if settings.folder is not None:
        return FolderBackend((newsroom / settings.folder).absolute())
    bucket = to_bucket(settings, newsroom)
    if settings.distribution is None or settings.url is None or beside is None:
        return FastBackend(bucket)
    behind = Behind(
        edge=Edge(bucket.credentials, settings.control),
        distribution=settings.distribution,
        reader=HttpReader(settings.url, beside.stranger),
        purse=Purse(settings.id, settings.emptyings, beside.facts, beside.clock),
    )
    return FrontBackend(FastBackend(bucket), behind)


def to_bucket(settings: MirrorSettings, newsroom: Path) -> Bucket:
    """The bucket of an s3 mirror or a front, with its keys read."""
    if settings.bucket is None or settings.credentials is None:
        raise ValueError("a folder has no bucket")
    return Bucket(
        endpoint=settings.endpoint or f"https://s3.{settings.region}.amazonaws.com",
        region=settings.region,
        name=settings.bucket,
        prefix=settings.prefix,
        credentials=credentials.load((newsroom / settings.credentials).absolute()),
        authority=None if settings.authority is None else authority(newsroom / settings.authority),
    )


def authority(path: Path) -> Path:
    """The file of who signed an endpoint's certificate; ConfigError where it cannot be used."""
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        why = "holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigError(f"authority {path}: {why}: name a PEM file of certificates") from None
    return path.absolute()


def open_reader(mirror: Mirror, stranger: Stranger) -> Reader:
    """How a stranger reads the mirror: by its address, else by its folder."""
    if mirror.base is not None:
        return HttpReader(mirror.base, stranger)
    if mirror.folder is None:
        raise ValueError("a mirror has an address or a folder")
    return FolderReader(Path(mirror.folder))
