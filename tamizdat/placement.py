"""A mirror, and one edition lying on it (a placement) or not (a refusal)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

MirrorId = NewType("MirrorId", str)


class MirrorState(StrEnum):
    """Where a mirror stands in its life."""

    SPARE = "spare"
    ACTIVE = "active"
    RETIRED = "retired"


class Exposure(StrEnum):
    """Who may learn a mirror: anyone, its hand-out group, or nobody but its own vantages."""

    PUBLIC = "public"
    GROUP = "group"
    SECRET = "secret"  # noqa: S105 - an exposure, not a password


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """A place an edition can be fetched.

    `base` is the address readers use (http or https, `/` last) or None: only it may stand in bytes
    that lie on a mirror. `folder` is set where the mirror is a folder of this machine. A
    `canary` is told to nobody: it shows how fast mirrors are lost that nobody told on.
    """

    id: MirrorId
    backend: str
    base: str | None
    folder: str | None
    state: MirrorState
    exposure: Exposure
    group: str
    canary: bool = False

    @property
    def address(self) -> str:
        """Where this machine finds the mirror: its base, else its folder as a file: address."""
        return self.base or f"file://{self.folder}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """An edition a reader can fetch: put, read back as a stranger, and found equal."""

    mirror: MirrorId
    edition: int
    url: str
    at: datetime
    writes: int
    readbacks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A push that failed. Data, because one dead mirror is an ordinary day."""

    mirror: MirrorId
    detail: str
    retry: bool


class Phase(StrEnum):
    """What lies on a mirror of an edition, as far as we know."""

    PUSHING = "pushing"  # some of it may lie there; its pointer does not, or we are not sure
    CURRENT = "current"  # all of it, read back
    LEAVING = "leaving"  # some of it may still lie there; a later edition is current


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """An edition that may lie on a mirror, wholly or in part."""

    edition: int
    phase: Phase
