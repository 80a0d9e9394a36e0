"""The ring: what a browser that was away gets, and when it must begin anew."""

import pytest

from desk.ring import Ring


def ring(events: int, kept: int = 4) -> Ring:
    made = Ring(kept, mark="run1")
    for number in range(events):
        made.add("change", f'{{"n":{number + 1}}}')
    return made


def test_an_event_is_spelled_as_browsers_read_it() -> None:
    made = ring(1)

    assert made.after("run1-0") == (b'id: run1-1\nevent: change\ndata: {"n":1}\n\n',)


def test_only_what_was_missed_comes_again() -> None:
    made = ring(3)

    missed = made.after("run1-1")

    assert missed is not None
    assert [body.splitlines()[0] for body in missed] == [b"id: run1-2", b"id: run1-3"]


def test_who_missed_nothing_gets_nothing() -> None:
    assert ring(3).after("run1-3") == ()


@pytest.mark.parametrize(
    "last", ["", "run1-1", "run1-9", "run2-6", "run1--1", "run1-x", "x", "run1-" + "9" * 5000]
)
def test_a_gap_or_a_strange_id_means_everything_anew(last: str) -> None:
    assert ring(6).after(last) is None


def test_the_oldest_that_is_still_there_can_be_gone_on_from() -> None:
    missed = ring(6).after("run1-2")

    assert missed is not None
    assert len(missed) == 4


def test_large_events_push_old_ones_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.ring.LARGEST", 1000)
    made = Ring(100, mark="run1")
    for _ in range(10):
        made.add("change", "x" * 300)

    assert made.after("run1-0") is None
    assert made.after("run1-9") is not None


def test_a_line_feed_begins_no_field_of_its_own() -> None:
    made = Ring(mark="run1")
    made.add("change", "a\nid: forged\r\ndata: b")

    events = made.after("run1-0")

    assert events is not None
    assert events[0].count(b"\n") == 4
