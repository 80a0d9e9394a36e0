"""A shard as it is read: a part of the paper's list of files (formats 3.6)."""

from tamizdat import canonical, paths
from tamizdat.digest import digest
from tamizdat.errors import FormatError
from tamizdat.wire import Shard, ShardRef, load

RESERVED = frozenset({"latest.json", "here.json", "withdrawn.json", "ways.html"})
"""Files that are signed apart, or that are local to one mirror: no shard names them."""

_RESERVED_FOLDERS = ("root/", "e/", "s/", "b/", "hints/")


def parse(body: bytes, ref: ShardRef, where: str) -> Shard:
    """The shard that `ref` names; FormatError where `body` is another, or names what it may not."""
    if (digest(body), len(body)) != (ref.sha256, ref.len) or len(body) > Shard.limit:
        raise FormatError("4.3", where, "is not the shard that the manifest names")
    shard = load(Shard, canonical.decode(body, where), where, "3.6")
    if shard.key != ref.key:
        raise FormatError("3.6", where, f"is the shard {shard.key[:60]}, not {ref.key}")
    before = ""
    for path, _, sha256 in shard.files:
        if path <= before:
            raise FormatError("3.6", where, "is not sorted, or names a path twice")
        before = paths.check(path)
        if path in RESERVED or path.startswith(_RESERVED_FOLDERS) or path.endswith(".asc"):
            raise FormatError("3.6", where, f"names {path}, which no shard may name")
        if path.startswith("o/") and not path.startswith(f"o/{sha256[:2]}/{sha256}."):
            raise FormatError("3.7", where, f"names {path}, which is not named by its digest")
    return shard
