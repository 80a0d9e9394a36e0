"""The keychain: where a newsroom's keys lie, and how the first ones are born.

`keys/root` and `keys/online` are gpg homes; `keys/published/root` holds the signed roots. The keys
that `init` makes are test keys: all three root keys lie on this machine, which a root ceremony
must change before anyone's liberty rests on them.
"""

import secrets
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from service.keys.published import PUBLISHED, publish_certificates, publish_root, published_roots
from service.newsroom import Keys
from signing.openpgp import Keyring, MadeKey, RoleSigner
from signing.seal import ROOT_LIFETIME, seal
from signing.words import spelled
from tamizdat import paths
from tamizdat.wire import SPEC, Role, Root

ROOT_KEYS, ROOT_THRESHOLD = 3, 2


async def make_test_keys(folder: Path, now: datetime) -> str:
    """Make test keys and the first root below `folder`; gives the root id."""
    async with Keyring(folder / "root") as offline, Keyring(folder / "online") as online:
        roots = [
            await offline.create_key(f"Tamizdat root key {n}", subkey=False)
            for n in range(1, ROOT_KEYS + 1)
        ]
        release = await online.create_key("Tamizdat release key", subkey=True)
        timestamp = await online.create_key("Tamizdat timestamp key", subkey=False)
        mirrors = await online.create_key("Tamizdat mirrors key", subkey=False)
        made = [*roots, release, timestamp, mirrors]
        root = Root(
            spec=SPEC,
            channel=secrets.token_hex(16),
            issued=now,
            version=1,
            expires=now + ROOT_LIFETIME,
            keys={one.fingerprint: one.key for one in made},
            roles={
                "root": _role(roots, ROOT_THRESHOLD),
                "release": _role([release], 1),
                "timestamp": _role([timestamp], 1),
                "mirrors": _role([mirrors], 1),
                "denial": _role([release], 1),
            },
        )
        signing = [one.fingerprint for one in roots[:ROOT_THRESHOLD]]
        sealed = await seal(root.encode(), RoleSigner(offline, signing))
        (folder / PUBLISHED).mkdir(mode=0o755, exist_ok=True)
        publish_root(folder, 1, sealed)
        certificates = await offline.export([one.fingerprint for one in roots])
        certificates += await online.export([one.fingerprint for one in made[ROOT_KEYS:]])
    publish_certificates(folder, certificates)
    return sealed.sha256


async def open_keys(folder: Path, stack: AsyncExitStack) -> Keys:
    """The newsroom's keys, ready to sign until `stack` closes."""
    sealed = published_roots(folder)
    root = Root.parse(sealed[-1].body, paths.root(len(sealed)))
    online = await stack.enter_async_context(Keyring(folder / "online"))

    def signer(role: Role) -> RoleSigner:
        return RoleSigner(online, role.keys)

    release = root.roles["release"]
    held = await _held(online, release)
    return Keys(
        roots=sealed,
        root=root,
        root_id=sealed[0].sha256,
        words=spelled(sealed[0].sha256),
        release=RoleSigner(online, held),
        timestamp=signer(root.roles["timestamp"]),
        mirrors=signer(root.roles["mirrors"]),
        held=frozenset(held),
        lacking=max(0, release.threshold - len(held)),
    )


async def _held(online: Keyring, role: Role) -> Sequence[str]:
    """The keys of a role that sign here; others are those of people elsewhere."""
    if len(role.keys) == 1:
        return role.keys
    here = await online.secrets()
    return [name for name in role.keys if name in here]


def _role(keys: Sequence[MadeKey], threshold: int) -> Role:
    return Role(keys=tuple(one.fingerprint for one in keys), threshold=threshold)
