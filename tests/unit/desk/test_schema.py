"""The desk's schema: made from the table of its gate, and the same as its pages' forms."""

import re
from html.parser import HTMLParser

import pytest

from desk.rules import PUBLIC, RULES
from desk.schema import FORMS, PLACES, document
from tamizdat.people import Role
from tests.kit.desk.room import Room, opened, signed_in
from tests.kit.desk.samples import DATA, STRIKE, fill_newsdesk
from tests.kit.program import inside

ROUTES = {*PUBLIC, *RULES}


class Forms(HTMLParser):
    """The fields of each form that is sent, by its address."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, set[str]] = {}
        self._into: set[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            action = told.get("action")
            sent = (told.get("method") or "").lower() == "post"
            self._into = self.found.setdefault(action, set()) if sent and action else None
        elif tag in {"input", "textarea", "select"} and self._into is not None and told.get("name"):
            self._into.add(str(told["name"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._into = None


def address(action: str) -> str:
    """The route that an address of a page belongs to."""
    matching = [
        one
        for method, one in ROUTES
        if method == "POST" and re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", one), action)
    ]
    return min(matching, key=lambda one: one.count("{"))


def test_every_address_of_the_gate_is_told() -> None:
    paths = document()["paths"]
    assert isinstance(paths, dict)

    told = {(method.upper(), path) for path, one in paths.items() for method in one}

    assert told == ROUTES


def test_every_form_and_every_place_of_an_address_is_described() -> None:
    assert {path for method, path in ROUTES if method == "POST"} <= set(FORMS)
    assert {name for _, path in ROUTES for name in re.findall(r"\{([a-z]+)\}", path)} <= set(PLACES)


PAGES = (
    "/stories/new",
    f"/stories/{STRIKE}",
    f"/stories/{DATA}",
    "/you",
    "/people",
    "/names",
    "/bylines",
    "/board/cell/dune/IR",
    "/board/cell/dune/IR/rotate",
    "/incidents",
)


@pytest.mark.parametrize("page", PAGES)
async def test_the_fields_of_a_page_are_those_of_the_schema(page: str) -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    forms = Forms()

    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        forms.feed((await visit.get(page))[1])

    assert forms.found
    for action, names in forms.found.items():
        assert names <= {one.name for one in FORMS[address(action)]}, action


def test_the_program_prints_it() -> None:
    answer = inside("desk", "openapi")

    assert answer.code == 0
    assert answer.json == document()
