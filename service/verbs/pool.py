"""Verbs that tell of the pool as a whole: what falls together, and how long mirrors live."""

import asyncio
from collections.abc import Sequence

import typer

from mirror.governor import GIGABYTE
from mirror.radius import Fall, Owned, radius
from mirror.survival import Survival
from service.budgets import Standing, standings
from service.clock import SystemClock
from service.config import load
from service.console import as_json, table
from service.looks.living import survival
from service.verbs.context import Json, place
from service.wiring import glanced

FALLS = ["with", "name", "mirrors", "of active", "groups left with none"]
BUDGETS = ["provider", "requests", "gigabytes", "spent", "pace"]
LIVES = ["kind", "country", "mirrors", "blocked", "median days"]


def add_pool(group: typer.Typer) -> None:
    """Hang these verbs into `tamizdat mirror`."""
    group.command("radius", epilog="Example: tamizdat mirror radius --json")(mirror_radius)
    group.command("budget", epilog="Example: tamizdat mirror budget --json")(mirror_budget)
    group.command("survival", epilog="Example: tamizdat mirror survival --json")(mirror_survival)


def mirror_radius(context: typer.Context, *, json: Json = False) -> None:
    """Which mirrors fall with one account, provider, family of names, or with this machine.

    Accounts and providers are those that `account` and `provider` name in the config.
    """

    async def run() -> Sequence[Fall]:
        folder = place(context).folder
        told = {one.id: one for one in load(folder).mirror}
        async with glanced(folder) as room:
            return radius(
                [
                    Owned(mirror=one, account=told[one.id].account, provider=told[one.id].provider)
                    for one in room.mirrors
                ]
            )

    found = asyncio.run(run())
    if json:
        as_json(
            [
                {
                    "cause": one.cause.value,
                    "name": one.name,
                    "mirrors": list(one.mirrors),
                    "share": round(one.share, 4),
                    "stranded": list(one.stranded),
                }
                for one in found
            ]
        )
    else:
        table("What falls together", FALLS, [_fall(one) for one in found])


def mirror_budget(context: typer.Context, *, json: Json = False) -> None:
    """What each provider was made to do this month, of what it may cost (`[[provider]]`)."""

    async def run() -> Sequence[Standing]:
        folder = place(context).folder
        async with glanced(folder) as room:
            return await standings(load(folder), room.ledgers.facts, SystemClock().now())

    found = asyncio.run(run())
    if json:
        as_json(
            [
                {
                    "provider": one.provider,
                    "requests": one.spend.requests,
                    "bytes": one.spend.length,
                    "share": round(one.share, 4),
                    "pace": one.pace.value,
                }
                for one in found
            ]
        )
    else:
        table("Budgets of this month", BUDGETS, [_standing(one) for one in found])


def mirror_survival(context: typer.Context, *, json: Json = False) -> None:
    """How many days mirrors of each kind were read in each country before they were blocked.

    Those that are not blocked count as long as they were looked at. No median: fewer than half are.
    """

    async def run() -> Sequence[Survival]:
        async with glanced(place(context).folder) as room:
            return await survival(room.ledgers, room.mirrors, SystemClock().now())

    found = asyncio.run(run())
    if json:
        as_json(
            [
                {
                    "kind": one.kind,
                    "country": one.country,
                    "mirrors": one.lives,
                    "blocked": one.blocked,
                    "median_days": None if one.median is None else round(one.median, 2),
                    "curve": [[round(day, 2), round(left, 4)] for day, left in one.curve],
                }
                for one in found
            ]
        )
    else:
        table("Survival", LIVES, [_life(one) for one in found])


def _fall(one: Fall) -> Sequence[str]:
    stranded, mirrors = ", ".join(one.stranded), ", ".join(one.mirrors)
    return (one.cause.value, one.name, mirrors, f"{one.share:.0%}", stranded)


def _standing(one: Standing) -> Sequence[str]:
    taken = f"{one.spend.length / GIGABYTE:.1f}"
    return (one.provider, str(one.spend.requests), taken, f"{one.share:.0%}", one.pace.value)


def _life(one: Survival) -> Sequence[str]:
    median = "" if one.median is None else f"{one.median:.1f}"
    return (one.kind, one.country, str(one.lives), str(one.blocked), median)
