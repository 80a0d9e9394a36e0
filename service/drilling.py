"""A drill: what happens if a provider, an account or a key is lost, on a copy that is thrown away.

The newsroom is backed up and restored into a folder of its own; folders stand for its mirrors, and
nothing of the copy speaks to anybody. What is lost refuses everything; then the real planner, the
real turns and the real pushes run.
"""

import asyncio
import json
import secrets
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from mirror.settings import MirrorSettings
from mirror.stranding import Stranding, stranding
from service import turning
from service.backup.backing_up import back_up
from service.backup.passphrase import Locked
from service.backup.restored import RESTORED
from service.backup.restoring import restore
from service.config import FILE, Config, load
from service.keys.distrusting import distrust, silence
from service.newsroom import Newsroom, Outlet
from service.pipeline import publish, wanted
from service.wiring import glanced, opened
from tamizdat import paths
from tamizdat.errors import BackendError, ConfigError
from tamizdat.placement import Mirror, MirrorId, MirrorState
from tamizdat.wire import Root

Tell = Callable[[str], None]


class Loss(StrEnum):
    """What is lost."""

    PROVIDER = "provider"
    ACCOUNT = "account"
    KEY = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """How it went. Seconds are this machine's, with folders for mirrors: lines are slower.

    `full` is None where full service was not reached; `needs` says what a person must do. `opened`
    are mirrors that had to be opened anew, since no spare was left.
    """

    lost: tuple[str, ...]
    promoted: tuple[str, ...]
    opened: tuple[str, ...]
    restored: float
    full: float | None
    stranded: int
    stranded_after: int
    needs: str


async def drill(folder: Path, loss: Loss, name: str, readers: int, tell: Tell) -> Drilled:
    """Lose it on a copy of the newsroom in `folder`; ConfigError where there is no such thing."""
    config = load(folder)
    lost = _lost(config, loss, name) if loss is not Loss.KEY else ()
    async with glanced(folder) as glance:
        pool = list(glance.mirrors)
    fate = stranding(pool, {MirrorId(one) for one in lost})
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="drill-", dir=folder / "state") as scratch:
        tell("backing up and restoring")
        room = await _copied(folder, config, Path(scratch), pool)
        restored = time.monotonic() - began
        tell("filling its mirrors")
        async with opened(room) as here:
            await here.ledgers.facts.set(RESTORED, "")
            for mirror in here.outlets:
                await here.ledgers.pool.set_lying(mirror, ())
                await here.ledgers.pool.set_placed(mirror, ())
            await publish(here)
        tell(f"losing {loss} {name}")
        if loss is Loss.KEY:
            return await _key_lost(room, name, restored)
        return await _mirrors_lost(room, lost, fate, readers, restored)


async def _copied(folder: Path, config: Config, scratch: Path, pool: Sequence[Mirror]) -> Path:
    """The newsroom out of a backup of now, with folders for its mirrors and no way out."""
    main = Locked(file=scratch / "paper", passphrase=secrets.token_urlsafe(32))
    keys = Locked(file=scratch / "keys", passphrase=secrets.token_urlsafe(32))
    await back_up(folder, main, keys)
    room = scratch / "room"
    await restore(main, room, keys, "sqlite:state/ledger.db")
    inside = load(room)
    await asyncio.to_thread(
        (room / FILE).write_text, _config(config, inside, pool), encoding="utf-8"
    )
    for one in pool:
        await asyncio.to_thread((room / "drill" / one.id).mkdir, 0o700, parents=True)
    return room


def _config(config: Config, inside: Config, pool: Sequence[Mirror]) -> str:
    """Only what composes and places: no gateway, source, vantage, alarm or messenger."""
    part = config.newsroom
    lines = [
        "[newsroom]",
        f"name = {json.dumps(part.name, ensure_ascii=False)}",
        f"languages = {json.dumps(list(part.languages))}",
        "[store]",
        f"ledger = {json.dumps(inside.store.ledger)}",
        f"blobs = {json.dumps(inside.store.blobs)}",
        "[signing]",
        f"keys = {json.dumps(inside.signing.keys)}",
    ]
    return "\n".join([*lines, *(_block(one) for one in pool), ""])


def _block(mirror: Mirror) -> str:
    told = {
        "id": mirror.id,
        "backend": "folder",
        "folder": f"drill/{mirror.id}",
        "state": "spare" if mirror.state is MirrorState.SPARE else "active",
        "exposure": mirror.exposure.value,
        "group": mirror.group,
    }
    return "\n".join(["[[mirror]]", *(f"{key} = {json.dumps(v)}" for key, v in told.items())])


