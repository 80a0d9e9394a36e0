"""The fields of a stranger's JSON, each taken as what it should be, and empty where it is not."""

import json
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from tamizdat.errors import SourceError

Fields: TypeAlias = Mapping[str, object]

NOTHING: Fields = {}


def document(body: bytes, what: str) -> object:
    """The JSON in `body`; SourceError says that it is no `what`."""
    try:
        found: object = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"what came is no {what}") from error
    return found


def text(part: Fields, name: str) -> str:
    """A text; a number is spelled out."""
    value = part.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def part(whole: Fields, name: str) -> Fields:
    """An object within an object."""
    value = whole.get(name)
    return value if isinstance(value, dict) else NOTHING


def parts(whole: Fields, name: str) -> Iterator[Fields]:
    """The objects of a list."""
    return objects(whole.get(name))


def objects(value: object) -> Iterator[Fields]:
    """The objects of a list, where it is one."""
    return (one for one in (value if isinstance(value, list) else []) if isinstance(one, dict))


def web(address: str) -> str | None:
    """An address of the web, or None."""
    return address if address.startswith(("http://", "https://")) else None
