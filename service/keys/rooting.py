"""Rooting: the next root of a newsroom, drafted, carried to those who sign it, and accepted.

What needs a secret key of the newsroom's needs the newsroom for itself; the rest may be done
beside a running service. An accepted root goes out with the next publish.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from service.clock import SystemClock
from service.config import load
from service.keys.distrusting import distrusted, silenced
from service.keys.key_folder import load_draft
from service.keys.published import (
    certificates,
    publish_certificates,
    publish_root,
    published_roots,
    written,
)
from service.wiring import beside, locked
from signing import ceremony, certificate, gate
from signing.armor import MAX_ARMOR
from signing.openpgp import Keyring
from signing.root_draft import Draft, chain
from store.editions import SqlEditions
from store.facts import SqlFacts
from tamizdat.digest import digest
from tamizdat.edition import Sealed, Signature
from tamizdat.errors import ConfigError, SigningError
from tamizdat.wire import Key, RoleName, Root

ALL = "all"
ONLINE: tuple[RoleName, ...] = ("release", "timestamp", "mirrors", "denial")
MAX_SIGNATURES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A draft that lies in `file` now, and the root that it follows."""

    file: Path
    before: Root
    root: Root


async def draft(folder: Path, file: Path) -> Drafted:
    """Draft the next root with the keys of the newest: it holds for another year."""
    return await _amend(_keys(folder), file, lambda root: root, "")


async def exchange_roots(
    folder: Path, file: Path, comes: Sequence[Path], goes: Collection[str], threshold: int | None
) -> Drafted:
    """Let root keys come, by their certificates, and go, by fingerprint or `all`, in a draft."""
    texts = {path: await asyncio.to_thread(read_text, path) for path in comes}
    new = {}
    for path, text in texts.items():
        new.update(dict([next(iter(certificate.armored_keys(text, str(path)).items()))]))

    def change(root: Root) -> Root:
        now = root.roles["root"].keys
        _demand_known(goes, now, "root")
        stays = {} if ALL in goes else {name: root.keys[name] for name in now if name not in goes}
        return ceremony.exchanged(root, "root", {**stays, **new}, threshold)

    return await _amend(_keys(folder), file, change, "".join(texts.values()))


async def exchange_online(folder: Path, file: Path, role: RoleName) -> Drafted:
    """Make a new key of an online role, and name it alone in a draft."""
    async with locked(folder) as config, Keyring(folder / config.signing.keys / "online") as online:
        made = await online.create_key(f"Tamizdat {role} key", subkey=False)
        text = await online.export([made.fingerprint])
        return await _name(folder, file, role, {made.fingerprint: made.key}, text)


async def exchange_release(
    folder: Path,
    file: Path,
    comes: Sequence[Path],
    secret: Callable[[], str],
    goes: Collection[str] = (),
    threshold: int | None = None,
) -> Drafted:
    """Name release keys in a draft: of the newsroom, and of people who sign elsewhere.

    Of what comes, an `online.asc` is taken, and signs here; a certificate is that of a key that
    was taken before, or of another person. They take the place of all that is there, unless it is
    said which go (`all`, or fingerprints), or how many must sign.
    """
    texts = {path: await asyncio.to_thread(read_text, path) for path in comes}
    async with locked(folder) as config, Keyring(folder / config.signing.keys / "online") as online:
        named: dict[str, Key] = {}
        public = ""
        for path, text in texts.items():
            if "PRIVATE KEY" in text:
                made = await online.adopt(text, secret())
                named[made.fingerprint] = made.key
                public += await online.export([made.fingerprint])
            else:
                named |= _signing_key(text, path)
                public += text

        def change(root: Root) -> Root:
            now = root.roles["release"].keys
            _demand_known(goes, now, "release")
            stay = () if ALL in goes or not (goes or threshold) else now
            kept = {name: root.keys[name] for name in stay if name not in goes}
            return ceremony.exchanged(root, "release", {**kept, **named}, threshold)

        return await _amend(_keys(folder), file, change, public)


