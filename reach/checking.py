"""Checking: every mirror measured now from one vantage, each beside a control, and ruled on."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reach.exposure import allowed
from reach.judge import judge
from tamizdat.measurement import Aim, Kind, Measurement, Vantage
from tamizdat.placement import MirrorId
from tamizdat.ports import Probe
from tamizdat.verdict import Ruling

AT_ONCE = 8
"""So many mirrors are measured at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One mirror: what was seen, beside what, and what it means."""

    here: Measurement
    control: Measurement | None
    ruling: Ruling


async def check(
    probe: Probe,
    aims: Sequence[Aim],
    vantage: Vantage,
    controls: Mapping[MirrorId, Measurement] | None = None,
) -> tuple[Row, ...]:
    """One row for each mirror that `vantage` may know, in order.

    `controls` come from an open network. Where they are None, this machine is taken to stand in
    one: it looks a second time at what failed, and that look is the control.
    """
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(aim: Aim) -> Row:
        async with turns:
            here = await probe.measure(aim, vantage)
            if controls is not None:
                control = controls.get(aim.mirror)
            elif here.failure is None:
                control = here
            else:
                control = await probe.measure(aim, as_control(vantage))
        return Row(here=here, control=control, ruling=judge(here, control))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(aim)) for aim in allowed(aims, vantage)]
    return tuple(task.result() for task in tasks)


async def measured(probe: Probe, aims: Sequence[Aim], vantage: Vantage) -> tuple[Measurement, ...]:
    """What `vantage` sees of those mirrors that it may know, in order."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(aim: Aim) -> Measurement:
        async with turns:
            return await probe.measure(aim, vantage)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(aim)) for aim in allowed(aims, vantage)]
    return tuple(task.result() for task in tasks)


def as_control(vantage: Vantage) -> Vantage:
    """The same place, as a control."""
    return replace(vantage, id=f"{vantage.id}-control", kind=Kind.CONTROL)
