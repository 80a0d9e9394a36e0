"""The port Probe: what every probe owes, whatever it looks with."""

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from reach.outpost import Outpost
from reach.probe import HandProbe
from tamizdat.measurement import Aim, ExposureError, Kind, Purpose, Vantage
from tamizdat.placement import Exposure, MirrorId
from tamizdat.ports import Probe
from tests.kit.lab.looker import PATIENCE, PaperClock, content, proof
from tests.kit.lab.paper import made
from tests.kit.strangers import HOST, free_port, serving, telling
from tests.unit.signing.paper import Newsroom

HOUSE = Path(__file__).parents[2]
LOOK = (sys.executable, "-m", "service", "reach", "look")


@dataclass(frozen=True)
class Scene:
    """A probe, a mirror that serves its newsroom's edition, and an address where nobody is."""

    probe: Probe
    good: str
    dead: str


def by_hand(room: Newsroom) -> Probe:
    return HandProbe(content(room), PaperClock(), patience=PATIENCE)


def by_command(room: Newsroom) -> Probe:
    return Outpost(LOOK, proof(room), PaperClock(), patience=PATIENCE, folder=HOUSE)


@pytest_asyncio.fixture(params=[by_hand, by_command])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    room, files = await made()
    async with serving(telling(files)) as port:
        probe = request.param(room)
        yield Scene(probe, f"http://{HOST}:{port}/", f"http://{HOST}:{free_port()}/")


def aim(base: str, exposure: Exposure = Exposure.PUBLIC) -> Aim:
    return Aim(mirror=MirrorId("amber"), base=base, exposure=exposure, group="own")


def vantage(*groups: str) -> Vantage:
    groups_known = frozenset(groups)
    return Vantage(id="v", country="XX", network="AS1", kind=Kind.LOCAL, groups=groups_known)


async def test_a_good_mirror_is_measured_to_its_signature(scene: Scene) -> None:
    found = await scene.probe.measure(aim(scene.good), vantage())

    assert found.failure is None
    assert [step.stage.value for step in found.of(Purpose.READER)][-1] == "signature"


async def test_a_dead_mirror_is_a_measurement_and_no_error(scene: Scene) -> None:
    found = await scene.probe.measure(aim(scene.dead), vantage())

    assert str(found.failure) == "tcp:connection_refused"


async def test_a_measurement_names_its_mirror_vantage_and_moment(scene: Scene) -> None:
    found = await scene.probe.measure(aim(scene.good), vantage())

    assert (found.mirror, found.vantage, found.at) == ("amber", vantage(), PaperClock().now())


async def test_steps_take_no_time_backwards(scene: Scene) -> None:
    found = await scene.probe.measure(aim(scene.good), vantage())

    assert all(0 <= step.t0 <= step.t for step in found.steps)


@pytest.mark.parametrize("exposure", [Exposure.GROUP, Exposure.SECRET])
async def test_a_mirror_of_another_group_is_not_looked_at(scene: Scene, exposure: Exposure) -> None:
    with pytest.raises(ExposureError):
        await scene.probe.measure(aim(scene.good, exposure), vantage("other"))


@pytest.mark.parametrize("exposure", [Exposure.GROUP, Exposure.SECRET])
async def test_a_mirror_of_its_group_is_looked_at(scene: Scene, exposure: Exposure) -> None:
    found = await scene.probe.measure(aim(scene.good, exposure), vantage("own"))

    assert found.failure is None
