"""The config: one TOML file, `tamizdat.toml` in the newsroom's folder, parsed once."""

import os
import tomllib
import unicodedata
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from gateway.hosting import Endpoint, PostSettings
from gateway.messenger_settings import MessengerSettings
from gateway.responder.settings import ResponderSettings
from gateway.settings import GatewaySettings
from gateway.settings import distinct as distinct_gateways
from mirror.providers import ProviderSettings
from mirror.providers import known as known_providers
from mirror.settings import MirrorSettings, distinct, refuse_home
from reach.settings import VantageSettings
from reach.settings import distinct as distinct_vantages
from service.alarms.settings import AlarmSettings
from service.dispatching.settings import DispatchSettings
from service.handing.settings import ChannelSettings
from service.handing.settings import distinct as distinct_channels
from service.stories.settings import ImportSettings, SourceSettings
from tamizdat import language
from tamizdat.errors import ConfigError, SourceError

FILE = "tamizdat.toml"


class Part(BaseModel):
    """A part of the config: frozen, strict, and refusing unknown keys by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _language(value: object) -> str:
    try:
        return language.tag(str(value))
    except SourceError as error:
        raise ValueError(str(error)) from error


def _plain(text: str) -> str:
    if not text.strip() or any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in text):
        raise ValueError("must be plain text without control or direction characters")
    return text


def _zone(name: str) -> str:
    try:
        if name != "UTC":  # known also on a machine that knows no zones
            ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError("is no time zone such as Europe/Riga") from None
    return name


Language = Annotated[str, BeforeValidator(_language)]


class NewsroomPart(Part):
    """What readers see: the paper's name, the order of languages, and the stable ways to it."""

    name: Annotated[str, AfterValidator(_plain), Field(min_length=1, max_length=80)]
    languages: Annotated[tuple[Language, ...], Field(strict=False, min_length=1)] = ("en",)
    exit: Annotated[str, StringConstraints(pattern=r"^(about:blank|https://\S{1,200})$")] = (
        "about:blank"
    )
    mail: str | None = None
    onion: str | None = None
    messenger: str | None = None


class StorePart(Part):
    """Where the ledger and the blobs lie; paths are relative to the newsroom's folder."""

    ledger: str = "sqlite:state/ledger.db"
    blobs: str = "state/blobs"


class SigningPart(Part):
    """Where the keys lie."""

    keys: str = "keys"


class ServePart(Part):
    """What `tamizdat serve` does on its own, and where it listens.

    `desk` is where editors and operators sign in, `address` how they reach it where a web server
    with TLS stands before it; `status` answers `/health` and `/metrics` to whoever asks. `spares`
    is how many spares a day may be added without a person.
    """

    desk: Endpoint = "127.0.0.1:8180"
    address: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]{1,253}/?$")] | None = (
        None
    )
    status: Endpoint = "127.0.0.1:8181"
    look_seconds: Annotated[int, Field(ge=1, le=86400)] = 300
    publish_seconds: Annotated[int, Field(ge=1, le=86400)] = 3600
    audit_seconds: Annotated[int, Field(ge=1, le=604800)] = 3600
    spares: Annotated[int, Field(ge=0, le=1000)] = 4


class DeskPart(Part):
    """Who must agree before anything goes out, and what a clock may do by itself.

    `approvals` is how many people beside its author approve a text. `grace_seconds`: a clock that
    strikes later than that asks instead of publishing. `leap_seconds`: where the machine's clock
    leaps forward by more, all that is on a clock asks. `zone` is the editors' time zone. `sealed`
    is the path of a file with the passphrase under which drafts and the log lie; `told` are the
    people, by number, who learn that somebody was forced to sign in: all others where it is empty.
    """

    approvals: Annotated[int, Field(ge=0, le=9)] = 0
    grace_seconds: Annotated[int, Field(ge=0, le=86400)] = 600
    leap_seconds: Annotated[int, Field(ge=5, le=86400)] = 120
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    sealed: Annotated[str, Field(min_length=1)] | None = None
    told: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(strict=False)] = ()


class Config(Part):
    """The whole config."""

    newsroom: NewsroomPart
    store: StorePart = StorePart()
    signing: SigningPart = SigningPart()
    mirror: Annotated[tuple[MirrorSettings, ...], Field(strict=False)] = ()
    provider: Annotated[tuple[ProviderSettings, ...], Field(strict=False)] = ()
    channel: Annotated[tuple[ChannelSettings, ...], Field(strict=False)] = ()
    gateway: Annotated[tuple[GatewaySettings, ...], Field(strict=False)] = ()
    messenger: MessengerSettings | None = None
    post: PostSettings | None = None
    responder: ResponderSettings | None = None
    vantage: Annotated[tuple[VantageSettings, ...], Field(strict=False)] = ()
    serve: ServePart = ServePart()
    dispatch: DispatchSettings = DispatchSettings()
    desk: DeskPart = DeskPart()
    alarm: AlarmSettings = AlarmSettings()
    source: Annotated[tuple[SourceSettings, ...], Field(strict=False)] = ()
    inbound: Annotated[ImportSettings, Field(alias="import")] = ImportSettings()


def load(folder: Path) -> Config:
    """The config in `folder`; ConfigError says which key is wrong and what would be right."""
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"{folder}: no newsroom here ({FILE} is missing): "
            "make one with `tamizdat init DIR`, or name one with -C DIR"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from None
    config = parse(text, str(path))
    ledger = config.store.ledger.removeprefix("sqlite:")
    reserved = (config.signing.keys, "state", config.store.blobs, str(Path(ledger).parent))
    try:
        refuse_home(config.mirror, folder, [one for one in reserved if one != "."])
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    return config


def parse(text: str, where: str) -> Config:
    """The config in `text`."""
    try:
        config = Config.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: is not TOML: {error}") from None
    except ValidationError as error:
        raise ConfigError(f"{where}: {_first(error)}") from None
    try:
        _reachable_by_all(config)
        distinct(config.mirror)
        known_providers(config.provider, config.mirror)
        distinct_channels(config.channel)
        distinct_gateways(config.gateway)
        distinct_vantages(config.vantage)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    return config


def _reachable_by_all(config: Config) -> None:
    """ConfigError where several programs are to share a ledger that one may use."""
    if config.dispatch.kind == "workers" and not config.store.ledger.startswith("postgresql:"):
        raise ConfigError(
            'dispatch.kind: "workers" share a ledger, and in SQLite one program works at a time: '
            "put it in PostgreSQL (store.ledger)"
        )


def checked_block(folder: Path, block: str) -> Config:
    """The config as it would be with a block more; ConfigError where it would not parse."""
    return parse(_with(folder, block), str(folder / FILE))


def append_block(folder: Path, block: str) -> Config:
    """Add a block to the config file, after checking that the whole still parses."""
    config = checked_block(folder, block)
    path, text = folder / FILE, _with(folder, block)
    fresh = path.with_name(f".{FILE}.new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from None
    return config


def _with(folder: Path, block: str) -> str:
    text = (folder / FILE).read_text(encoding="utf-8")
    return text.rstrip("\n") + "\n\n" + block.rstrip("\n") + "\n"


def _first(error: ValidationError) -> str:
    errors = error.errors(include_url=False)
    typos = [one for one in errors if one["type"] == "extra_forbidden"]
    first = (typos or errors)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{key}: unknown key: check its spelling against docs/operating.md"
    if first["type"] == "missing":
        return f"{key}: is missing"
    return f"{key}: {first['msg'].removeprefix('Value error, ')}, not {first['input']!r:.60}"
