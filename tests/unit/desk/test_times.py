"""Times that editors set: their zone on the page, one moment in the ledger."""

from datetime import UTC, datetime

import pytest

from desk.times import MOST_ZONES, Zones, both, due_of, field, said
from tamizdat.errors import ConfigError

RIGA = "Europe/Riga"
MEANT = [
    # typed               zone           the moment
    ("2026-11-26T10:00", RIGA, datetime(2026, 11, 26, 8, 0, tzinfo=UTC)),
    ("2026-07-26T10:00", RIGA, datetime(2026, 7, 26, 7, 0, tzinfo=UTC)),
    ("2026-11-26T10:00:30", "UTC", datetime(2026, 11, 26, 10, 0, 30, tzinfo=UTC)),
    ("2026-11-26T10:00", "Asia/Tehran", datetime(2026, 11, 26, 6, 30, tzinfo=UTC)),
    ("2026-10-25T03:30", RIGA, datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),  # comes twice: later
]
MISTAKES = [
    ("2026-03-29T03:30", RIGA, "summer time begins"),
    ("tomorrow", RIGA, "is no time: write it as"),
    ("2026-13-41T10:00", RIGA, "is no time"),
    ("2026-11-26T10:00", "Riga", "is no time zone"),
    ("2026-11-26T10:00", "../../etc/passwd", "is no time zone"),
    ("2026-11-26T10:00", "Europe", "is no time zone"),
]


@pytest.mark.parametrize(("typed", "zone", "at"), MEANT)
def test_a_time_means_one_moment(typed: str, zone: str, at: datetime) -> None:
    assert due_of(typed, zone) == at
    assert field(at, zone) == typed[:16]


@pytest.mark.parametrize(("typed", "zone", "remedy"), MISTAKES)
def test_what_is_no_time_is_refused(typed: str, zone: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match=remedy):
        due_of(typed, zone)


@pytest.mark.parametrize("typed", ["", "  "])
def test_an_emptied_field_is_no_clock(typed: str) -> None:
    assert due_of(typed, RIGA) is None
    assert field(None, RIGA) == ""


def test_a_moment_is_said_with_utc_beside_it() -> None:
    at = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)

    assert said(at, RIGA) == "Thu 26 Nov 10:00"
    assert both(at, RIGA) == "Thu 26 Nov 10:00 (Europe/Riga), Thu 26 Nov 08:00 UTC"
    assert both(at, "UTC") == "Thu 26 Nov 08:00 UTC"


def test_everybody_keeps_the_zone_they_named() -> None:
    zones = Zones("UTC")
    zones.remember(1, RIGA)
    zones.remember(2, "nowhere")
    zones.remember(3, "")

    assert [zones.of(person) for person in (1, 2, 3)] == [RIGA, "UTC", "UTC"]
    for person in range(2, MOST_ZONES + 3):
        zones.remember(person, RIGA)
    assert zones.of(1) == "UTC"
