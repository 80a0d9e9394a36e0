"""The schema: what each address of the desk takes and answers, as OpenAPI 3.1. Pure.

It is made from the same table as the gate: what has no rule there is not in it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from desk.forms import LARGE, SMALL
from desk.names import LONGEST
from desk.rules import PUBLIC, RULES
from tamizdat.watch_list import LONGEST_NAME, MOST_NAMES

JsonObject = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a form. `most`: its characters; `only`: what it may be; `file`: a picture."""

    name: str
    most: int
    needed: bool = False
    only: tuple[str, ...] = ()
    pattern: str = ""
    file: bool = False


_ANY = 1000
_CLOCK = (
    Field(name="due", most=40, pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d)?$"),
    Field(name="zone", most=60),
)
_STORY = (
    Field(name="title", most=300, needed=True),
    Field(name="summary", most=_ANY),
    Field(name="authors", most=_ANY),
    Field(name="section", most=200),
    Field(name="language", most=20),
    Field(name="text", most=LARGE),
    Field(name="form", most=8, only=("html", "markdown")),
    Field(name="alt", most=_ANY),
    Field(name="picture", most=LARGE, file=True),
    Field(name="reason", most=300),
    Field(name="seen", most=80),
)
_CONTENT = Field(name="content", most=64, needed=True, pattern="^[0-9a-f]{64}$")
_PASSWORD = Field(name="password", most=_ANY, needed=True)
_NAME = Field(name="name", most=LONGEST, needed=True)
_AGAIN = Field(name="again", most=_ANY, needed=True)
_REASON = Field(name="reason", most=300)

FORMS: Mapping[str, tuple[Field, ...]] = {
    "/sign-in": (_NAME, _PASSWORD, Field(name="to", most=_ANY)),
    "/join/{token}": (_NAME, _PASSWORD, _AGAIN),
    "/sign-out": (),
    "/sign-out-everywhere": (),
    "/you/sessions/{session}/end": (),
    "/you/second": (_PASSWORD, Field(name="second", most=_ANY, needed=True), _AGAIN),
    "/people/{number}/role": (
        Field(
            name="role",
            most=20,
            needed=True,
            only=("writer", "editor", "operator", "editor+operator"),
        ),
    ),
    "/people/{number}/sign-out": (),
    "/people/{number}/remove": (),
    "/names/add": (Field(name="names", most=MOST_NAMES * LONGEST_NAME, needed=True),),
    "/names/remove": (Field(name="name", most=LONGEST_NAME, needed=True),),
    "/bylines": (
        Field(name="name", most=200, needed=True),
        Field(name="to", most=200),
    ),
    "/stories/new": _STORY,
    "/stories/paste": (
        Field(name="html", most=LARGE, needed=True),
        Field(name="language", most=20),
        Field(name="story", most=13),
    ),
    "/stories/{id}": _STORY,
    "/stories/{id}/preview": _STORY,
    "/stories/{id}/ask": (*_STORY, *_CLOCK),
    "/stories/{id}/set-clock": (*_STORY, *_CLOCK),
    "/stories/{id}/release": _STORY,
    "/stories/{id}/translate": (Field(name="into", most=20, needed=True),),
    "/stories/{id}/agree": (_CONTENT,),
    "/stories/{id}/discard": (),
    "/stories/{id}/withdraw": (Field(name="word", most=100, needed=True),),
    "/stories/{id}/approve": (_CONTENT,),
    "/stories/{id}/send": (),
    "/stories/{id}/send-back": (Field(name="note", most=_ANY),),
    "/stories/{id}/hold": (),
    "/stories/{id}/clock": _CLOCK,
    "/stories/{id}/stop-clock": (),
    "/board/cell/{mirror}/{country}/look": (),
    "/board/cell/{mirror}/{country}/rotate": (),
    "/incidents/{number}/false-alarm": (_REASON,),
    "/turns/{number}/undo": (),
}
"""The fields of each form, by its address."""

PLACES: Mapping[str, str] = {
    "token": r"^[A-Za-z0-9_-]{1,200}$",
    "session": "^[0-9a-f]{64}$",
    "number": "^[1-9][0-9]{0,7}$",
    "id": "^[a-z2-7]{13}$",
    "name": r"^[0-9a-f]{64}\.[a-z0-9]{1,5}$",
    "mirror": "^[a-z][a-z0-9-]{0,30}$",
    "country": "^[A-Z]{2}$",
    "kind": "^[a-z-]{1,20}$",
    "path": r"^[A-Za-z0-9._-]{1,200}$",
}
"""What may stand in each place of an address."""

_LARGE = ("/stories/new", "/stories/paste", "/stories/{id}", "/stories/{id}/preview")
_PLACE = re.compile(r"\{([a-z]+)\}")
_TITLES = {200: "a page", 303: "done: where to go on", 400: "not understood"} | {
    401: "not signed in", 403: "not allowed", 404: "nothing here", 409: "somebody else saved it",
    413: "too large", 415: "another kind of form", 422: "not done, and why", 429: "too many tries",
}  # fmt: skip


def document() -> JsonObject:
    """The whole of it."""
    paths: dict[str, JsonObject] = {}
    for method, address, right in _routes():
        paths.setdefault(address, {})[method.lower()] = _operation(method, address, right)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The desk",
            "version": "1",
            "description": "Forms of a browser, no programming interface: every POST is a form "
            "of the desk's own pages, and is refused from elsewhere.",
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "the desk's cookie"}
            }
        },
    }


def _routes() -> Iterator[tuple[str, str, str]]:
    yield from ((method, address, "") for method, address in sorted(PUBLIC))
    yield from ((method, address, right.value) for (method, address), right in RULES.items())


def _operation(method: str, address: str, right: str) -> JsonObject:
    made: JsonObject = {
        "operationId": f"{method.lower()} {address}",
        "parameters": [_parameter(name) for name in _PLACE.findall(address)],
        "responses": {str(code): {"description": words} for code, words in _TITLES.items()},
        "security": [{"session": []}] if right else [],
    }
    if right:
        made["x-right"] = right
    if method == "POST":
        made["requestBody"] = _body(address)
    return made


def _parameter(name: str) -> JsonObject:
    schema = {"type": "string", "pattern": PLACES[name]}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _body(address: str) -> JsonObject:
    fields = FORMS[address]
    plain = [one for one in fields if not one.file]
    content = {"application/x-www-form-urlencoded": {"schema": _object(plain, address)}}
    if len(plain) < len(fields):
        content["multipart/form-data"] = {"schema": _object(fields, address)}
    return {"required": bool(fields), "content": content}


def _object(fields: Sequence[Field], address: str) -> JsonObject:
    return {
        "type": "object",
        "properties": {one.name: _schema(one, address) for one in fields},
        "required": [one.name for one in fields if one.needed],
    }


def _schema(one: Field, address: str) -> JsonObject:
    most = min(one.most, LARGE if address in _LARGE else SMALL)
    if one.file:
        return {"type": "string", "format": "binary"}
    made: JsonObject = {"type": "string", "maxLength": most}
    if one.only:
        made["enum"] = list(one.only)
    if one.pattern:
        made["pattern"] = one.pattern
    return made
