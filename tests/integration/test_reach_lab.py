"""A censor is a row: each row of the first lab, once, in real network namespaces."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.kit.lab.rows import load
from tests.kit.lab.running import ROWS, outcomes

pytestmark = [pytest.mark.needs_namespaces, pytest.mark.timeout(240)]
OUTPOSTS = ROWS.with_name("outposts.toml")
NAMES = [row.name for row in load(ROWS)]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    return {one["row"]: one for one in outcomes(tmp_path_factory.mktemp("lab"))}


@pytest.mark.parametrize("name", NAMES)
def test_a_row_gives_its_verdict(name: str, played: Mapping[str, Any]) -> None:
    assert played[name]["good"], played[name]


def test_our_own_outage_is_never_called_a_block(played: Mapping[str, Any]) -> None:
    down = [one for name, one in played.items() if "we are down" in name]

    assert len(down) == 2
    assert {one["verdict"] for one in down} == {"down"}


def test_an_outpost_in_the_country_gives_the_same_verdicts(tmp_path: Path) -> None:
    told = list(outcomes(tmp_path, OUTPOSTS))

    assert [one["verdict"] for one in told] == ["blocked", "blocked", "down", "reachable"]
    assert [one for one in told if not one["good"]] == []


def test_nothing_of_the_lab_is_left(played: Mapping[str, Any]) -> None:
    left = [name for name in ("country", "censor", "free") if Path("/run/netns", name).exists()]

    assert played
    assert left == []
