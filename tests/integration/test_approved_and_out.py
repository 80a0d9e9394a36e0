"""From approval to strangers' eyes, while half of the mirrors refuse."""

from pathlib import Path

from tests.kit.outlets import outlets


async def test_an_approved_text_is_read_on_three_mirrors_while_three_refuse(
    tmp_path: Path,
) -> None:
    async with outlets(tmp_path / "room") as running:
        times = [await running.release(number) for number in range(2)]

    assert len(times) == 2
