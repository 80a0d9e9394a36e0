"""Sequences: what a mirror shows to one reader, time after time, and what the reader must say.

Many are those that checkers of update frameworks ask: rotations, rollback, fast forward, freezing,
thresholds, mixtures. Ours are stricter in one thing: a signature that does not count is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tamizdat.digest import digest
from tamizdat.edition import Sealed
from tamizdat.wire import Previous, RoleName, Sized
from tests.unit.signing.paper import Files
from tests.vectors.press import fingerprint
from tests.vectors.street import (
    KEYS,
    ROOT,
    Edition,
    Keys,
    Shown,
    day,
    denials,
    edition,
    here,
    pointer,
    root,
    shown,
    signed,
)

TOP, STRANGER = 2**52, "stranger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a reader must say: an edition, and whether it is fresh; or the clause it breaks."""

    edition: int = 0
    fresh: bool | None = True
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What lies there, the day it is read, and the answer; `web` is another one on the web.

    There, a reader sees no name but those it asks for.
    """

    files: Files
    at: float
    answer: Answer
    web: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Steps before one reader, who remembers; `root` is what it pins."""

    name: str
    steps: Sequence[Step]
    root: str = ROOT.sha256


def good(one: Shown, at: float | None = None, *, fresh: bool = True) -> Step:
    number = one.edition.number
    answer = Answer(edition=number, fresh=fresh)
    return Step(files=one.files(), at=number if at is None else at, answer=answer)


def bad(one: Shown | Files, clause: str, at: float = 3, *, web: Answer | None = None) -> Step:
    files = one.files() if isinstance(one, Shown) else one
    return Step(files=files, at=at, answer=Answer(clause=clause), web=web)


def alone(name: str, step: Step, pinned: str = ROOT.sha256) -> Course:
    return Course(name=name, steps=(step,), root=pinned)


def then(name: str, *steps: Step) -> Course:
    return Course(name=name, steps=steps)


def cases() -> Iterator[Course]:
    """All of them."""
    yield from _rotations()
    yield from _thresholds()
    yield from _plain()
    yield from _back()
    yield from _ahead()
    yield from _clocks()
    yield from _thief()
    yield from _mixed()


def _with(role: RoleName, names: Sequence[str], needed: int) -> Keys:
    return {**KEYS, role: (names, needed)}


# each root: the numbers of its keys, how many must sign, who did; and whether the last one holds
ROTATIONS: Sequence[tuple[str, Sequence[tuple[str, int, str]], bool]] = (
    ("one key, then another", [("1", 1, "1"), ("2", 1, "21"), ("2", 1, "2")], True),
    ("strangers sign too", [("1", 1, "1"), ("2", 1, "3214")], False),
    ("other three of five", [("01234", 3, "024"), ("01234", 3, "041"), ("01234", 3, "013")], True),
    ("one of five goes", [("01234", 3, "024"), ("01345", 3, "041")], True),
    (
        "one goes, old and new",
        [("01234", 3, "024"), ("01345", 3, "0245"), ("01345", 3, "045")],
        True,
    ),
    ("all go", [("01234", 3, "024"), ("56789", 3, "024567"), ("56789", 3, "567")], True),
    ("more must sign", [("123", 1, "1"), ("123", 2, "12")], True),
    ("fewer must sign", [("123", 2, "12"), ("123", 1, "12"), ("123", 1, "1")], True),
    ("a second key", [("1", 1, "1"), ("12", 2, "12")], True),
    ("not by the old key", [("1", 1, "1"), ("2", 1, "2")], False),
    ("not by the new key", [("1", 1, "1"), ("2", 1, "1")], False),
    ("not by three new", [("01234", 3, "024"), ("01345", 3, "024")], False),
    ("not by three old", [("01234", 3, "024"), ("01345", 3, "045")], False),
    ("more must sign, and did not", [("123", 1, "1"), ("123", 2, "2")], False),
    ("fewer must sign, too few did", [("123", 2, "12"), ("123", 1, "1")], False),
    ("by nobody", [("1", 1, "1"), ("1", 1, "")], False),
    ("one goes and comes back", [("12", 1, "1"), ("1", 1, "1"), ("12", 1, "1")], True),
)


