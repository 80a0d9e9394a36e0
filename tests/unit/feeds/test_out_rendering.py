from dataclasses import replace
from importlib.resources import files

import pytest

from feeds.rendering import FOLDERS, SOURCES, rendering_id
from tamizdat.digest import is_digest
from tests.unit.feeds import press


def test_the_same_paper_is_rendered_the_same() -> None:
    assert rendering_id(press.paper()) == rendering_id(press.paper())
    assert is_digest(rendering_id(press.paper()))


@pytest.mark.parametrize(
    "change", [{"name": "Other"}, {"mail": None}, {"languages": ("en",)}, {"onion": "x.onion"}]
)
def test_another_paper_is_another_rendering(change: dict[str, object]) -> None:
    other = replace(press.paper(), **change)  # type: ignore[arg-type]

    assert rendering_id(other) != rendering_id(press.paper())


def test_every_module_that_a_page_rests_on_counts() -> None:
    room = files("feeds")
    imported = {
        line.split()[1].removeprefix("feeds.")
        for name in SOURCES
        for line in room.joinpath(f"{name}.py").read_text("utf-8").splitlines()
        if line.startswith("from feeds.")
    }

    assert imported <= set(SOURCES)


def test_every_folder_that_a_page_reads_counts() -> None:
    folders = {part.name: part for part in files("feeds").iterdir() if part.is_dir()}
    code = {name for name, part in folders.items() if part.joinpath("__init__.py").is_file()}

    assert folders.keys() - code - {"__pycache__"} == set(FOLDERS)
