"""A crowd: the readers of a country, and those of them who tell, each on the leaf of a grove."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from mirror.distributor.growth import planted
from mirror.distributor.leaf import Leaf, leaf_of
from mirror.distributor.tree import Tree
from mirror.simulator.scenario import Scenario, Spread
from tamizdat.grove import DEEPEST, SHARD_DEPTH, Grove, Place

PER_LEAF = 20
"""Readers to a leaf, about, for which a grove's depth is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many honest readers are below each place, and the leaves of those who tell."""

    readers: Mapping[Place, int]
    informers: Sequence[Leaf]
    groves: tuple[Grove, ...]


def crowd(scenario: Scenario, land: int, random: Random) -> tuple[Crowd, Tree]:
    """The crowd of one country, and its groves as they are planted."""
    everybody = scenario.readers // scenario.lands
    tells = scenario.informers // scenario.lands
    below: Counter[Place] = Counter()
    informers: list[Leaf] = []
    groves: list[Grove] = []
    tree = Tree()
    for index, channel in enumerate(scenario.channels):
        here = round(everybody * channel.share)
        grove = Grove(channel=channel.name, cohort=f"land {land}", depth=_depth(here))
        groves.append(grove)
        leaves = [leaf_of(random.randbytes(16), grove, str(n)) for n in range(here)]
        telling = _telling(scenario, index, tells, random)
        informers += leaves[:telling]
        for leaf in leaves[telling:]:
            below.update((grove, leaf.bits[:depth]) for depth in range(grove.depth + 1))
        tree = tree.with_nodes(planted(grove, channel.width, here).nodes.values())
    return Crowd(readers=below, informers=informers, groves=tuple(groves)), tree


def _telling(scenario: Scenario, index: int, tells: int, random: Random) -> int:
    last = index == len(scenario.channels) - 1
    if scenario.spread is Spread.CLUSTERED:
        return tells if last else 0
    expected = tells * scenario.channels[index].share
    return int(expected) + (random.random() < expected % 1)


def _depth(readers: int) -> int:
    depth = max(1, readers // PER_LEAF).bit_length() - 1
    return min(max(depth, SHARD_DEPTH), DEEPEST)
