"""Which readers are left without a way."""

import pytest

from mirror.stranding import stranding
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState

ACTIVE, SPARE = MirrorState.ACTIVE, MirrorState.SPARE


def known(
    name: str,
    state: MirrorState = ACTIVE,
    group: str = "open",
    exposure: Exposure = Exposure.PUBLIC,
) -> Mirror:
    return Mirror(
        id=MirrorId(name),
        backend="s3",
        base=f"https://{name}.example/",
        folder=None,
        state=state,
        exposure=exposure,
        group=group,
    )


THREE = [known("a"), known("b"), known("c")]
FOUR = [*THREE, known("d")]
SECRET = [known("s", group="few", exposure=Exposure.SECRET), known("a")]
TABLE = [
    # pool                       lost                at once  after
    (THREE, {"a"}, 0.0, 0.0),  # the two that it named are left
    (THREE, {"a", "b", "c"}, 1.0, 1.0),
    ([*THREE, known("x", SPARE)], {"a", "b", "c"}, 1.0, 0.0),
    (SECRET, {"s"}, 0.5, 0.5),  # a secret mirror names nobody
    ([*SECRET, known("t", SPARE, "few", Exposure.SECRET)], {"s"}, 0.5, 0.0),
    ([known("x", SPARE)], {"x"}, 0.0, 0.0),
    ([], set(), 0.0, 0.0),
]


@pytest.mark.parametrize(("pool", "lost", "at_once", "after"), TABLE)
def test_readers_are_stranded_where_nothing_they_know_is_left(
    pool: list[Mirror], lost: set[str], at_once: float, after: float
) -> None:
    found = stranding(pool, {MirrorId(one) for one in lost})

    assert (found.at_once, found.after) == (at_once, after)


def test_the_planner_says_who_takes_over() -> None:
    found = stranding([*FOUR, known("x", SPARE)], {MirrorId("a"), MirrorId("b")})

    assert found.rotation.promote == ("x",)
    assert found.rotation.unreplaced == ("b",)
