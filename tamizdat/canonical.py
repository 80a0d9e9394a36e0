"""Canonical JSON: one text for one value, so that bytes can be signed (formats 1)."""

import json
from typing import NoReturn, TypeAlias

from tamizdat.errors import FormatError

MAX_DEPTH = 8
MAX_INTEGER = 2**53 - 1

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"


def encode(value: Json) -> bytes:
    """The one spelling of `value`: UTF-8, sorted keys, no spaces, integers only, a line feed last.

    Raises ValueError for floats, integers outside +-(2^53 - 1) and values nested over 8 deep.
    """
    _check(value, 1)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8") + b"\n"


def decode(body: bytes, where: str) -> dict[str, Json]:
    """The object in `body`; FormatError names `where` and the clause (formats 1.2 to 1.7)."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("1.2", where, "is not UTF-8") from error
    try:
        value = json.loads(
            text,
            object_pairs_hook=lambda pairs: _once(pairs, where),
            parse_float=lambda text: _refuse("1.4", where, f"holds the fraction {text[:20]}"),
            parse_constant=lambda text: _refuse("1.4", where, f"holds {text}"),
            parse_int=lambda text: _integer(text, where),
        )
    except RecursionError as error:
        raise FormatError("1.5", where, "is nested too deep") from error
    except ValueError as error:
        raise FormatError("1.2", where, "is not JSON") from error
    if not isinstance(value, dict):
        raise FormatError("1.2", where, "is not a JSON object")
    try:
        _check(value, 1)
    except ValueError as error:
        raise FormatError("1.5", where, str(error)) from error
    return value


def _once(pairs: list[tuple[str, Json]], where: str) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FormatError("1.3", where, "names a key twice")
    return found


def _integer(text: str, where: str) -> int:
    if len(text.lstrip("-")) > len(str(MAX_INTEGER)) or abs(int(text)) > MAX_INTEGER:
        raise FormatError("1.6", where, "holds an integer of 2^53 or more")
    return int(text)


def _refuse(clause: str, where: str, detail: str) -> NoReturn:
    raise FormatError(clause, where, detail)


def _check(value: Json, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"is nested over {MAX_DEPTH} deep")
    if isinstance(value, dict):
        for inner in value.values():
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
    elif isinstance(value, float):
        raise ValueError("holds a fraction")
    elif isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise ValueError("holds an integer of 2^53 or more")
