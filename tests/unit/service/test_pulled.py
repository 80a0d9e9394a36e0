"""When a source is asked again, and what the ledger keeps of it."""

from datetime import UTC, datetime, timedelta

import pytest

from feeds.incoming import SetAside
from feeds.sources.fetch import Seen
from service.stories.dropped import settled
from service.stories.pulled import MOST_ASIDE, NEVER, Pulled, decode, encode, told

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_what_was_never_asked_is_due_at_once() -> None:
    assert decode(None) == NEVER
    assert NEVER.due(timedelta(days=7)) < NOW


@pytest.mark.parametrize(("failures", "hours"), [(0, 1), (1, 2), (3, 8), (5, 24), (99, 24)])
def test_a_source_that_fails_is_asked_later_and_later(failures: int, hours: int) -> None:
    assert Pulled(at=NOW, failures=failures).due(HOUR) == NOW + hours * HOUR


def test_a_source_that_is_asked_seldom_is_not_asked_more_often_for_failing() -> None:
    assert Pulled(at=NOW, failures=9).due(timedelta(days=3)) == NOW + timedelta(days=3)


def test_the_ledger_gives_back_what_it_was_told() -> None:
    found = Pulled(at=NOW, seen=Seen(etag='"x"', modified="Thu"), aside=(("entry 1", "no id"),))

    assert decode(encode(found)) == found
    assert decode(encode(found.failed(NOW, "host: no answer\n" * 99))).failures == 1


def test_only_so_much_is_remembered() -> None:
    aside = [SetAside(kind="feed", label="x" * 999, reason="y" * 999)] * (MOST_ASIDE + 1)

    assert len(encode(Pulled(at=NOW, aside=told(aside)))) < MOST_ASIDE * 500


def test_a_file_is_ready_once_it_stayed_as_it_was() -> None:
    before = {"a": (1, 1), "b": (1, 1), "c": (1, 1)}

    assert settled(before, {"a": (1, 1), "b": (2, 1), "c": (1, 2), "d": (1, 1)}) == ["a"]
    assert settled({}, {"a": (1, 1)}) == []
