"""The bench at its smallest: what it counts is right, whatever this machine's seconds are.

Peers take part where they are installed; nothing here compares a time.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.kit.bench.__main__ import main
from tests.kit.bench.corpus import LANGUAGES, texts
from tests.kit.bench.figure import Figure, ratio
from tests.kit.bench.peers import find

COUNT = 120
BENCHES = ("build", "bundle", "push", "verify", "start")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What one quick run kept; each bench raises where a newspaper lacks anything."""
    keep = tmp_path_factory.mktemp("bench")

    code = main([*BENCHES, "--quick", "--size", str(COUNT), "--keep", str(keep)])

    assert code == 0
    (file,) = keep.glob("*.json")
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def counts(told: Mapping[str, Any], bench: str, name: str) -> Mapping[str, int]:
    return next(
        one["counts"]
        for report in told["reports"]
        if report["bench"] == bench
        for one in report["series"]
        if one["name"] == name
    )


def verdicts(told: Mapping[str, Any], bench: str) -> Mapping[str, str]:
    return {
        one["text"]: one["verdict"]
        for report in told["reports"]
        if report["bench"] == bench
        for one in report["counted"]
    }


def test_every_article_has_its_page_in_our_edition(told: Mapping[str, Any]) -> None:
    made = counts(told, "build", "tamizdat publish")

    assert made["pages"] >= COUNT + 2 * len(LANGUAGES)
    assert made["files"] > made["pages"]


def test_every_page_comes_out_of_our_zip(told: Mapping[str, Any]) -> None:
    assert counts(told, "bundle", "our ZIP")["pages"] == COUNT


def test_a_copy_that_was_published_is_authentic(told: Mapping[str, Any]) -> None:
    assert counts(told, "verify", "tamizdat verify FOLDER") == {"authentic": 1}
    assert counts(told, "verify", "tamizdat verify ZIP") == {"authentic": 1}


def test_a_push_keeps_to_its_budget(told: Mapping[str, Any]) -> None:
    found = verdicts(told, "push")

    assert set(found.values()) <= {"holds"}
    assert bool(found) == bool(find("rclone") and find("nginx"))


def test_what_is_not_installed_is_named(told: Mapping[str, Any]) -> None:
    missing = {name for name in ("hugo", "pelican", "zip", "minisign") if find(name) is None}

    assert missing <= set(told["absent"])


def test_a_corpus_is_the_beginning_of_a_larger_one() -> None:
    assert list(texts(30)) == list(texts(90))[:30]
    assert {one.language for one in texts(6)} == set(LANGUAGES)


def test_runs_that_lie_far_apart_are_not_compared() -> None:
    steady, wild = Figure.of([1.0, 1.1, 1.2]), Figure.of([1.0, 1.1, 1.9])

    assert ratio(steady, steady) == 1.0
    assert ratio(steady, wild) is None
    assert ratio(wild, steady) is None
