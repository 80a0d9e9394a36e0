"""Choosing a policy: `tamizdat simulate` tells what a hand-out would be worth."""

import json
from pathlib import Path

from tests.kit.newsroom import tamizdat


def test_twenty_informers_leave_nearly_all_readers_served(tmp_path: Path) -> None:
    picture = tmp_path / "served.svg"

    done = tamizdat("simulate", "--seeds", "1", "--plot", str(picture), "--json")

    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["served"] >= 0.96
    assert told["served"] > told["public_list"]
    assert len(told["courses"][0]["served"]) == 180
    assert picture.read_text(encoding="utf-8").startswith("<svg")


def test_a_policy_that_cannot_be_is_refused_in_one_line() -> None:
    done = tamizdat("simulate", "--width", "63")

    assert done.returncode == 2
    assert done.stderr.startswith("tamizdat: simulate: a grove's width is a power of 2")
    assert done.stderr.count("\n") == 1