def _rotations() -> Iterator[Course]:
    for name, chain, holds in ROTATIONS:
        roots = []
        for version, (held, needed, signers) in enumerate(chain, 1):
            keys = _with("root", [f"root-{one}" for one in held], needed)
            roots.append(root(version, keys, [f"root-{one}" for one in signers]))
        one = shown(roots=roots)
        unseen = Answer(edition=3) if "strangers" in name else None
        step = good(one) if holds else bad(one, "2.10", web=unseen)
        yield alone(f"roots: {name}", step, roots[0].sha256)
    long = [root(n, KEYS, ("root-a", "root-b")) for n in range(1, 25)]
    yield alone("roots: two dozen", good(shown(roots=long)), long[0].sha256)
    old = root(2, KEYS, ("root-a", "root-b"), expires=day(1))
    last = root(3, KEYS, ("root-a", "root-c"))
    yield alone("roots: the one between is over", good(shown(roots=(ROOT, old, last))))
    yield alone("roots: the last is over", good(shown(roots=(ROOT, old)), fresh=False))
    yield alone("roots: the first is over", good(shown(roots=(ROOT, last_of(2)))))
    skipped = root(3, KEYS, ("root-a", "root-b"))
    yield alone("roots: one says it is two further", bad(shown(roots=(ROOT, skipped)), "6.2"))
    yield alone("roots: one is there twice", bad(shown(roots=(ROOT, ROOT)), "6.2"))
    moved = root(2, KEYS, ("root-a", "root-b"), channel="f" * 32)
    yield alone("roots: of another channel", bad(shown(roots=(ROOT, moved)), "6.3"))
    yield alone("roots: not the one that is pinned", bad(shown(), "6.2"), digest(b"another"))
    lone = root(1, KEYS, ("root-a",))
    yield alone("roots: the first by one of two", bad(shown(roots=(lone,)), "2.10"), lone.sha256)
    both = {**KEYS, "release": (("root-a", "release"), 1)}
    twice = root(1, both, ("root-a", "root-b"))
    yield alone("roots: a key in two roles", good(shown(roots=(twice,))), twice.sha256)


def last_of(version: int) -> Sealed:
    return root(version, KEYS, ("root-a", "root-b"), issued=day(1))


RELEASES: Sequence[tuple[str, str, int, str, bool]] = (
    ("one by another key", "2", 1, "2", True),
    ("a stranger too", "1", 1, "13", False),
    ("the wrong key", "2", 1, "1", False),
    ("three of five", "01234", 3, "024", True),
    ("three others", "01234", 3, "123", True),
    ("all five", "01234", 3, "01234", True),
    ("two of five", "01234", 3, "04", False),
    ("three, one of them no more in the role", "01345", 3, "024", False),
    ("nobody", "01", 1, "", False),
)


def _thresholds() -> Iterator[Course]:
    for name, held, needed, signers, holds in RELEASES:
        first = root(1, _with("release", [f"release-{n}" for n in held], needed), KEYS_AB)
        made = edition(3, signers=[f"release-{n}" for n in signers])
        one = shown(roots=(first,), made=made)
        unseen = Answer(edition=3) if "stranger" in name else None
        step = good(one) if holds else bad(one, "2.10", web=unseen)
        yield alone(f"release: {name}", step, first.sha256)
    named = edition(3)
    for role in ("release", "mirrors", "denial", "root-a", STRANGER):
        told = replace(shown(), pointer=pointer(named, 3, denials(), role))
        yield alone(f"pointer by {role}", bad(told, "2.10"))
    for role in ("timestamp", "release", "denial", STRANGER):
        yield alone(f"here by {role}", bad(replace(shown(), here=here(named, role)), "2.10"))
    for role in ("timestamp", "mirrors", "root-a", STRANGER):
        yield alone(f"list by {role}", bad(shown(listed=denials(1, role)), "2.10"))
    yield alone("list by release", good(shown(listed=denials(1, "release"))))


KEYS_AB = ("root-a", "root-b")


def _plain() -> Iterator[Course]:
    one = shown()
    yield alone("whole", good(one))
    files = one.files()
    for path in sorted(path for path in files if not path.endswith(".asc")):
        clause = "6.2" if path.startswith("root/") else "4.4"
        left = {name: body for name, body in files.items() if not name.startswith(path)}
        step = bad(left, clause)
        if path == "latest.json":
            handed = Answer(edition=3, fresh=None)
            step = replace(step, answer=handed, web=Answer(clause=clause))
        yield alone(f"missing: {path}", step)
    for path in sorted(path for path in files if path.endswith(".asc")):
        left = {name: body for name, body in files.items() if name != path}
        clause = "2.2" if path.split(".")[0] in {"latest", "here", "withdrawn"} else "2.10"
        yield alone(f"missing: {path}", bad(left, clause))
    for path in ("index.html", "en/withdrawn.html", "ways.html"):
        yield alone(f"a letter more in {path}", bad(files | {path: files[path] + b"x"}, "4.3"))
    shard = next(path for path in files if path.startswith("s/"))
    yield alone("a shard with a letter more", bad(files | {shard: files[shard] + b" "}, "4.3"))
    wrong = replace(one, edition=replace(one.edition, number=4))
    yield alone("a manifest under another number", bad(renamed(wrong), "3.4"))


