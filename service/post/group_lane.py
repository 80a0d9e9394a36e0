"""A group's lane: who asks by mail learns their group's mirror, and holds a way to the next one."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from feeds.places import WAYS
from mirror.distributor.leaf import Leaf, leaf_of
from mirror.distributor.season import Channel, sown
from mirror.distributor.tree import Tree
from service.handing.master import asking_key
from service.post.lanes import LOOK_SECONDS
from signing.token import token
from tamizdat.grove import Groups, Node, Regrouped
from tamizdat.handout import Handout
from tamizdat.placement import Mirror, MirrorId


@dataclass(kw_only=True)
class GroupLane:
    """The port Handout over the groups of one channel; `public` is the lane that anybody may take.

    Hand-outs are counted by leaf and written to the ledger as sums, by `settle`: what is kept says
    neither who asked nor when.
    """

    channel: Channel
    master: bytes
    groups: Groups
    pool: Callable[[], Awaitable[Sequence[Mirror]]]
    public: Handout
    _given: Counter[str] = field(default_factory=Counter)
    _tree: Tree = field(default_factory=Tree)
    _bases: Mapping[MirrorId, str | None] = field(default_factory=dict)
    _looked: float | None = None
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def for_asker(self, asker: str, day: int) -> Sequence[str]:
        """The mirror of their group, a public one, and the latter's page of ways with their token.

        A second public one stands for the first where their group has none.
        """
        leaf = leaf_of(asking_key(self.master, self.channel.name), self.channel.grove, asker)
        await self._look()
        self._given[leaf.bits] += 1
        own, public = self._own(leaf), tuple(await self.public.for_asker(asker, day))
        if not public:
            return (own,) if own else ()
        held = token(self.master, self.channel.grove.name, leaf.bits)
        first = (own,) if own else public[1:2]
        return (*first, public[0], f"{public[0]}{WAYS}#{held.letters}")

    async def settle(self, day: int) -> None:
        """Add what was handed out to the sums in the ledger; kept for the next time on an error."""
        given = Counter(self._given)
        if not given:
            return
        await self.groups.change(lambda nodes: _handed_out(nodes, self.channel, given, day))
        self._given.subtract(given)
        self._given = +self._given

    async def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        async with self._looking:
            if self._looked is None or now - self._looked >= LOOK_SECONDS:
                self._tree = Tree().with_nodes(await self.groups.all())
                self._bases = {one.id: one.base for one in await self.pool()}
                self._looked = now

    def _own(self, leaf: Leaf) -> str | None:
        node = self._tree.of(leaf)
        return self._bases.get(node.mirror) if node and node.mirror else None


def _handed_out(
    nodes: Sequence[Node], channel: Channel, given: Mapping[str, int], day: int
) -> Regrouped:
    """The groups, each with as many holders more as leaves of it were handed out."""

    def more(node: Node) -> int:
        if node.grove != channel.grove:
            return 0
        return sum(count for bits, count in given.items() if bits.startswith(node.bits))

    planted = sown(nodes, (channel,), day).nodes
    return Regrouped(nodes=tuple(replace(one, holders=one.holders + more(one)) for one in planted))