async def _mirrors_lost(
    room: Path, lost: Collection[str], fate: Stranding, readers: int, restored: float
) -> Drilled:
    began, done, lacking = time.monotonic(), list[str](), list[MirrorId]()
    async with opened(room) as copy:
        here = _without(copy, lost)
        for one in sorted(lost):
            mirror = MirrorId(one)
            if here.outlets[mirror].mirror.state is not MirrorState.ACTIVE:
                await turning.retire(here, mirror)
        for one in sorted(lost):
            if here.outlets[MirrorId(one)].mirror.state is MirrorState.ACTIVE:
                rotated = await turning.rotate(here, MirrorId(one))
                done += rotated.promoted
                lacking += [MirrorId(one)] if rotated.wanted else []
        pool = list((await here.as_it_stands()).mirrors)
    fresh = _add_fresh(room, [one for one in pool if one.id in lacking])
    async with opened(room) as copy:
        for one in lacking:
            await turning.retire(copy, one)
        here = _without(await copy.as_it_stands(), lost)
        published = await publish(here)
        missing = {one.mirror for one in published.refusals} - {MirrorId(one) for one in lost}
        served = {one.mirror.id for one in await wanted(here)} <= {
            *(one.mirror for one in published.placements),
            *(MirrorId(one) for one in lost),
        }
    whole = served and not missing
    needs = f"open {len(fresh)} mirrors: no spare is left" if fresh else ""
    return Drilled(
        lost=tuple(sorted(lost)),
        promoted=tuple(done),
        opened=tuple(fresh),
        restored=restored,
        full=time.monotonic() - began if whole else None,
        stranded=round(fate.at_once * readers),
        stranded_after=round(fate.after * readers),
        needs=needs or ("" if whole else "some mirrors refuse: look at the newsroom's own"),
    )


def _add_fresh(room: Path, lacking: Sequence[Mirror]) -> Sequence[str]:
    """Mirrors that a person would have to open, one for each that no spare replaces."""
    blocks = []
    for one in lacking:
        fresh = replace(one, id=MirrorId(f"{one.id[:20]}-drill"), state=MirrorState.ACTIVE)
        (room / "drill" / fresh.id).mkdir(0o700)
        blocks.append(_block(fresh))
    with (room / FILE).open("a", encoding="utf-8") as config:
        config.write("".join(f"{block}\n" for block in blocks))
    return [f"{one.id[:20]}-drill" for one in lacking]


async def _key_lost(room: Path, name: str, restored: float) -> Drilled:
    """A release key is seized: it is distrusted at once, and that is laid on every mirror."""
    began = time.monotonic()
    async with opened(room) as here:
        fingerprint = name.upper()
        if fingerprint not in here.keys.root.roles["release"].keys:
            have = ", ".join(sorted(here.keys.root.roles["release"].keys))
            raise ConfigError(f"{name}: is no release key of this newsroom (have: {have})")
        known = [
            Root.parse(one.body, paths.root(number))
            for number, one in enumerate(here.keys.roots, 1)
        ]
        await distrust(here.ledgers.facts, known, fingerprint)
        published = await publish(here)
        mute = await silence(here)
    told = not published.refusals
    return Drilled(
        lost=(fingerprint,),
        promoted=(),
        opened=(),
        restored=restored,
        full=time.monotonic() - began if told and not mute else None,
        stranded=0,
        stranded_after=0,
        needs=mute,
    )


def _lost(config: Config, loss: Loss, name: str) -> Sequence[str]:
    """The mirrors that go with it."""
    found = [one.id for one in config.mirror if _owner(one, loss) == name]
    if not found:
        have = sorted({owner for one in config.mirror if (owner := _owner(one, loss))})
        raise ConfigError(
            f"no mirror names {loss} {name} (have: {', '.join(have) or 'none'}): "
            f"write `{loss}` into its [[mirror]] block"
        )
    return found


def _owner(settings: MirrorSettings, loss: Loss) -> str | None:
    return settings.provider if loss is Loss.PROVIDER else settings.account


def _without(room: Newsroom, lost: Collection[str]) -> Newsroom:
    """The newsroom where the lost mirrors refuse everything."""
    gone = _Gone()
    outlets = {
        name: Outlet(mirror=one.mirror, backend=gone, reader=gone) if name in lost else one
        for name, one in room.outlets.items()
    }
    return replace(room, outlets=outlets)


class _Gone:
    """A mirror whose owner shut the account."""

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        """Refuse."""
        del body, media_type
        raise BackendError(f"{path}: the account is closed for all access", retry=False)

    async def delete(self, path: str) -> None:
        """Refuse."""
        raise BackendError(f"{path}: the account is closed for all access", retry=False)

    async def paths(self) -> Sequence[str]:
        """Refuse."""
        raise BackendError("listing: the account is closed for all access", retry=False)

    async def fetch(self, path: str, limit: int) -> bytes | None:
        """Refuse."""
        del limit
        raise BackendError(f"{path}: nobody answers there", retry=False)

    async def close(self) -> None:
        """Nothing is held."""
