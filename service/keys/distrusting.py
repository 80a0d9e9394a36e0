"""Distrusting: a release key that was stolen counts no more (formats 5.6), even before a new root.

What we were told to distrust is a fact in the ledger, so that it can be told beside a running
service; the next publish puts it on the list of withdrawals, where it stays for ever.
"""

from collections.abc import Collection, Mapping

from service.newsroom import Keys, Newsroom
from tamizdat.errors import ConfigError
from tamizdat.ledgers import Editions, Facts
from tamizdat.wire import Previous, Root, Withdrawn

DISTRUSTED = "distrusted release keys"


async def distrust(facts: Facts, roots: Collection[Root], fingerprint: str) -> None:
    """Note that the key counts no more; ConfigError where no root named it as a release key."""
    named = {key for root in roots for key in root.roles["release"].keys}
    if fingerprint not in named:
        raise ConfigError(
            f"{fingerprint[:40]!r} is no release key of ours: `tamizdat key list` shows them"
        )
    told = set((await facts.get(DISTRUSTED) or "").split())
    await facts.set(DISTRUSTED, " ".join(sorted({*told, fingerprint})))


async def distrusted(facts: Facts, editions: Editions) -> frozenset[str]:
    """The keys that we were told to distrust, and those that the newest list names."""
    told = (await facts.get(DISTRUSTED) or "").split()
    last = await editions.withdrawals()
    listed = Withdrawn.parse(last.body, "withdrawn.json").keys if last else ()
    return frozenset((*told, *listed))


async def last_editions(
    keys: Collection[str], editions: Editions, before: Withdrawn | None
) -> Mapping[str, Previous | None]:
    """By distrusted key, the last edition that we made with it (formats 5.6).

    What a list once said stays. None where the ledger knows of no edition by that key: later ones
    vouch for the earlier.
    """
    known: dict[str, Previous | None] = dict(before.last) if before else {}
    newest = await editions.newest()
    row = await editions.between(newest.manifest.oldest, newest.number) if newest else ()
    for key in sorted(set(keys) - known.keys()):
        made = [one for one in row if key in {by.fingerprint for by in one.sealed.signatures}]
        last = made[-1] if made else None
        known[key] = Previous(edition=last.number, sha256=last.sealed.sha256) if last else None
    return known


def silenced(root: Root, keys: Collection[str]) -> bool:
    """Whether too few trusted release keys are left to sign an edition."""
    release = root.roles["release"]
    return len(set(release.keys) - set(keys)) < release.threshold


def is_mute(keys: Keys, gone: Collection[str]) -> bool:
    """Whether no edition can be made: too few trusted keys are left, or too few of them here.

    Else an edition would go out with a key that counts no more: readers refuse it, and all that
    follows it.
    """
    here = len(keys.held.difference(gone)) + keys.lacking
    too_few = bool(keys.held) and here < keys.root.roles["release"].threshold
    return too_few or silenced(keys.root, gone)


async def silence(room: Newsroom) -> str:
    """Why no edition can be made now, in a sentence; empty where one can."""
    if not is_mute(room.keys, await distrusted(room.ledgers.facts, room.ledgers.editions)):
        return ""
    return (
        "the release key is distrusted, so no edition can be made until a new root names another: "
        "`tamizdat key rotate release`"
    )
