"""What became of a name that was a mirror's, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from reach.afterlife import WATCHED, afterlife, is_watched
from tamizdat.measurement import Content
from tamizdat.verdict import Word

NOW = datetime(2026, 11, 26, tzinfo=UTC)
TABLE = [
    # what is found              front door   verdict              rule
    (Content(code=None), 200, Word.REACHABLE, "afterlife.ours"),
    (Content(code="stale"), 200, Word.REACHABLE, "afterlife.ours"),
    (Content(code="unknown_edition"), 200, Word.REACHABLE, "afterlife.ours"),
    (Content(code="missing", edition=3), 200, Word.REACHABLE, "afterlife.ours"),
    (Content(code="invalid", edition=3), 200, Word.IMPERSONATED, "afterlife.forged"),
    (Content(code="invalid"), 200, Word.IMPERSONATED, "afterlife.forged"),
    (Content(code="missing"), 200, Word.IMPERSONATED, "afterlife.other"),
    (Content(code="missing"), 302, Word.IMPERSONATED, "afterlife.other"),
    (Content(code="missing"), 404, Word.DOWN, "afterlife.quiet"),
    (Content(code="missing"), 503, Word.DOWN, "afterlife.quiet"),
    (None, 200, Word.IMPERSONATED, "afterlife.other"),
    (None, None, Word.DOWN, "afterlife.quiet"),
]


@pytest.mark.parametrize(("content", "door", "word", "rule"), TABLE)
def test_a_name_is_ours_somebody_elses_or_quiet(
    content: Content | None, door: int | None, word: Word, rule: str
) -> None:
    ruling = afterlife(content, door)

    assert (ruling.word, ruling.rule) == (word, rule)


WATCH = [
    # retired                              watched
    (None, True),
    (NOW - timedelta(days=1), True),
    (NOW - WATCHED, True),
    (NOW - WATCHED - timedelta(seconds=1), False),
]


@pytest.mark.parametrize(("retired", "watched"), WATCH)
def test_a_name_is_watched_for_two_years(retired: datetime | None, *, watched: bool) -> None:
    assert is_watched(retired, NOW) is watched