def renamed(one: Shown) -> Shown:
    """The pointer names the manifest as the next edition's."""
    return replace(one, pointer=pointer(one.edition, 4, one.listed))


def _back() -> Iterator[Course]:
    first, second = shown(3), shown(4)
    before, after = denials(1), denials(2, issued=day(1))
    yield then("back: the pointer before", good(first), good(second), bad(first, "6.6", 4))
    low = shown(version=9, made=first.edition)
    yield then("back: the edition before, pointed to anew", good(second), bad(low, "6.6", 4))
    other = shown(3, 3, issued=day(3.1))
    yield then("back: a pointer with other bytes", good(first), bad(other, "6.6"))
    yield then("back: the same again", good(first), good(first, 4), good(second))
    yield then(
        "back: three in a row", good(first), good(second), good(shown(5)), bad(first, "6.6", 5)
    )
    yield then(
        "back: what was refused is not remembered",
        bad(shown(9, channel="f" * 32), "6.3"),
        good(first),
    )
    fork = shown(3, 4, made=edition(3, page="!"))
    yield then("back: another edition of that number", good(first), bad(fork, "6.6"))
    longer = shown(4, listed=after)
    yield then("back: the list before", good(longer), bad(shown(5, listed=before), "6.6", 5))
    bent = replace(shown(4, listed=after), listed=before)
    yield alone("back: a list that is older than the pointer's", bad(bent, "5.5", 4))
    twin = replace(shown(4, listed=after), listed=denials(2, issued=day(2)))
    yield alone("back: another list of that version", bad(twin, "5.5", 4))
    two = (ROOT, last_of(2))
    yield then("back: the root before", good(shown(3, roots=two)), bad(second, "6.6", 4))
    three = (ROOT, root(2, KEYS, KEYS_AB, issued=day(2)))
    yield then(
        "back: another root of that version",
        good(shown(3, roots=two)),
        bad(shown(4, roots=three), "6.6", 4),
    )
    kept = edition(4, edition(3, page="!"))
    past = shown(made=kept, number=4)
    yield then("back: a chain that leaves out what was seen", good(first), good(past))


def _ahead() -> Iterator[Course]:
    first = shown(3)
    far, next_ = shown(4, TOP), shown(5, 5)
    yield then("ahead: a pointer that leaps", good(first), bad(far, "6.8", 4), good(next_))
    near = shown(4, 900_000)
    two = {**KEYS, "timestamp": (("timestamp-2",), 1)}
    roots = (ROOT, root(2, two, KEYS_AB, issued=day(1)))
    anew = shown(5, 5, roots=roots, signer="timestamp-2", root_version=2)
    yield then(
        "ahead: a thief counts, the key goes, and all is well",
        good(first),
        good(near),
        bad(next_, "6.6", 5),
        good(anew),
    )
    stolen = shown(made=edition(500_000), version=4, issued=day(4), **DATES)
    released = {**KEYS, "release": (("release-2",), 1)}
    later = (ROOT, root(2, released, KEYS_AB, issued=day(1)))
    fixed = edition(5, signers=("release-2",), root_version=2)
    back = shown(made=fixed, version=6, roots=later, root_version=2)
    yield then(
        "ahead: an edition of a stolen key, and back",
        good(first),
        good(stolen, 4, fresh=False),
        bad(shown(5, 6), "6.6", 5),
        good(back),
    )
    listed = denials(700_000, "release")
    counted = shown(4, listed=listed)
    yield then(
        "ahead: a list of a stolen key, and back",
        good(first),
        good(counted),
        bad(shown(5, listed=denials(2)), "6.6", 5),
        good(
            replace(back, listed=denials(2), pointer=pointer(fixed, 6, denials(2), root_version=2))
        ),
    )
    yield then(
        "ahead: a key that went signs no more",
        good(anew),
        bad(shown(6, 6, roots=roots), "2.10", 6),
    )
    more = {**KEYS, "timestamp": (("timestamp", "timestamp-2"), 1)}
    wider = (ROOT, root(2, more, KEYS_AB, issued=day(1)))
    yield then(
        "ahead: a key more ends no counter",
        good(near),
        bad(shown(5, 5, roots=wider), "6.6", 5),
    )


DATES: dict[str, Any] = {"fresh_until": day(6), "expires": day(9)}


