"""Sequences with hint files: what may lie in their folder, and what who sees paths says."""

from collections.abc import Iterator

from tamizdat.wire import Hints
from tests.unit.signing.paper import Files, passing
from tests.vectors.cases_mirror import Answer, Course, Step, alone, bad
from tests.vectors.street import hints, shown


def hint_cases() -> Iterator[Course]:
    """Hint files, where paths can be seen (formats 10.6); on the web, only who asks sees one."""
    files, whole = shown().files(), Answer(edition=3)
    sound = hints()
    path = f"hints/{Hints.parse(sound.body, 'hints').shard}.json"
    signature, file = (dict([one]) for one in passing(path, sound))
    other = passing(path, hints("release"))
    yield alone("hints: as they should be", _good(files | signature | file))
    yield alone("hints: the signature came first", _good(files | signature))
    yield alone("hints: without a signature", bad(files | file, "2.2", web=whole))
    yield alone("hints: by release", bad(files | dict(other), "2.10", web=whole))
    yield alone("hints: a letter more", bad(
        files | signature | {path: file[path] + b" "}, "2.2", web=whole))  # fmt: skip
    strange = dict(passing("hints/00000000.json", sound))
    yield alone("hints: under another shard's name", bad(files | strange, "10.1", web=whole))
    moved = dict(passing(path, hints(channel="f" * 32)))
    yield alone("hints: of another channel", bad(files | moved, "6.3", web=whole))
    waiting = dict([other[0]])
    yield alone("hints: a signature by release waits", bad(files | waiting, "4.7", web=whole))
    yield alone("hints: something else there", bad(
        files | {"hints/list.txt": b"a"}, "4.6", web=whole))  # fmt: skip


def _good(files: Files) -> Step:
    return Step(files=files, at=3, answer=Answer(edition=3))
