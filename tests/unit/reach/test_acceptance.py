"""What a vantage told is taken only as an answer to what it was asked."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from reach.acceptance import SLACK, accepted
from reach.record import encode
from tamizdat.errors import SourceError
from tamizdat.measurement import Measurement
from tamizdat.placement import MirrorId
from tests.kit.orders import AIM, VANTAGE, order, other
from tests.kit.sights import GOOD, NOW, later, sight, vantage

HERE = sight(*GOOD, by=VANTAGE)
SECOND = timedelta(seconds=1)
DONE = later(5)


def test_an_answer_to_the_order_is_taken_as_it_is() -> None:
    assert accepted(encode(HERE), order(), (), DONE) == HERE


MOMENTS = [
    # began            is taken as
    (NOW, NOW),
    (later(3), later(3)),
    (NOW - SLACK, NOW),
    (DONE + SLACK, DONE),
]


@pytest.mark.parametrize(("at", "taken"), MOMENTS)
def test_a_moment_a_little_off_is_moved_into_the_time_of_the_order(
    at: datetime, taken: datetime
) -> None:
    told = encode(replace(HERE, at=at))

    assert accepted(told, order(), (), DONE).at == taken


WRONG: list[tuple[Measurement, str]] = [
    (replace(HERE, mirror=MirrorId("cedar")), "not asked for"),
    (replace(HERE, vantage=vantage("else")), "another vantage"),
    (replace(HERE, vantage=replace(VANTAGE, country="YY")), "another vantage"),
    (replace(HERE, vantage=replace(VANTAGE, network="AS1")), "another vantage"),
    (replace(HERE, host="else.example"), "another address"),
    (replace(HERE, expected=()), "another address"),
    (replace(HERE, at=NOW - SLACK - SECOND), "another time"),
    (replace(HERE, at=DONE + SLACK + SECOND), "another time"),
]


@pytest.mark.parametrize(("told", "words"), WRONG)
def test_what_is_no_answer_to_it_is_refused(told: Measurement, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        accepted(encode(told), order(AIM, other("birch")), (), DONE)


def test_a_mirror_is_told_of_once() -> None:
    with pytest.raises(SourceError, match="twice"):
        accepted(encode(HERE), order(), {HERE.mirror}, DONE)


@pytest.mark.parametrize("line", [b"", b"{}", b"[1]", b"\xff\x00", b'{"<script>": 1}', b"[" * 9999])
def test_what_is_no_measurement_is_refused_in_words_of_ours(line: bytes) -> None:
    with pytest.raises(SourceError, match=r"^tells what is no measurement$"):
        accepted(line, order(), (), DONE)
