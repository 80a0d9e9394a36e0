"""A mirror's folder that holds other files, or lost its own: nothing of others' is deleted."""

import asyncio
from pathlib import Path

from tests.integration.test_faults import FOLDER, corrected, filled


async def test_a_folder_of_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    shop = await filled(tmp_path)
    shop.add_folder(FOLDER)
    other = shop.folder / "mirrors" / FOLDER / "thesis.txt"
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_text("mine")

    for _ in range(2):
        said = await asyncio.to_thread(shop.publish)
        assert "holds other files" in said["refusals"][0]["detail"]

    assert [path for path in other.parent.rglob("*") if path.is_file()] == [other]


async def test_what_was_lost_is_healed_in_the_same_run_and_others_files_stay(
    tmp_path: Path,
) -> None:
    shop = await filled(tmp_path)
    shop.add_folder(FOLDER)
    assert (await asyncio.to_thread(shop.publish))["refusals"] == []
    folder = shop.folder / "mirrors" / FOLDER
    before = {path for path in folder.rglob("*.html") if path.parent.name.isdigit()}
    for path in (*before, *folder.glob("o/*/*"), *folder.glob("b/*"), *folder.glob("s/*")):
        path.unlink()
    (folder / "thesis.txt").write_text("mine")
    await corrected(shop, "After a loss")

    said = await asyncio.to_thread(shop.publish)

    assert said["refusals"] == []
    assert all(path.exists() for path in before)
    assert (folder / "thesis.txt").exists()