def _clocks() -> Iterator[Course]:
    one = shown()
    hours = 1 / 24
    for name, at, fresh in (
        ("in 1970", -20_777, False),
        ("two days early", 1, False),
        ("a day early", 2, True),
        ("an hour before its end", 4.5 - hours, True),
        ("at the end of its fresh time", 4.5, False),
        ("after the pointer ended", 11, False),
        ("after the manifest ended", 34, False),
        ("40 days ahead", 43, False),
        ("two years ahead", 730, False),
    ):
        yield alone(f"clock: {name}", good(one, at, fresh=fresh))
    future = shown(made=edition(3, issued=day(900)), issued=day(900))
    yield then("clock: what was made in the future raises nothing", good(future, fresh=False), good(
        shown(4), 4))  # fmt: skip
    yield then("clock: freezing", good(one), good(one, 4), good(one, 5, fresh=False))


def _thief() -> Iterator[Course]:
    """The timestamp key is in other hands (and the release key is not)."""
    first, second = shown(3), shown(4)
    made = edition(4, signers=("timestamp",))
    yield alone("thief: a manifest by the timestamp key", bad(shown(made=made), "2.10", 4))
    made = edition(4, signers=("release", "timestamp"))
    yield alone(
        "thief: a manifest by both", bad(shown(made=made), "2.10", 4, web=Answer(edition=4))
    )
    fields: dict[str, Any] = {"issued": day(30), "fresh_until": day(800), "expires": day(900)}
    dated = shown(3, 9, **fields)
    yield then("thief: an old edition with a new date", good(second), bad(dated, "6.6", 30))
    yield alone("thief: an old edition before a newcomer", good(dated, 30))
    yield alone("thief: and after the manifest ended", good(dated, 34, fresh=False))
    far = shown(3, TOP, **fields)
    yield then("thief: version 2^52", good(first), bad(far, "6.8", 30))
    yield alone("thief: version 2^52 before a newcomer", good(far, 34, fresh=False))
    over = replace(first, pointer=pointer_of(first.edition, 2**53))
    yield alone("thief: version 2^53", bad(over, "1.6"))
    gone = denials(1, "timestamp")
    yield alone("thief: a list of withdrawals", bad(shown(listed=gone), "2.10"))
    yield alone("thief: here", bad(replace(first, here=here(first.edition, "timestamp")), "2.10"))


def pointer_of(named: Edition, version: int) -> Sealed:
    """A pointer whose number no writer of ours lets out."""
    body = pointer(named, 77, denials()).body
    return signed(body.replace(b'"version":77', b'"version":%d' % version), "timestamp")


def _mixed() -> Iterator[Course]:
    first, second = shown(3), shown(4)
    mixed = second.files() | first.edition.files
    yield alone(
        "mixed: the pages of the edition before", bad(mixed, "4.6", 4, web=Answer(clause="4.3"))
    )
    yield alone("mixed: the manifest before", bad(replace(second, edition=first.edition), "4.4", 4))
    named = pointer(first.edition, 3, denials(), manifest=Sized(sha256=digest(b"x"), len=1))
    yield alone("mixed: a pointer to another digest", bad(replace(first, pointer=named), "3.3"))
    short = pointer(first.edition, 3, denials(), manifest=Sized(
        sha256=first.edition.sealed.sha256, len=1))  # fmt: skip
    yield alone("mixed: a pointer to another length", bad(replace(first, pointer=short), "3.3"))
    as_pointer = signed(first.here.body, "timestamp")
    yield alone("mixed: here as the pointer", bad(replace(first, pointer=as_pointer), "3.3"))
    as_here = signed(first.pointer.body, "mirrors")
    yield alone("mixed: the pointer as here", bad(replace(first, here=as_here), "3.10"))
    others: Sequence[dict[str, Any]] = ({"channel": "f" * 32}, {"root_version": 2})
    for channel in others:
        told = shown(**channel)
        yield alone(f"mixed: a pointer with {sorted(channel)}", bad(told, "6.3"))
        made = edition(3, **channel)
        yield alone(f"mixed: a manifest with {sorted(channel)}", bad(shown(made=made), "6.3"))
    wrong = edition(3, prev=Previous(edition=1, sha256=digest(b"x")))
    yield alone("mixed: a manifest that skips one", bad(shown(made=wrong), "4.5"))
    older = edition(3, oldest=2)
    yield alone("mixed: a manifest before that is missing", bad(shown(made=older), "4.5"))
    distrusted = denials(2, keys=(fingerprint("release"),), issued=day(2))
    yield alone("mixed: by a key that is distrusted", bad(shown(listed=distrusted), "2.10"))
    late = denials(2, keys=(fingerprint("release"),), issued=day(4))
    yield alone("mixed: made before the key was distrusted", good(shown(listed=late)))
    base = here(first.edition, base="javascript:alert(1)//")
    yield alone("mixed: a base that is no address", bad(replace(first, here=base), "3.10"))