async def accept(folder: Path, file: Path, signatures: Sequence[Path]) -> Root:
    """Take a signed root into force; what readers would refuse is refused here (formats 6.2).

    ConfigError or SigningError where the newsroom could not live by it.
    """
    sealed_draft = await load_draft(file)
    async with locked(folder) as config:
        place = folder / config.signing.keys
        roots = published_roots(place)
        _demand_next(sealed_draft, roots, file)
        made = tuple([await asyncio.to_thread(_signature, path) for path in signatures])
        body = sealed_draft.body
        sealed = Sealed(body=body, sha256=digest(body), signatures=made)
        before = await asyncio.to_thread(chain, roots, SystemClock().now())
        root = before.next_root(sealed).root
        ceremony.demand_sound(before.root, root)
        await _demand_trusted(folder, root)
        await _demand_secrets(place, root)
        await asyncio.to_thread(publish_certificates, place, sealed_draft.certificates)
        await asyncio.to_thread(publish_root, place, root.version, sealed)
    return root


def read_text(path: Path, limit: int = certificate.MAX_TEXT) -> str:
    """What stands in a file of OpenPGP; ConfigError where it cannot be read."""
    try:
        with path.open("r", encoding="ascii") as file:
            return file.read(limit + 1)
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{path}: cannot be read as a key or signature of OpenPGP") from None


async def _name(
    folder: Path, file: Path, role: RoleName, keys: Mapping[str, Key], text: str
) -> Drafted:
    return await _amend(
        _keys(folder), file, lambda root: ceremony.exchanged(root, role, keys), text
    )


async def _amend(place: Path, file: Path, change: Callable[[Root], Root], public: str) -> Drafted:
    """Change the draft in `file`, a fresh one where there is none."""
    now, roots = SystemClock().now(), published_roots(place)
    before = (await asyncio.to_thread(chain, roots, now)).root
    if await asyncio.to_thread(file.exists):
        found = await load_draft(file)
        _demand_next(found, roots, file)
        if any(file.parent.glob(f"{file.name}.*.asc")):
            raise ConfigError(f"{file}: is signed already: name a new file, or delete the old ones")
    else:
        body = ceremony.renewed(before, now).encode()
        found = Draft(roots=roots, body=body, certificates=certificates(place))
    root = change(found.root)
    text = found.certificates + public
    changed = replace(found, body=root.encode(), certificates=text)
    await asyncio.to_thread(written, file, changed.encode())
    return Drafted(file=file, before=before, root=root)


def _demand_next(draft: Draft, roots: tuple[Sealed, ...], file: Path) -> None:
    if [one.sha256 for one in draft.roots] != [one.sha256 for one in roots]:
        raise ConfigError(
            f"{file}: follows root {len(draft.roots)}, the newest here is root {len(roots)}: "
            "draft it anew"
        )


async def _demand_trusted(folder: Path, root: Root) -> None:
    async with beside(folder) as (_, ledger):
        keys = await distrusted(SqlFacts(ledger), SqlEditions(ledger))
    if silenced(root, keys):
        raise ConfigError("it names a release key that is distrusted: name another")


async def _demand_secrets(place: Path, root: Root) -> None:
    """A key of each role that signs by itself must be here, or nothing could go out any more.

    Other release keys are those of people who sign elsewhere.
    """
    async with Keyring(place / "online") as online:
        here = await online.secrets()
    for role in ONLINE:
        keys = root.roles[role].keys
        if not any(name in here for name in keys):
            raise SigningError(
                f"key {keys[0]} of role {role} is not in {place / 'online'}: bring it first"
            )


def _demand_known(goes: Collection[str], now: Collection[str], role: RoleName) -> None:
    unknown = set(goes) - {*now, ALL}
    if unknown:
        raise ConfigError(f"{min(unknown)[:40]}: is no {role} key: `tamizdat key list` shows them")


def _signing_key(text: str, path: Path) -> Mapping[str, Key]:
    """The key in a certificate that signs: its one subkey, or its primary where it has none."""
    found = list(certificate.armored_keys(text, str(path)).items())
    signing = found[1:] or found
    if len(signing) != 1:
        raise ConfigError(f"{path}: name a certificate of one person, with one key that signs")
    return dict(signing)


def _signature(path: Path) -> Signature:
    armor = gate.normalise(read_text(path, MAX_ARMOR), str(path))
    return Signature(fingerprint=gate.parse(armor, str(path)).fingerprint, armor=armor)


def _keys(folder: Path) -> Path:
    return folder / load(folder).signing.keys
