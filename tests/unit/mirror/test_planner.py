"""Which spare replaces a lost mirror, and which mirrors may name which."""

from collections import Counter
from collections.abc import Sequence

import pytest

from mirror.hints import hints
from mirror.planner import plan
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState

PUBLIC, GROUP, SECRET = Exposure.PUBLIC, Exposure.GROUP, Exposure.SECRET
ACTIVE, SPARE, RETIRED = MirrorState.ACTIVE, MirrorState.SPARE, MirrorState.RETIRED


def known(
    name: str,
    state: MirrorState = ACTIVE,
    exposure: Exposure = PUBLIC,
    group: str = "open",
    backend: str = "s3",
    host: str | None = None,
) -> Mirror:
    return Mirror(
        id=MirrorId(name),
        backend=backend,
        base=f"https://{host or name}.example/",
        folder=None,
        state=state,
        exposure=exposure,
        group=group,
    )


LOST = known("lost", host="cloud")
PLANS = [
    # what                            spares                                          promoted
    ("the first by id",               [known("b", SPARE), known("a", SPARE)],         ["a"]),
    ("another host before the same",  [known("a", SPARE, host="cloud"),
                                       known("b", SPARE)],                            ["b"]),
    ("another backend before the same", [known("a", SPARE),
                                       known("b", SPARE, backend="folder")],          ["b"]),
    ("no other group",                [known("a", SPARE, group="vip")],               []),
    ("no secret one",                 [known("a", SPARE, SECRET)],                    []),
    ("a group's own one",             [known("a", SPARE, GROUP)],                     ["a"]),
    ("no active one",                 [known("a")],                                   []),
    ("no retired one",                [known("a", RETIRED)],                          []),
]  # fmt: skip


@pytest.mark.parametrize(("what", "spares", "promoted"), PLANS)
def test_the_spare_that_fits_is_promoted(
    what: str, spares: Sequence[Mirror], promoted: Sequence[str]
) -> None:
    rotation = plan([LOST, *spares], {LOST.id})

    assert list(rotation.promote) == promoted, what
    assert rotation.retire == (LOST.id,)
    assert bool(rotation.unreplaced) is not bool(promoted)


def test_a_secret_mirror_is_replaced_by_a_secret_one() -> None:
    lost = known("lost", ACTIVE, SECRET)

    rotation = plan([lost, known("a", SPARE), known("b", SPARE, SECRET)], {lost.id})

    assert rotation.promote == ("b",)


def test_two_lost_mirrors_get_two_spares() -> None:
    mirrors = [known("one"), known("two"), known("a", SPARE), known("b", SPARE)]

    rotation = plan(mirrors, {MirrorId("one"), MirrorId("two")})

    assert rotation.retire == ("one", "two")
    assert set(rotation.promote) == {"a", "b"}


def test_a_broken_spare_is_retired_and_not_promoted() -> None:
    rotation = plan([known("one"), known("a", SPARE)], {MirrorId("one"), MirrorId("a")})

    assert (rotation.retire, rotation.promote, rotation.unreplaced) == (("a", "one"), (), ("one",))


def test_nothing_broken_changes_nothing() -> None:
    rotation = plan([known("one"), known("gone", RETIRED)], {MirrorId("gone")})

    assert (rotation.retire, rotation.promote, rotation.unreplaced) == ((), (), ())


NAMINGS = [
    # who                      whom                                named
    (known("a"),               known("b"),                         True),
    (known("a"),               known("b", SPARE),                  False),
    (known("a"),               known("b", RETIRED),                False),
    (known("a"),               known("b", group="vip"),            False),
    (known("a"),               known("b", ACTIVE, GROUP),          False),
    (known("a"),               known("b", ACTIVE, SECRET),         False),
    (known("a", ACTIVE, GROUP), known("b", ACTIVE, GROUP),         True),
    (known("a", ACTIVE, GROUP), known("b"),                        True),
    (known("a", ACTIVE, SECRET), known("b"),                       False),
    (known("a", ACTIVE, SECRET), known("b", ACTIVE, SECRET),       False),
]  # fmt: skip


@pytest.mark.parametrize(("who", "whom", "named"), NAMINGS)
def test_only_what_readers_may_learn_is_named(who: Mirror, whom: Mirror, *, named: bool) -> None:
    # formats 3.13
    assert hints(who, [who, whom]) == ((f"https://{whom.id}.example/",) if named else ())


def test_at_most_two_are_named_and_always_the_same() -> None:
    mirrors = [known(name) for name in "abcdefgh"]

    first = [hints(mirror, mirrors) for mirror in mirrors]
    again = [hints(mirror, mirrors[::-1]) for mirror in mirrors]

    assert first == again
    assert all(len(found) == 2 for found in first)  # formats 3.10
    assert len(set(first)) > 1


def test_each_mirror_is_named_by_two_others() -> None:
    mirrors = [known(name) for name in "abcdefg"]

    named = Counter(address for one in mirrors for address in hints(one, mirrors))

    assert named == {one.base: 2 for one in mirrors}


def test_a_group_of_both_kinds_names_all_of_both() -> None:
    mirrors = [known(name) for name in "abc"] + [known(name, ACTIVE, GROUP) for name in "xyz"]

    named = Counter(address for one in mirrors for address in hints(one, mirrors))

    assert named == {one.base: 2 for one in mirrors}


def test_a_spare_that_comes_changes_what_two_others_name() -> None:
    before = [*(known(name) for name in "abcdef"), known("spare", SPARE)]
    after = [*before[:-1], known("spare")]

    changed = [one.id for one in before[:-1] if hints(one, before) != hints(one, after)]

    assert len(changed) == 2
    assert hints(after[-1], after) == hints(before[-1], before)
