"""The page of formats under test: every refusal has a clause there, and a test that cites it."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).parents[2]
ROOMS = ("tamizdat", "signing", "mirror", "feeds", "gateway", "reach", "store", "desk", "service")
NUMBER = r"(?:10|[1-9])\.[1-9][0-9]?"
CITED = re.compile(rf"formats? ({NUMBER}(?:(?:,| and| to) {NUMBER})*)")


@cache
def page() -> dict[str, str]:
    """The text of each clause, by its number."""
    text = (HOUSE / "docs/formats.md").read_text(encoding="utf-8")
    clause = rf"(?ms)^- \*\*({NUMBER})\*\* (.*?)(?=^- \*\*|^## |\Z)"
    found = re.findall(clause, text)
    assert len(dict(found)) == len(found), "a number stands there twice"
    return dict(found)


def cited_in(text: str) -> set[str]:
    """The clauses that a text cites: "formats 4.3"."""
    return {one for group in CITED.findall(text) for one in re.findall(NUMBER, group)}


def sources(*folders: str) -> Iterator[str]:
    for folder in folders:
        for path in sorted((HOUSE / folder).rglob("*")):
            if path.suffix in {".py", ".js"}:
                yield path.read_text(encoding="utf-8")


def refused_in(tree: ast.AST) -> Iterator[str]:
    """The clauses by which code refuses: what it says, not what its remarks say."""
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in remarks
        ):
            yield from re.findall(rf"\A{NUMBER}\Z|(?<=\(formats ){NUMBER}(?=\))", node.value)


@cache
def tried() -> set[str]:
    """The clauses that tests cite; a vector cites the one that it is refused by."""
    cases = json.loads((HOUSE / "tests/vectors/editions.json").read_text(encoding="utf-8"))["cases"]
    found = {case["clause"] for case in cases}
    for text in sources("tests"):
        found |= cited_in(text) | set(re.findall(rf'"({NUMBER})"', text))
    return found


def test_every_clause_that_is_cited_anywhere_stands_in_the_page() -> None:
    cited = set().union(*map(cited_in, sources(*ROOMS, "tests")))

    assert cited <= page().keys()


def test_every_clause_that_the_code_refuses_by_is_tried_by_a_test() -> None:
    trees = [ast.parse(path.read_text()) for room in ROOMS for path in (HOUSE / room).rglob("*.py")]

    refused = {clause for tree in trees for clause in refused_in(tree)}

    assert len(refused) > 40
    assert refused - tried() == set()
    assert refused - page().keys() == set()


def test_every_clause_that_speaks_of_refusing_is_tried_by_a_test() -> None:
    refusing = {number for number, text in page().items() if re.search(r"refus|MUST", text)}

    assert refusing - tried() == set()
