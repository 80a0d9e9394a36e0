"""Growth: groups are halved where somebody tells, and nobody is left between two groups."""

from collections import Counter
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.distributor.growth import Growth, Policy, grown, informers, planted
from mirror.distributor.leaf import Leaf
from mirror.distributor.tree import Tree
from tamizdat.grove import Grove, Node
from tamizdat.placement import MirrorId

GROVE = Grove(channel="mail", cohort="2026-11", depth=7)
OTHER = Grove(channel="web", cohort="2026-11", depth=7)
POLICY = Policy()


def stock(*names: str) -> list[MirrorId]:
    return [MirrorId(name) for name in names]


def one_group(holders: int = 100) -> Tree:
    """A group with mirror `a`."""
    return Tree().with_nodes([Node(grove=GROVE, bits="", mirror=MirrorId("a"), holders=holders)])


def groups(tree: Tree) -> dict[str, tuple[str | None, int]]:
    return {one.bits: (one.mirror, one.holders) for one in tree.nodes.values()}


def test_a_grove_is_planted_with_groups_that_wait() -> None:
    tree = planted(GROVE, 4, holders=10, day=3)

    assert groups(tree) == {"00": (None, 3), "01": (None, 3), "10": (None, 2), "11": (None, 2)}
    assert {one.since for one in tree.nodes.values()} == {3}


def test_a_grove_of_one_group_has_all_leaves() -> None:
    assert groups(planted(GROVE, 1)) == {"": (None, 0)}


@pytest.mark.parametrize("width", [0, -1, 3, 256])
def test_a_width_that_no_grove_can_have_is_refused(width: int) -> None:
    with pytest.raises(ValueError, match="power of 2 up to 128"):
        planted(GROVE, width)


def test_the_first_group_has_a_mirror_before_anybody_asked() -> None:
    growth = grown(planted(GROVE, 1), (), stock("a", "b"), POLICY, 0)

    assert groups(growth.tree) == {"": ("a", 0)}
    assert growth.taken == ("a",)


def test_a_group_that_was_told_on_is_halved() -> None:
    growth = grown(one_group(), {MirrorId("a")}, stock("b", "c", "d"), POLICY, 5)

    assert groups(growth.tree) == {"0": ("b", 50), "1": ("c", 50)}
    assert growth.taken == ("b", "c")


def test_with_one_mirror_left_one_half_waits_on_the_slow_lane() -> None:
    growth = grown(one_group(), {MirrorId("a")}, stock("b"), POLICY, 5)

    assert groups(growth.tree) == {"0": ("b", 50), "1": (None, 50)}


def test_without_mirrors_the_group_has_the_slow_lane_at_once() -> None:
    growth = grown(one_group(), {MirrorId("a")}, (), POLICY, 5)

    assert groups(growth.tree) == {"": (None, 100)}


def test_a_loss_after_a_long_time_was_chance_and_halves_nothing() -> None:
    growth = grown(one_group(), {MirrorId("a")}, stock("b", "c"), POLICY, POLICY.lasting)

    assert groups(growth.tree) == {"": ("b", 100)}


def test_a_small_group_is_never_halved_and_rests_before_it_is_tried_again() -> None:
    lost = grown(one_group(holders=49), {MirrorId("a")}, stock("b"), POLICY, 5)
    early = grown(lost.tree, (), stock("b"), POLICY, 5 + POLICY.rest - 1)
    late = grown(early.tree, (), stock("b"), POLICY, 5 + POLICY.rest)

    assert groups(lost.tree) == groups(early.tree) == {"": (None, 49)}
    assert groups(late.tree) == {"": ("b", 49)}


def test_a_group_at_the_deepest_place_is_never_halved() -> None:
    deep = Node(grove=GROVE, bits="0" * 7, holders=500, mirror=MirrorId("a"))

    growth = grown(Tree().with_nodes([deep]), {deep.mirror}, stock("b"), POLICY, 1)  # type: ignore[arg-type]

    assert groups(growth.tree) == {"0" * 7: (None, 500)}


