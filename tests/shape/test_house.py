"""The shape of the house: floors, strangers, homes, walls."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

HOUSE = Path(__file__).parents[2]
ROOMS = ("desk", "feeds", "signing", "mirror", "gateway", "reach", "forum", "store")
GROUND_MAY = {"pydantic", "tamizdat"}
GROUND_MAY_NOT = {"asyncio", "socket", "ssl", "subprocess", "sqlite3", "os", "pathlib", "io"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
BANNED_NAMES = {"manager", "util", "utils", "helper", "helpers", "common", "misc", "base", "data"}
BANNED_NAMES |= {"info", "process", "item"}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders or (*ROOMS, "tamizdat", "service"):
        yield from sorted((HOUSE / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
    return names


def test_rooms_are_strangers() -> None:
    for room in ROOMS:
        for path in sources(room):
            assert imported(path) & set(ROOMS) <= {room}, path


def test_nothing_below_imports_the_roof() -> None:
    for path in sources(*ROOMS, "tamizdat"):
        assert "service" not in imported(path), path


def test_the_ground_imports_values_only() -> None:
    for path in sources("tamizdat"):
        assert not imported(path) & (GROUND_MAY_NOT | set(ROOMS)), path


def test_nobody_else_owns_our_names() -> None:
    owners = packages_distributions()
    for name in (*ROOMS, "tamizdat", "service"):
        assert set(owners.get(name, ())) <= {"tamizdat"}, name


def test_files_and_functions_stay_within_the_walls() -> None:
    tests = sorted((HOUSE / "tests").rglob("*.py"))
    for path in (*sources(), *tests):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= LONGEST_FILE, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                assert node.end_lineno - node.lineno < LONGEST_FUNCTION, f"{path}:{node.name}"


def test_no_file_has_an_empty_name() -> None:
    for path in sources():
        assert path.stem not in BANNED_NAMES, path


def test_a_file_says_first_what_it_is() -> None:
    for path in sources():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_nobody_swallows_every_error() -> None:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                named = ast.unparse(node.type) if node.type else "everything"
                swallows = named in {"Exception", "BaseException", "everything"}
                raises_again = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
                assert not swallows or raises_again, f"{path}:{node.lineno}"


def test_no_committed_file_names_a_registry_or_this_machine() -> None:
    locks = [HOUSE / "requirements.lock", HOUSE / "deploy/requirements.lock"]
    lock = "".join(path.read_text(encoding="utf-8") for path in locks)

    assert "://" not in lock
    assert "--index-url" not in lock


def test_every_ignored_lint_rule_has_a_reason() -> None:
    text = (HOUSE / "pyproject.toml").read_text(encoding="utf-8")
    ignored = tomllib.loads(text)["tool"]["ruff"]["lint"]["ignore"]

    for rule in ignored:
        assert re.search(rf'"{rule}",? *#', text), rule
