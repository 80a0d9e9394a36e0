"""Documentation under test: verbs, keys, folders, links."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from gateway.hosting import PostSettings
from gateway.settings import GatewaySettings
from mirror.settings import MirrorSettings
from reach.settings import VantageSettings
from service.alarms.settings import AlarmSettings
from service.config import DeskPart, NewsroomPart, ServePart, SigningPart, StorePart
from service.handing.settings import ChannelSettings
from tests.kit.helppage import PAGE, page

HOUSE = Path(__file__).parents[2]
OPERATING = (HOUSE / "docs/operating.md").read_text(encoding="utf-8")


def test_the_page_of_the_command_line_is_the_programs_help() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def keys(*parts: type[BaseModel]) -> Iterator[str]:
    for part in parts:
        yield from part.model_fields


def test_every_key_of_the_config_is_explained() -> None:
    missing = [
        key
        for key in keys(
            NewsroomPart,
            StorePart,
            SigningPart,
            MirrorSettings,
            ChannelSettings,
            GatewaySettings,
            PostSettings,
            ServePart,
            DeskPart,
            VantageSettings,
            AlarmSettings,
        )
        if f"`{key}`" not in OPERATING
    ]

    assert not missing


def test_the_vantage_in_the_documents_is_one() -> None:
    (told,) = re.findall(r"```toml\n(\[\[vantage\]\].*?)```", OPERATING, re.DOTALL)

    (block,) = tomllib.loads(told)["vantage"]

    assert VantageSettings.model_validate(block).command[0] == "ssh"


def test_every_top_level_folder_stands_in_the_readme() -> None:
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    folders = [p.name for p in HOUSE.iterdir() if (p / "__init__.py").exists()]

    assert not [name for name in folders if f"`{name}/`" not in readme]


def test_links_in_the_documents_lead_somewhere() -> None:
    for path in (*HOUSE.glob("*.md"), *HOUSE.glob("docs/**/*.md"), *HOUSE.glob("deploy/*.md")):
        for link in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (path.parent / link).exists(), f"{path.name}: {link}"
