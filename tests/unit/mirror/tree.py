"""A tree of files, checked as a strict reader would check it; written without the mirror room."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count, takewhile

from mirror.target import Target
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import Stamp
from tamizdat.placement import Lying, Phase
from tamizdat.wire import Here, Manifest, Pointer, Shard
from tests.unit.mirror.paper import BASE, LINK, SIGNER, Blobs


def dead_links(tree: Mapping[str, bytes]) -> list[str]:
    """Links of pages in `tree` whose target does not lie there."""
    return [
        f"{path} -> {link}"
        for path, body in tree.items()
        if path.endswith(".html")
        for link in LINK.findall(body.decode())
        if link not in tree
    ]


def faults(tree: Mapping[str, bytes], base: str | None = BASE, *, web: bool = False) -> list[str]:
    """What a reader would refuse in a tree with a pointer (formats 4.3 to 4.6).

    On the `web` nobody sees what lies above a gap in the row of manifests, or belongs to nothing.
    """
    if "latest.json" not in tree:
        return []
    pointer = Pointer.parse(tree["latest.json"], "latest.json")
    manifests = {
        number: Manifest.parse(body, path)
        for path, body in tree.items()
        if path.startswith("e/") and path.endswith("manifest.json")
        for number in [int(path.split("/")[1])]
    }
    if pointer.edition not in manifests:
        return [f"manifest {pointer.edition} is missing"]
    if web:
        row = takewhile(lambda number: number in manifests, count(pointer.edition))
        manifests = {
            number: manifests[number]
            for number in (*range(pointer.edition), *row)
            if number in manifests
        }
    return [
        *_unsigned(tree),
        *_broken_chain(tree, manifests, pointer.edition),
        *_not_genuine(tree, manifests, pointer.edition, base),
        *(() if web else _unaccounted(tree, manifests)),
    ]


def _unsigned(tree: Mapping[str, bytes]) -> Iterable[str]:
    for path in ("latest.json", "here.json", "withdrawn.json"):
        if paths.passing_signature(path, digest(tree[path])) not in tree:
            yield f"{path} is not signed"
    here = Here.parse(tree["here.json"], "here.json")
    if digest(tree["ways.html"]) not in {one.sha256 for one in here.ways}:
        yield "ways.html is not that of here.json"


def _broken_chain(
    tree: Mapping[str, bytes], manifests: Mapping[int, Manifest], at: int
) -> Iterable[str]:
    for number in range(manifests[at].oldest, max(manifests) + 1):
        path = paths.manifest(number)
        if path not in tree:
            yield f"{path} is missing"
        if paths.lasting_signature(path, SIGNER) not in tree:
            yield f"{path} is not signed"


def _stamps(tree: Mapping[str, bytes], manifest: Manifest) -> dict[str, Stamp]:
    found = {
        paths.bundle(one.sha256, one.extension): Stamp(one.sha256, one.len)
        for one in manifest.bundles
    }
    for one in manifest.shards:
        path = paths.shard(one.sha256)
        found[path] = Stamp(one.sha256, one.len)
        if path in tree:
            shard = Shard.parse(tree[path], path)
            found |= {name: Stamp(sha256, length) for name, length, sha256 in shard.files}
    return found


def _not_genuine(
    tree: Mapping[str, bytes], manifests: Mapping[int, Manifest], at: int, base: str | None
) -> Iterable[str]:
    later = [_stamps(tree, manifests[number]) for number in sorted(manifests) if number >= at]
    for path in later[0]:
        if path not in tree:
            yield f"{path} is missing"
            continue
        body = tree[path]
        if paths.bears_address(path) and base:
            body = body.replace(base.encode(), paths.PLACEHOLDER.encode())
        if Stamp(digest(body), len(body)) not in {stamps.get(path) for stamps in later}:
            yield f"{path} is not genuine"


def _unaccounted(tree: Mapping[str, bytes], manifests: Mapping[int, Manifest]) -> Iterable[str]:
    known = {path for one in manifests.values() for path in _stamps(tree, one)}
    for path in tree:
        if path not in known and not path.startswith(
            ("root/", "e/", "here.json", "withdrawn.json", "latest.json", "ways.html")
        ):
            yield f"{path} belongs to no edition"


def expected(target: Target, blobs: Blobs) -> dict[str, bytes]:
    """The whole tree of a target, composed without any code of the mirror room."""
    manifest = target.edition.manifest
    tree = {"ways.html": target.overlay.ways}
    for path, file in (
        ("latest.json", target.pointer.sealed),
        ("here.json", target.overlay.here),
        ("withdrawn.json", target.withdrawn),
    ):
        tree[path] = file.body
        tree[f"{path}.{file.sha256[:16]}.asc"] = file.signatures[0].armor.encode()
    lasting = {f"root/{n}.json": one for n, one in enumerate(target.roots, 1)}
    lasting |= {f"e/{one.number}/manifest.json": one.sealed for one in target.kept}
    lasting[f"e/{target.edition.number}/manifest.json"] = target.edition.sealed
    for path, file in lasting.items():
        tree[path] = file.body
        tree[f"{path}.{SIGNER}.asc"] = file.signatures[0].armor.encode()
    tree |= {f"b/{one.sha256}.html": blobs.kept[one.sha256] for one in manifest.bundles}
    for one in manifest.shards:
        tree[f"s/{one.sha256}.json"] = blobs.kept[one.sha256]
        for path, _, sha256 in Shard.parse(blobs.kept[one.sha256], "shard").files:
            tree[path] = blobs.kept[sha256]
    if target.base:
        feed = tree["en/atom.xml"]
        tree["en/atom.xml"] = feed.replace(b"https://here.invalid/", target.base.encode())
    return tree


def phases(lying: Sequence[Lying], number: int, phase: Phase) -> list[Lying]:
    """`lying` with what is known of one edition replaced."""
    others = [one for one in lying if one.edition != number]
    return sorted([*others, Lying(edition=number, phase=phase)], key=lambda one: one.edition)
