"""A state: what a reader has seen before, so that nothing older is taken for new (formats 6.6)."""

import asyncio
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar

from tamizdat import canonical
from tamizdat.errors import ConfigError, FormatError
from tamizdat.record import MisfitError, Record, counting
from tamizdat.wire import Count, Sha256

MAX_STATE = 4 * 1024
"""What lies beyond so many bytes of a state file is not read: no state is larger."""

MAX_LEAP = 1_000_000
"""No counter rises so far between two readings: that is one step a minute, for two years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The highest number seen of one kind of file, and the digest it bore; 0 before the first."""

    number: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What was seen of the newsroom with this root id."""

    root_id: str
    root: Seen = Seen()
    pointer: Seen = Seen()
    edition: Seen = Seen()
    withdrawn: Seen = Seen()


def refuse_older(what: str, now: Seen, before: Seen) -> None:
    """Nothing where `now` may follow `before`; else FormatError (formats 6.6, 6.8)."""
    if now.number < before.number:
        raise FormatError("6.6", what, f"is number {now.number}, but {before.number} was seen")
    if now.number == before.number and now.sha256 != before.sha256:
        raise FormatError("6.6", what, f"says other things under the number {now.number} again")
    if before.number and now.number - before.number > MAX_LEAP:
        told = f"leaps from number {before.number} to {now.number}: its key may be in other hands"
        raise FormatError("6.8", what, told)


def newer(one: State, other: State) -> State:
    """The higher number of each kind."""
    return replace(
        one,
        root=_higher(one.root, other.root),
        pointer=_higher(one.pointer, other.pointer),
        edition=_higher(one.edition, other.edition),
        withdrawn=_higher(one.withdrawn, other.withdrawn),
    )


async def load(path: Path, root_id: str) -> State:
    """The state in the file at `path`, a fresh one where there is no file.

    Raises ConfigError where the file is damaged or belongs to another newsroom.
    """
    body = await asyncio.to_thread(_read, path)
    if body is None:
        return State(root_id=root_id)
    try:
        filed = _File.read(canonical.decode(body, str(path)))
    except (FormatError, MisfitError) as error:
        raise ConfigError(
            f"state {path}: is damaged; move it away to start again, without what it remembers"
        ) from error
    if filed.root_id != root_id:
        raise ConfigError(f"state {path}: belongs to the newsroom {filed.root_id[:16]}...")
    return State(
        root_id=root_id,
        root=_seen(filed.root),
        pointer=_seen(filed.pointer),
        edition=_seen(filed.edition),
        withdrawn=_seen(filed.withdrawn),
    )


async def save(path: Path, state: State) -> None:
    """Write `state` at one stroke; ConfigError where the folder cannot be written."""
    body = canonical.encode(
        {
            "root_id": state.root_id,
            "root": _pair(state.root),
            "pointer": _pair(state.pointer),
            "edition": _pair(state.edition),
            "withdrawn": _pair(state.withdrawn),
        }
    )
    await asyncio.to_thread(_write, path, body)


_OneSeen = Annotated[dict[Sha256, Count], counting(0, 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File(Record):
    closed: ClassVar[bool] = True

    root_id: Sha256
    root: _OneSeen
    pointer: _OneSeen
    edition: _OneSeen
    withdrawn: _OneSeen


def _pair(seen: Seen) -> dict[str, canonical.Json]:
    return {seen.sha256: seen.number} if seen.number else {}


def _seen(filed: dict[Sha256, int]) -> Seen:
    sha256, number = next(iter(filed.items()), ("", 0))
    return Seen(number=number, sha256=sha256)


def _higher(one: Seen, other: Seen) -> Seen:
    return max(one, other, key=lambda seen: seen.number)


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(MAX_STATE)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"state {path}: cannot be read ({error.strerror})") from error


def _write(path: Path, body: bytes) -> None:
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise ConfigError(f"state {path}: cannot be written ({error.strerror})") from error
