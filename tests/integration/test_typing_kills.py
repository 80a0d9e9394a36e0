"""Kill -9 while somebody types and somebody approves: what was acknowledged is there."""

from pathlib import Path

from tests.kit.typist import killed


async def test_a_kill_loses_no_word_that_was_saved_and_releases_none_unapproved(
    tmp_path: Path,
) -> None:
    seen = await killed(tmp_path / "room", kills=2, seed=1)

    assert (seen.lost, seen.unapproved) == (0, 0), seen.told()
    assert seen.words >= 2
