"""Sharding: the rendered files, laid into the manifest's shards beside what did not change."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from feeds.composer import Pages
from tamizdat.edition import Stamp
from tamizdat.ports import Blobs
from tamizdat.wire import Shard, ShardRef

_MONTH = re.compile(r"(?P<language>[^/]+)/(?P<year>[0-9]{4})-[0-9]{2}")
_OBJECT = re.compile(rb"o/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z]+")

_Contents = dict[str, Stamp]


def reshard(
    previous: Sequence[ShardRef], pages: Pages, blobs: Blobs, year: int
) -> tuple[ShardRef, ...]:
    """The shards of the next edition, sorted by key; only touched ones are read and written.

    Months of years that are over when `year` has come are folded into their year (formats 3.6).
    A year once folded stays so where the clock goes back: no path may stand in two shards.
    """
    refs = {ref.key: ref for ref in previous}
    fold = _over(refs, year)
    touched: dict[str, _Contents] = {}
    for old, new in fold.items():
        _open(new, refs, touched, blobs).update(_read(refs[old], blobs))
        del refs[old]
    put, articles = _homes(pages, {*refs, *touched})
    for key, files in put.items():
        contents = _open(key, refs, touched, blobs)
        stale = _stale_objects(articles.get(key, ()), contents, files, blobs)
        for path in stale:
            contents.pop(path, None)
        contents.update(files)
    for path in pages.gone:
        _drop(path, refs, touched, blobs)
    for key, contents in touched.items():
        refs.pop(key, None)
        if contents:
            refs[key] = _write(key, contents, blobs)
    return tuple(refs[key] for key in sorted(refs))


def files_of(shards: Iterable[ShardRef], blobs: Blobs) -> Mapping[str, Stamp]:
    """Every path of an edition, read from all its shards."""
    found: _Contents = {}
    for ref in shards:
        found.update(_read(ref, blobs))
    return found


def _over(refs: Mapping[str, ShardRef], year: int) -> dict[str, str]:
    return {
        key: whole
        for key in refs
        if (whole := _year(key)) and (whole in refs or int(whole[-4:]) < year)
    }


def _year(key: str) -> str | None:
    """The key of the year that a month belongs to, None for keys of other kinds."""
    match = _MONTH.fullmatch(key)
    return f"{match['language']}/{match['year']}" if match else None


def _homes(
    pages: Pages, known: Collection[str]
) -> tuple[Mapping[str, _Contents], Mapping[str, Sequence[str]]]:
    """Files and articles by the shard they go to: a month's to its year where that is known."""
    put: dict[str, _Contents] = {}
    articles: dict[str, list[str]] = {}
    for key, files in pages.put.items():
        year = _year(key)
        home = year if year and year in known else key
        put.setdefault(home, {}).update(files)
        articles.setdefault(home, []).extend(pages.articles.get(key, ()))
    return put, articles


def _open(
    key: str, refs: Mapping[str, ShardRef], touched: dict[str, _Contents], blobs: Blobs
) -> _Contents:
    if key not in touched:
        touched[key] = _read(refs[key], blobs) if key in refs else {}
    return touched[key]


def _read(ref: ShardRef, blobs: Blobs) -> _Contents:
    shard = Shard.parse(blobs.read(ref.sha256), ref.key)
    return {path: Stamp(sha256, length) for path, length, sha256 in shard.files}


def _write(key: str, contents: _Contents, blobs: Blobs) -> ShardRef:
    files = tuple((path, contents[path].length, contents[path].sha256) for path in sorted(contents))
    body = Shard(key=key, files=files).encode()
    return ShardRef(key=key, sha256=blobs.write(body), len=len(body))


def _drop(
    path: str, refs: Mapping[str, ShardRef], touched: dict[str, _Contents], blobs: Blobs
) -> None:
    language = path.partition("/")[0]
    for key in ["front", *(k for k in refs if k.startswith(f"{language}/lists/"))]:
        _open(key, refs, touched, blobs).pop(path, None)


def _stale_objects(
    articles: Sequence[str], before: _Contents, after: Mapping[str, Stamp], blobs: Blobs
) -> set[str]:
    """Pictures that only the old revisions of `articles` used, as their old pages tell."""
    candidates: set[str] = set()
    for path in articles:
        if path in before and before[path] != after.get(path):
            candidates |= _objects(before[path], blobs)
    candidates -= set(after)
    if not candidates:
        return candidates
    others = [path for path in before if path.endswith(".html") and path not in after]
    for path in others:
        candidates -= _objects(before[path], blobs)
    return candidates


def _objects(page: Stamp, blobs: Blobs) -> set[str]:
    if not blobs.has(page.sha256):
        return set()
    return {match.decode() for match in _OBJECT.findall(blobs.read(page.sha256))}
