"""Who guesses is slowed down; memory has a limit; nobody else waits."""

from desk.throttle import FORGIVEN, FREE, LANES, PATIENCE, STEP, Throttle
from tamizdat.digest import Digest, digest

VICTIM, OTHER = digest(b"victim"), digest(b"other")


def test_a_few_tries_pass_at_once() -> None:
    throttle = Throttle()

    waits = [throttle.wait(VICTIM, 0.0) for _ in range(FREE)]

    assert waits == [0.0] * FREE


def test_more_tries_queue_up_and_then_are_refused() -> None:
    throttle = Throttle()
    for _ in range(FREE):
        throttle.wait(VICTIM, 0.0)

    waits = [throttle.wait(VICTIM, 0.0) for _ in range(6)]

    assert waits == [0.0, STEP, 2 * STEP, 3 * STEP, None, None]
    assert 3 * STEP <= PATIENCE


def test_nobody_else_waits() -> None:
    throttle = Throttle()
    for _ in range(100):
        throttle.wait(VICTIM, 0.0)

    assert throttle.wait(OTHER, 0.0) == 0.0


def test_failures_are_forgiven_with_time() -> None:
    throttle = Throttle()
    for _ in range(FREE + 4):
        throttle.wait(VICTIM, 0.0)

    later = throttle.wait(VICTIM, (FREE + 2) * FORGIVEN)

    assert later == 0.0


def test_one_try_passes_every_few_seconds_however_long_somebody_guesses() -> None:
    throttle = Throttle()

    passed = sum(throttle.wait(VICTIM, float(second)) is not None for second in range(3600))

    assert passed <= FREE + 3600 / STEP + PATIENCE / STEP + 3600 / FORGIVEN


def test_the_right_password_clears_the_lane() -> None:
    throttle = Throttle()
    for _ in range(FREE + 4):
        throttle.wait(VICTIM, 0.0)

    throttle.forgive(VICTIM)

    assert throttle.wait(VICTIM, 0.0) == 0.0


def test_memory_has_a_limit() -> None:
    throttle = Throttle()

    for number in range(LANES * 3):
        throttle.wait(Digest(f"{number:08x}" + "0" * 56), 0.0)

    assert len(throttle._lanes) == LANES
