"""Mutants: whoever removes one check of those that decide fails a test."""

import ast
from pathlib import Path

import pytest

from tests.kit.mutants.change import changes
from tests.kit.mutants.spared import SPARED
from tests.kit.mutants.trying import FILES, tried

FEW = ("signing/armor.py", "signing/gate.py", "signing/trust.py", "tamizdat/record.py")
UNTRIED = "signing/shamir.py"
TESTS = [f"tests/unit/signing/test_{name}.py" for name in ("gate", "trust", "signed_files")]

CHANGES = [
    # the check              what becomes of it
    ("if a: raise b", ["not a", "nothing"]),
    ("if not a: raise b", ["a", "nothing"]),
    ("if a == b: raise c", ["a != b", "nothing"]),
    ("if a < b: raise c", ["a >= b", "a <= b", "nothing"]),
    ("if a < b in c: pass", ["a >= b in c", "a <= b in c", "a < b not in c", "a < b", "b in c"]),
    ("if a or b in c: pass", ["b in c", "a", "b not in c"]),
    ("a = [b for b in c if b is d]", ["b is not d"]),
    ("return a if b else c", ["not b"]),
    ("return min(a, b + c)", ["max", "b"]),
    ("check(a)", ["nothing"]),
    ("a -= b", ["nothing"]),
    ("raise a(f'{b if c == d else e}')", ["nothing"]),
]  # fmt: skip


@pytest.mark.parametrize(("check", "other"), CHANGES)
def test_a_check_is_changed_in_every_way(check: str, other: list[str]) -> None:
    function = ast.parse(f"def f():\n    {check}\n").body[0]
    assert isinstance(function, ast.FunctionDef)

    told = [change.told.rpartition(" -> ")[2] for change in changes(function)]

    assert told == other


def test_a_change_is_taken_back() -> None:
    tree = ast.parse("def f():\n    if a <= b or c: raise d\n")
    before = ast.unparse(tree)
    made = []

    assert isinstance(tree.body[0], ast.FunctionDef)
    for change in changes(tree.body[0]):
        with change:
            made.append(ast.unparse(tree))

    assert ast.unparse(tree) == before
    assert len({before, *made}) == len(made) + 1


@pytest.mark.timeout(1800)
def test_a_few_checks_cannot_be_removed_unnoticed(tmp_path: Path) -> None:
    told = tried([*FEW, UNTRIED], tmp_path, TESTS, each=2)

    untried = {verdict for name, verdict in told.items() if name.startswith(UNTRIED)}
    lived = [name for name, verdict in told.items() if verdict != "killed"]
    assert untried == {"no test meets it"}
    assert [name for name in lived if not name.startswith(UNTRIED)] == []
    assert len(told) == 2 * len([*FEW, UNTRIED])


@pytest.mark.lab
@pytest.mark.timeout(3600)
def test_no_check_can_be_removed_unnoticed(tmp_path: Path) -> None:
    told = tried(FILES, tmp_path)

    lived = {name for name, verdict in told.items() if verdict != "killed"}
    print(f"{len(told)} mutants, {len(lived)} live: {sorted(lived)}")  # noqa: T201 - the figures
    assert lived - SPARED.keys() == set()
    assert SPARED.keys() - lived == set(), "these are killed, or gone: take them off the list"
