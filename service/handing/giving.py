"""Giving: a token for somebody who asks by a channel, in a newsroom where others may work."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mirror.distributor.asker import by_account, by_mail, by_network
from mirror.distributor.leaf import leaf_of
from mirror.distributor.season import Channel, day_of, sown
from service.clock import SystemClock
from service.handing.master import asking_key, master_of
from service.handing.settings import channel_of
from service.wiring import beside
from signing.token import Token, token
from store.groups import SqlGroups
from tamizdat.grove import Node, Regrouped


async def give(folder: Path, name: str, asker: str | None) -> Token:
    """The token of whoever asks by the channel `name`; the same one each time they ask.

    `asker` is a mail address, an address of the internet, or an account; it is used here and kept
    nowhere. None is somebody new. ConfigError where there is no such channel.
    """
    async with beside(folder) as (config, ledger):
        channel = channel_of(config.channel, name)
        groups = SqlGroups(ledger)
        planted = bool(await groups.all())
        master = await master_of(folder / config.signing.keys, planted=planted)
        asked = _spelled(asker) if asker else secrets.token_hex(16)
        leaf = leaf_of(asking_key(master, name), channel.grove, asked)
        given = token(master, channel.grove.name, leaf.bits)
        await groups.change(lambda nodes: _handed_out(nodes, channel, leaf.bits))
    return given


def _handed_out(nodes: Sequence[Node], channel: Channel, bits: str) -> Regrouped:
    """The groups after one more hand-out. Who asks twice counts twice: nobody knows who asked."""
    day = day_of(SystemClock().now())
    after = sown(nodes, (channel,), day).nodes
    return Regrouped(
        nodes=tuple(
            replace(one, holders=one.holders + 1)
            if one.grove == channel.grove and bits.startswith(one.bits)
            else one
            for one in after
        )
    )


def _spelled(asker: str) -> str:
    return by_mail(asker) or by_network(asker) or by_account(asker)
