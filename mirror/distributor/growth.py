"""Growth: groups are divided where they lose mirrors, so that an informer burns ever less. Pure.

A mirror that is blocked soon after a group was given it was told on by somebody in that group. The
group is halved, and each half is given another mirror: those who share a half with no informer
lose nothing again. A group that is too small to be halved keeps the slow lane. Whoever has no
mirror has the slow lane from that moment on.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from mirror.distributor.tree import Tree
from tamizdat.grove import Grove, Node
from tamizdat.placement import MirrorId

HALVINGS = 24
"""Steps in which the likeliest share of informers is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """When groups are divided, and which of them are given a mirror. Days are whole days."""

    floor: int = 50
    """A group that was handed out less often is not divided: few who share a mirror are known by
    it.
    """

    hazard: float = 0.002
    """How likely a mirror that nobody told on is lost within a day; canaries tell it."""

    chance: float = 0.1
    """A mirror that lasted until chance had taken it by this likelihood was taken by chance."""

    worth: float = 4.0
    """Readers that a mirror must be expected to serve for long; else the group has the slow lane,
    and the mirror is kept for others.
    """

    chances: int = 1
    """A group that cannot be divided is given another mirror until it lost so many soon, one after
    the other. With 1 it never is: one who tells costs no second mirror.
    """

    rest: int = 60
    """Days until a group that cannot be divided is tried again with a mirror."""

    @property
    def lasting(self) -> int:
        """Days after which a loss is put down to chance, at least one.

        A censor who waits so long before each block wins only as much as that costs readers.
        """
        return max(1, int(self.chance / self.hazard)) if self.hazard > 0 else self.rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """The tree as it is to be, and the mirrors that it took from the stock."""

    tree: Tree
    taken: tuple[MirrorId, ...]


def planted(grove: Grove, width: int, holders: int = 0, day: int = 0) -> Tree:
    """A grove with `width` groups, which wait for mirrors; `holders` are spread evenly.

    ValueError where the width is no power of two, or more than its leaves.
    """
    depth = width.bit_length() - 1
    if width < 1 or width != 1 << depth or depth > grove.depth:
        raise ValueError(f"a grove's width is a power of 2 up to {1 << grove.depth}, not {width}")
    places = (f"{n:0{depth}b}" if depth else "" for n in range(width))
    shares = [holders // width + (n < holders % width) for n in range(width)]
    return Tree().with_nodes(
        Node(grove=grove, bits=bits, holders=share, since=day)
        for bits, share in zip(places, shares, strict=True)
    )


def grown(
    tree: Tree, lost: Collection[MirrorId], stock: Sequence[MirrorId], policy: Policy, day: int
) -> Growth:
    """The tree after mirrors were lost, and those in `stock` went to the groups that wait.

    Call it again whenever mirrors were lost or came: with neither, nothing changes.
    """
    hit = [one for one in tree.nodes.values() if one.mirror in lost]
    tree = tree.with_nodes(_bereft(one, policy, day) for one in hit)
    left = list(reversed(stock))
    added: list[Node] = []
    removed: list[Node] = []
    for node in _queue(tree, policy, day):
        if not left:
            break
        parts = _halves(node) if node.burnt and _is_divisible(node, policy) else (node,)
        added += (replace(one, mirror=left.pop(), since=day) if left else one for one in parts)
        removed.append(node)
    taken = tuple(stock[: len(stock) - len(left)])
    return Growth(tree=tree.with_nodes(added, removed), taken=taken)


def informers(tree: Tree) -> Mapping[Grove, float]:
    """The likeliest share of informers among those who were handed out, in each grove.

    They are taken to be spread evenly. Then a group of n holders has none with probability
    exp(-share * n); a group that lost a mirror soon has one or more.
    """
    told: defaultdict[Grove, Counter[int]] = defaultdict(Counter)
    quiet: Counter[Grove] = Counter()
    for one in tree.nodes.values():
        told[one.grove][one.holders] += one.burnt > 0
        quiet[one.grove] += one.holders if one.mirror is not None and not one.burnt else 0
    return {grove: _likeliest(+groups, quiet[grove]) for grove, groups in told.items()}


def _likeliest(told: Mapping[int, int], quiet: int) -> float:
    """Where the likelihood is highest: the root of its logarithm's derivative, by bisection.

    One more quiet group is assumed, so that it is finite where all groups were told on.
    """
    groups = {n: count for n, count in told.items() if n}
    if not groups:
        return 0.0
    quiet += max(groups)
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        rising = sum(n * count / math.expm1(n * middle) for n, count in groups.items())
        low, high = (middle, high) if rising > quiet else (low, middle)
    return low


def _bereft(node: Node, policy: Policy, day: int) -> Node:
    soon = day - node.since < policy.lasting
    return replace(node, mirror=None, since=day, burnt=node.burnt + 1 if soon else 0)


def _queue(tree: Tree, policy: Policy, day: int) -> Sequence[Node]:
    """Groups that wait for a mirror and are worth one, those of whom it serves the most first."""
    share = informers(tree)
    waiting = (one for one in tree.nodes.values() if one.mirror is None)
    worth = ((_worth(one, share[one.grove], policy, day), one) for one in waiting)
    ready = sorted((one for one in worth if one[0] >= policy.worth), key=lambda one: -one[0])
    return [node for _, node in ready]


def _worth(node: Node, share: float, policy: Policy, day: int) -> float:
    """Readers that a mirror may be expected to serve for long: those beside whom nobody tells."""
    if node.burnt and not _is_divisible(node, policy):
        if node.burnt < policy.chances:
            return max(policy.worth, float(node.holders))
        return float(node.holders) if day - node.since >= policy.rest else 0.0
    readers = node.holders / 2 if node.burnt else float(node.holders)
    empty = 0.0 if node.burnt else policy.worth  # the first who asks must find something
    return max(empty, readers * math.exp(-share * readers))


def _is_divisible(node: Node, policy: Policy) -> bool:
    return node.holders >= policy.floor and len(node.bits) < node.grove.depth


def _halves(node: Node) -> tuple[Node, Node]:
    more, less = node.holders - node.holders // 2, node.holders // 2
    fresh = replace(node, burnt=0)
    return (
        replace(fresh, bits=f"{node.bits}0", holders=more),
        replace(fresh, bits=f"{node.bits}1", holders=less),
    )