def test_the_group_that_a_mirror_serves_best_comes_first() -> None:
    small = Node(grove=GROVE, bits="0", holders=60)
    large = Node(grove=GROVE, bits="1", holders=90)

    growth = grown(Tree().with_nodes([small, large]), (), stock("b"), POLICY, 1)

    assert groups(growth.tree) == {"0": (None, 60), "1": ("b", 90)}


def test_a_mirror_that_would_serve_hardly_anybody_is_kept() -> None:
    told = [Node(grove=GROVE, bits=f"{n:06b}", holders=60, burnt=1) for n in range(64)]

    growth = grown(Tree().with_nodes(told), (), stock("b"), POLICY, 1)

    assert growth == Growth(tree=Tree().with_nodes(told), taken=())


def test_a_leak_in_one_channel_takes_no_mirror_from_another() -> None:
    told = [Node(grove=GROVE, bits=f"{n:04b}", holders=100, burnt=1) for n in range(16)]
    quiet = Node(grove=OTHER, bits="", holders=60)

    growth = grown(Tree().with_nodes([*told, quiet]), (), stock("b"), POLICY, 1)

    assert growth.tree.nodes[OTHER, ""].mirror == "b"


def test_informers_are_estimated_as_they_are_spread() -> None:
    told = [Node(grove=GROVE, bits=f"{n:06b}", holders=312, burnt=1) for n in range(50)]
    quiet = [
        Node(grove=GROVE, bits=f"{n:06b}", holders=312, mirror=MirrorId(str(n)))
        for n in range(50, 64)
    ]

    share = informers(Tree().with_nodes([*told, *quiet]))[GROVE]

    assert 0.004 < share < 0.006


def test_nobody_is_suspected_where_nothing_was_lost() -> None:
    assert informers(one_group()) == {GROVE: 0.0}


def test_where_chance_never_strikes_losses_are_told_on_for_as_long_as_groups_rest() -> None:
    assert Policy(hazard=0.0).lasting == POLICY.rest
    assert Policy(hazard=1.0).lasting == 1


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 6), st.integers(0, 20)), max_size=25))
def test_through_any_losses_each_leaf_has_one_group_and_each_group_its_own_mirror(
    course: list[tuple[int, int, int]],
) -> None:
    tree, day, names = planted(GROVE, 4, holders=1000), 0, (MirrorId(str(n)) for n in count())
    given_out: set[MirrorId] = set()
    for seed, fresh, wait in course:
        day += wait
        held = sorted(one.mirror for one in tree.nodes.values() if one.mirror)
        lost = {one for index, one in enumerate(held) if (seed >> index % 7) & 1}
        growth = grown(tree, lost, [next(names) for _ in range(fresh)], POLICY, day)
        tree = growth.tree
        mirrors = Counter(one.mirror for one in tree.nodes.values() if one.mirror)

        assert not given_out & set(growth.taken), "a mirror was given twice"
        assert not lost & set(mirrors)
        assert set(mirrors.values()) <= {1}
        assert sum(one.holders for one in tree.nodes.values()) == 1000
        assert all(one.holders >= POLICY.floor // 2 for one in tree.nodes.values())
        assert all(_groups_of(tree, n) == 1 for n in range(128))
        again = grown(tree, (), (), POLICY, day)
        assert again.tree == tree
        given_out |= set(growth.taken)


def _groups_of(tree: Tree, number: int) -> int:
    leaf = Leaf(grove=GROVE, bits=f"{number:07b}")
    return sum(leaf.bits.startswith(one.bits) for one in tree.nodes.values())


def test_a_small_group_has_another_chance_where_the_policy_gives_one() -> None:
    small, kind = one_group(holders=3), Policy(chances=2)

    first = grown(small, {MirrorId("a")}, stock("b", "c"), kind, 5)
    second = grown(first.tree, {MirrorId("b")}, stock("c"), kind, 9)

    assert groups(first.tree) == {"": ("b", 3)}
    assert groups(second.tree) == {"": (None, 3)}
