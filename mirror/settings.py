"""Settings: one `[[mirror]]` block of the config, parsed once."""

import ipaddress
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from tamizdat import paths
from tamizdat.errors import ConfigError, FormatError
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState

MAX_ADDRESS = 200
"""Characters of an address: it is repeated in every feed."""

PLAIN_ID = r"^[a-z][a-z0-9-]{0,30}$"
"""How mirrors, providers and accounts are called."""

_REFUSED = re.compile(r"[^!-~]|[&<>\"'\\]")


def public_base(text: str) -> str:
    """An http or https address, `/` last; ValueError tells what is wrong with it."""
    address = plain_address(text)
    if address.startswith(paths.PLACEHOLDER.rstrip("/")):
        raise ValueError("is the placeholder that stands in feeds, not an address")
    return address + "/"


def plain_address(text: str) -> str:
    """An http or https address without a `/` at its end, user, query or fragment."""
    if len(text) > MAX_ADDRESS or _REFUSED.search(text):
        raise ValueError(f"must be at most {MAX_ADDRESS} plain characters, none of & < > \" ' \\")
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must start with http:// or https:// and name a host")
    if "@" in parts.netloc or "?" in text or "#" in text:
        raise ValueError("must bear no user, password, query or fragment")
    if parts.port == 0:
        raise ValueError("must name a port of 1 or more")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}".rstrip("/")


def _prefix(text: str) -> str:
    stripped = text.strip("/")
    if not stripped:
        return ""
    try:
        return paths.check(stripped) + "/"
    except FormatError as error:
        raise ValueError("must be a plain path such as paper/a") from error


def _lies(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("must be an IP address") from None


_NAME = r"^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$"
Lies = Annotated[str, AfterValidator(_lies)]
Site = Annotated[str, AfterValidator(public_base)]


class MirrorSettings(BaseModel):
    """A mirror, as the config describes it. `folder`, `credentials` and `authority` are paths.

    `distribution` and `control` are a front's: the provider's id of it, and where it is asked.
    `emptyings` is how often its cache may be emptied in a month. `provider` is one of
    `[[provider]]`; mirrors of one `account` fall with it.
    `authority` holds who signed the endpoint's certificate; readers trust what they always do.
    A `canary` is handed out to nobody. `addresses`, `decoy` and `canaries` are for looking at a
    mirror: where its name should lead, an innocent name, and unrelated hosts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    backend: Literal["folder", "s3", "front"]
    folder: Annotated[str, StringConstraints(min_length=1)] | None = None
    url: Annotated[str, AfterValidator(public_base)] | None = None
    endpoint: Annotated[str, AfterValidator(plain_address)] | None = None
    region: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,40}$")] = "us-east-1"
    bucket: (
        Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None
    ) = None
    prefix: Annotated[str, AfterValidator(_prefix)] = ""
    credentials: Annotated[str, StringConstraints(min_length=1)] | None = None
    authority: Annotated[str, StringConstraints(min_length=1)] | None = None
    distribution: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{5,32}$")] | None = None
    control: Annotated[str, AfterValidator(plain_address)] | None = None
    emptyings: Annotated[int, Field(ge=0, le=100_000)] = 1000
    provider: Annotated[str, StringConstraints(pattern=PLAIN_ID)] | None = None
    account: Annotated[str, StringConstraints(pattern=PLAIN_ID)] | None = None
    allow_versioning: bool = False
    exposure: Literal["public", "group", "secret"] = "public"
    group: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "open"
    state: Literal["active", "spare"] = "active"
    canary: bool = False
    addresses: Annotated[tuple[Lies, ...], Field(strict=False, max_length=16)] = ()
    decoy: Annotated[str, StringConstraints(pattern=_NAME, max_length=253)] | None = None
    canaries: Annotated[tuple[Site, ...], Field(strict=False, max_length=4)] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        lacking = {
            "folder": ("folder",),
            "s3": ("bucket", "credentials", "url"),
            "front": ("bucket", "credentials", "url", "distribution"),
        }[self.backend]
        for name in lacking:
            if getattr(self, name) is None:
                raise ValueError(f"backend {self.backend} needs {name}")
        if self.canary and self.exposure != "secret":
            raise ValueError('a canary is told to nobody: give it exposure = "secret"')
        foreign = {
            "folder": ("endpoint", "bucket", "credentials", "authority", "distribution", "control"),
            "s3": ("folder", "distribution", "control"),
            "front": ("folder",),
        }[self.backend]
        for name in foreign:
            if getattr(self, name) is not None:
                raise ValueError(f"backend {self.backend} takes no {name}")
        return self


def to_mirror(settings: MirrorSettings, newsroom: Path) -> Mirror:
    """The mirror; its folder made absolute from the newsroom's folder."""
    folder = settings.folder
    return Mirror(
        id=MirrorId(settings.id),
        backend=settings.backend,
        base=settings.url,
        folder=None if folder is None else str((newsroom / folder).absolute()),
        state=MirrorState(settings.state),
        exposure=Exposure(settings.exposure),
        group=settings.group,
        canary=settings.canary,
    )


def distinct(mirrors: Sequence[MirrorSettings]) -> None:
    """ConfigError where two mirrors share an id, an address or a place."""
    seen: dict[tuple[str | None, ...], str] = {}
    for index, mirror in enumerate(mirrors):
        places: list[tuple[str | None, ...]] = [("id", mirror.id), ("url", mirror.url)]
        if mirror.backend == "folder":
            places.append(("folder", os.path.normpath(mirror.folder or "")))
        else:
            places.append(("distribution", mirror.distribution))
            places.append(("bucket", mirror.endpoint, mirror.bucket, mirror.prefix))
        for place in places:
            if place[1:] == (None,):
                continue
            if place in seen:
                raise ConfigError(
                    f"mirror[{index}].{place[0]} is that of mirror {seen[place]}"
                    ": give each mirror its own"
                )
            seen[place] = mirror.id
    _apart(mirrors)


def _apart(mirrors: Sequence[MirrorSettings]) -> None:
    names = {
        Path(os.path.normpath(one.folder)): one.id for one in mirrors if one.folder is not None
    }
    for folder, name in names.items():
        for above in folder.parents:  # not each with each: a thousand mirrors took seconds
            if above in names:
                raise ConfigError(
                    f"mirror {name}: its folder and that of mirror {names[above]} "
                    "lie in one another: give each a folder of its own"
                )


def refuse_home(mirrors: Sequence[MirrorSettings], newsroom: Path, reserved: Sequence[str]) -> None:
    """ConfigError where a mirror's folder is or holds the newsroom, or meets a `reserved` one."""
    home = Path(os.path.normpath(newsroom.absolute()))
    ours = [Path(os.path.normpath(home / one)) for one in reserved]
    for mirror in mirrors:
        if mirror.folder is None:
            continue
        folder = Path(os.path.normpath(home / mirror.folder))
        holds = any(one.is_relative_to(folder) for one in (home, *ours))
        if holds or any(folder.is_relative_to(one) for one in ours):
            raise ConfigError(
                f"mirror {mirror.id}: its folder {mirror.folder} holds or lies in what the "
                "newsroom needs: name an empty folder of its own"
            )
