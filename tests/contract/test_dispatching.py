"""The contract of dispatchers and crews: in one program, and through a real PostgreSQL."""

from contextlib import AsyncExitStack

import pytest

from tamizdat.dispatching import Duty, Job, LaterError
from tests.kit.jobs import Desk, Opening, embedded, push, queued, told, working


@pytest.fixture(params=["embedded", pytest.param("postgresql", marks=pytest.mark.needs_postgresql)])
def opening(request: pytest.FixtureRequest) -> Opening:
    """Opens a dispatcher on one queue, as often as it is called."""
    if request.param == "embedded":
        return embedded()
    return queued(str(request.getfixturevalue("postgresql_address")))


async def test_what_is_handed_out_is_done_and_told_once(opening: Opening) -> None:
    desk = Desk()
    async with opening() as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("amber"), Job(duty=Duty.PROBE, ids=("amber", "birch"))])
        found = await told(jobs, 2)
        again = await jobs.reports()

    assert {(one.job.duty, one.job.ids) for one in found} == {
        (Duty.PUSH, ("amber",)),
        (Duty.PROBE, ("amber", "birch")),
    }
    assert {one.told for one in found} == {f"did {one.job.name}" for one in found}
    assert again in ((), [])


async def test_what_was_handed_before_anybody_worked_is_done_once(opening: Opening) -> None:
    desk = Desk()
    async with opening() as jobs:
        for _ in range(3):
            await jobs.hand([push("amber"), push("birch")])
        async with working(jobs, desk.duties()):
            await desk.until(lambda: len(desk.done) >= 2)
            await jobs.hand([push("cedar")])
            await desk.until(lambda: "push/cedar" in desk.done)

    assert sorted(desk.begun) == ["push/amber", "push/birch", "push/cedar"]


async def test_a_job_that_is_handed_while_it_is_done_is_done_again_after(
    opening: Opening,
) -> None:
    desk = Desk()
    desk.gate.clear()
    async with opening() as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("amber")])
        await desk.until(lambda: len(desk.begun) == 1)
        await jobs.hand([push("amber"), Job(duty=Duty.WITHDRAW, ids=("amber",)), push("birch")])
        await desk.until(lambda: "push/birch" in desk.begun)
        before = list(desk.begun)
        desk.gate.set()
        await desk.until(lambda: len(desk.done) == 4)

    assert sorted(before) == ["push/amber", "push/birch"]
    assert desk.done[-2:] == ["withdraw/amber", "push/amber"] or desk.doubled == 0
    assert desk.doubled == 0


async def test_two_crews_never_do_two_jobs_of_one_mirror_at_once(opening: Opening) -> None:
    desk = Desk()
    names = [f"m{number}" for number in range(12)]
    kinds = (Duty.PUSH, Duty.WITHDRAW, Duty.AUDIT)
    async with AsyncExitStack() as stack:
        crews = [await stack.enter_async_context(opening()) for _ in range(2)]
        for crew in {id(one): one for one in crews}.values():
            await stack.enter_async_context(working(crew, desk.duties()))
        for duty in kinds:
            await crews[0].hand([Job(duty=duty, ids=(name,)) for name in names])
        await desk.until(lambda: len(desk.done) >= len(kinds) * len(names))

    assert desk.doubled == 0


async def test_no_more_jobs_are_done_at_once_than_a_crew_has_hands(opening: Opening) -> None:
    desk = Desk()
    async with opening(at_once=3) as jobs, working(jobs, desk.duties()):
        await jobs.hand([push(f"m{number}") for number in range(20)])
        await desk.until(lambda: len(desk.done) == 20)

    assert desk.together <= 3


async def test_withdrawals_come_before_pushes_before_audits_before_looks(opening: Opening) -> None:
    desk = Desk()
    kinds = (Duty.GLANCE, Duty.PROBE, Duty.AUDIT, Duty.PUSH, Duty.WITHDRAW)
    async with opening(at_once=1) as jobs:
        for number, duty in enumerate((*kinds, *kinds)):
            await jobs.hand([Job(duty=duty, ids=(f"m{number}",))])
        async with working(jobs, desk.duties()):
            await desk.until(lambda: len(desk.done) == 10)

    order = [name.partition("/")[0] for name in desk.begun]
    assert order == [duty.value for duty in reversed(kinds) for _ in range(2)]


async def test_a_job_that_cannot_be_done_now_is_done_later(opening: Opening) -> None:
    desk = Desk(trouble=[LaterError("busy", seconds=0.3), LaterError("busy", seconds=0.3)])
    async with opening() as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("amber")])
        (report,) = await told(jobs, 1)

    assert desk.begun == ["push/amber"] * 3
    assert report.told == "did push/amber"


async def test_a_job_that_nobody_does_is_refused_and_holds_nobody_up(opening: Opening) -> None:
    desk = Desk()
    async with opening() as jobs, working(jobs, desk.duties(Duty.PUSH)):
        await jobs.hand([Job(duty=Duty.GLANCE, ids=("amber",)), push("amber")])
        await desk.until(lambda: desk.done == ["push/amber"])

    assert desk.begun == ["push/amber"]


async def test_a_provider_is_not_hurried_and_the_others_do_not_wait(opening: Opening) -> None:
    desk = Desk()
    async with opening(per_minute=30) as jobs, working(jobs, desk.duties()):
        await jobs.hand([push(f"slow{number}") for number in range(4)])
        await jobs.hand([push(f"m{number}") for number in range(4)])
        await desk.until(lambda: len(desk.done) == 8)

    slow = [when for when, name in zip(desk.times, desk.begun, strict=True) if "slow" in name]
    assert min(b - a for a, b in zip(slow, slow[2:], strict=False)) > 2.0
    assert "slow" in desk.begun[-1]


async def test_a_withdrawal_does_not_wait_for_a_providers_pace(opening: Opening) -> None:
    desk = Desk()
    async with opening(per_minute=1) as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("slow1"), push("slow2"), push("slow3")])
        await desk.until(lambda: len(desk.begun) == 1)
        await jobs.hand([Job(duty=Duty.WITHDRAW, ids=("slow4",))])
        await desk.until(lambda: "withdraw/slow4" in desk.done)

    assert len(desk.begun) == 2


async def test_what_was_begun_when_its_crew_was_cut_off_is_done_by_the_next(
    opening: Opening,
) -> None:
    desk, other = Desk(), Desk()
    desk.gate.clear()
    async with opening() as jobs:
        async with working(jobs, desk.duties()):
            await jobs.hand([push("amber")])
            await desk.until(lambda: len(desk.begun) == 1)
        async with opening() as again, working(again, other.duties()):
            await other.until(lambda: other.done == ["push/amber"])

    assert desk.done == []
