"""What to lay of a copy that was read: its signed files, and the files that they account for."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from signing.account import Account
from signing.head import HERE, LATEST, WAYS, WITHDRAWN, Head
from signing.lectern import passing_sealed
from signing.state import State
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import Sealed, Stamp

BATCH_FILES = 64
MAX_BATCH = 16 * 1024 * 1024
"""So many bytes are held at once while files are fetched, or one file."""

Wanted = dict[str, frozenset[Stamp]]
"""Paths, each with the stamps that it may bear."""


def with_newest_list(top: Head, others: Iterable[Head], seen: State) -> Head:
    """`top` with the newest list of withdrawals that any of the others has (formats 5.3)."""
    for other in others:
        if not (top.withdrawn and other.withdrawn):
            continue
        if other.withdrawn.version > top.withdrawn.version:
            sealed, name = _list_of(other)
            pointer = top.pointer.pointer if top.pointer else None
            listed = top.trust.withdrawn(sealed, pointer, top.trust.still(seen))
            files = {path: body for path, body in top.files.items() if WITHDRAWN not in path}
            files |= {WITHDRAWN: sealed.body, name: other.files[name]}
            top = replace(top, withdrawn=listed, files=files)
    return top


def is_same(one: Head, other: Head) -> bool:
    """Whether two copies hold the same edition."""
    sealed = one.editions[one.edition].sealed
    return sealed.sha256 == other.editions[other.edition].sealed.sha256


def unsigned(listed: Account) -> Wanted:
    """The files to lay that no signature is beside."""
    names = [*listed.current, *([WAYS] if listed.ways else [])]
    return {path: listed.allowed(path) for path in names}


def signed(top: Head) -> Mapping[str, bytes]:
    """The signed files, signatures and shards to lay: of this edition and of later ones.

    Of earlier editions the manifests go along from `oldest` on; what waits, or is being collected,
    does not.
    """
    oldest = top.manifest.oldest
    laid = {number for number in top.editions if number >= oldest}
    manifests = {paths.manifest(number) for number in laid}
    shards = {
        paths.shard(ref.sha256)
        for number in laid
        if number >= top.edition
        for ref in top.editions[number].manifest.shards
    }
    roots = {paths.root(root.version) for root in top.trust.roots}
    passing = {path for path in (LATEST, HERE, WITHDRAWN) if path in top.files}
    names = manifests | shards | roots | passing
    names |= {paths.passing_signature(path, digest(top.files[path])) for path in passing}
    lasting = manifests | roots
    return {
        path: body
        for path, body in top.files.items()
        if path in names or (path.endswith(".asc") and path[: -len(_FINGERPRINT)] in lasting)
    }


def batches(missing: Wanted) -> list[Wanted]:
    """The files in parts that fit into memory."""
    parts: list[Wanted] = []
    room = 0
    for path, stamps in missing.items():
        length = max((stamp.length for stamp in stamps), default=0)
        if not parts or length > room or len(parts[-1]) >= BATCH_FILES:
            parts.append({})
            room = max(MAX_BATCH, length)
        parts[-1][path] = stamps
        room -= length
    return parts


_FINGERPRINT = "." + "0" * 40 + ".asc"


def _list_of(top: Head) -> tuple[Sealed, str]:
    body = top.files[WITHDRAWN]
    name = paths.passing_signature(WITHDRAWN, digest(body))
    return passing_sealed(body, top.files[name], name), name
