"""Furnishing: the members of a backup, moved to where the newsroom's config wants them.

A restored newsroom is one folder: what lay elsewhere before lies in it now, and its config says so.
"""

import os

from service.backup.contents import FOLDERS, KEYS, MAX_SMALL, SECRETS, Contents, is_path, secrets
from service.backup.rewriting import rewritten
from service.backup.staging import Staging
from service.closing import DRAFTS
from service.config import FILE, Config, parse
from service.founding import LEDGER
from service.keys.published import published_roots
from service.post.mailing import LETTERS
from service.post.posting import POST
from tamizdat.errors import ConfigError, SourceError

BLOBS, KEYRING = "state/blobs", "keys"


def furnish(
    staging: Staging, contents: Contents, ledger_at: str | None, *, keys: bool
) -> tuple[Config, tuple[str, ...]]:
    """Lay out the newsroom; gives its config, and what in that was changed.

    SourceError where the backup does not fit together; ConfigError where `ledger_at` is no ledger.
    """
    text = (staging.members / FILE).read_bytes()[:MAX_SMALL].decode("utf-8", "replace")
    config, text, changed = _within(text, ledger_at)
    (staging.members / FILE).write_text(text, encoding="utf-8")
    staging.move(FILE, FILE)
    for heap, place in zip(FOLDERS, (config.store.blobs, LETTERS, POST, DRAFTS), strict=True):
        if (staging.members / heap).exists():
            staging.move(heap, place)
    wanted = set(secrets(config))
    for name in contents.files:
        path = name.removeprefix(SECRETS)
        if path != name and path not in wanted:
            raise SourceError(f"holds {path[:90]!r}, which its config does not name")
        if path != name:
            staging.move(name, path)
    if keys:
        staging.move(KEYS.rstrip("/"), config.signing.keys)
        _refuse_foreign(staging, config, contents)
    return config, changed


def _within(text: str, ledger_at: str | None) -> tuple[Config, str, tuple[str, ...]]:
    """The config with all its own places inside the newsroom's folder."""
    config = _parsed(text)
    if ledger_at and not _is_ledger(ledger_at):
        raise ConfigError("--ledger: write sqlite:PATH (inside DIR), or postgresql://...")
    wanted = {
        ("store", "ledger"): (config.store.ledger, ledger_at or _ledger_within(config)),
        ("store", "blobs"): (config.store.blobs, _path_within(config.store.blobs, BLOBS)),
        ("signing", "keys"): (config.signing.keys, _path_within(config.signing.keys, KEYRING)),
    }
    changed = []
    for (section, key), (before, after) in wanted.items():
        if before != after:
            text = rewritten(text, section, key, after)
            changed.append(f"{section}.{key}")
    config = _parsed(text)
    said = (config.store.ledger, config.store.blobs, config.signing.keys)
    if said != tuple(after for _, after in wanted.values()):
        raise SourceError(f"its {FILE} spells {changed[0]} in a way that cannot be changed here")
    return config, text, tuple(changed)


def _parsed(text: str) -> Config:
    try:
        return parse(text, FILE)
    except ConfigError as error:
        raise SourceError(f"its config cannot be used: {error}") from None


def _is_ledger(address: str) -> bool:
    scheme, _, path = address.partition(":")
    return scheme == "postgresql" or (scheme == "sqlite" and is_path(path))


def _ledger_within(config: Config) -> str:
    return config.store.ledger if _is_ledger(config.store.ledger) else LEDGER


def _path_within(path: str, otherwise: str) -> str:
    plain = os.path.normpath(path)
    return path if is_path(plain) and plain != FILE else otherwise


def _refuse_foreign(staging: Staging, config: Config, contents: Contents) -> None:
    try:
        root = published_roots(staging.room / config.signing.keys)[0].sha256
    except ConfigError as error:
        raise SourceError("the backup of the keys holds no root") from error
    if root != contents.root:
        raise SourceError(f"the keys are those of root {root[:16]}..., not of this newsroom")
