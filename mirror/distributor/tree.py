"""A tree: which group of readers is given which mirror. Each leaf is in exactly one group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mirror.distributor.leaf import Leaf
from tamizdat.grove import Node, Place


@dataclass(frozen=True, slots=True)
class Tree:
    """Groups by their place."""

    nodes: Mapping[Place, Node] = field(default_factory=dict)

    def of(self, leaf: Leaf) -> Node | None:
        """The group of a leaf; None where its grove was never planted."""
        depths = range(leaf.grove.depth + 1)
        found = (self.nodes.get((leaf.grove, leaf.bits[:depth])) for depth in depths)
        return next((one for one in found if one), None)

    def with_nodes(self, added: Iterable[Node], removed: Iterable[Node] = ()) -> "Tree":
        """The tree after some groups took the place of others."""
        gone = {one.place for one in removed}
        nodes = {place: one for place, one in self.nodes.items() if place not in gone}
        return Tree(nodes | {one.place: one for one in added})

    def handed_out(self, leaf: Leaf) -> "Tree":
        """The tree after one more hand-out to a leaf."""
        node = self.of(leaf)
        return self.with_nodes([replace(node, holders=node.holders + 1)]) if node else self
