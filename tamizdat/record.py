"""A record: a frozen value that is read from JSON by the types of its fields, strictly.

A field is a text, a number, a truth, a moment, a record, one of some words, or some of these. What
is `Annotated` must also pass the checks that stand there. Nothing is taken for something else.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import datetime
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    Self,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from tamizdat.canonical import Json
from tamizdat.moment import moment, spelled

Check = Callable[[Any], str | None]
"""What is wrong with a value of the right type, None where nothing is."""

MAX_STEP = 60
"""Characters of a field's name that are shown."""

_Read = Callable[[object], Any]
_ABSENT = object()


class MisfitError(ValueError):
    """What is wrong, and the way to where it stands: `shards.3.sha256: is no text`."""

    def __init__(self, detail: str, *way: str | int) -> None:
        super().__init__(f"{'.'.join(map(_step, way)) or 'it'}: {detail}")
        self.detail = detail
        self.way = way


class Record:
    """A frozen, slotted dataclass. Fields it does not know are left alone; refused if `closed`."""

    __slots__ = ()
    closed: ClassVar[bool] = False

    @classmethod
    def read(cls, value: object) -> Self:
        """What `value` tells, as JSON has it; MisfitError where it is none."""
        return cast("Self", _reader(cast("Any", cls))(value))

    def plain(self) -> dict[str, Json]:
        """What JSON can say."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(cast("Any", self))}


def fits(pattern: str) -> Check:
    """A check of a text: it is as `pattern` says, from its first to its last character."""
    whole = re.compile(pattern).fullmatch
    return lambda text: None if whole(text) else "is not spelled as it must be"


def within(least: int, most: int | None = None) -> Check:
    """A check of a number."""
    told = f"is not {least} or more" if most is None else f"is not {least} to {most}"
    return lambda n: told if n < least or (most is not None and n > most) else None


def counting(least: int, most: int) -> Check:
    """A check of how many there are, of entries or of characters."""
    return lambda some: None if least <= len(some) <= most else f"are not {least} to {most}"


@cache
def _reader(kind: Any) -> _Read:  # noqa: ANN401 - whatever a field may be annotated with
    """What reads a value of this type."""
    make = _MAKERS.get(get_origin(kind))
    if make:
        return make(*get_args(kind))
    plain = _PLAIN.get(getattr(kind, "__supertype__", kind))  # a NewType is read as what it is
    return plain or _record(kind)


def _text(value: object) -> str:
    if type(value) is not str:
        raise MisfitError("is no text")
    return value


def _number(value: object) -> int:
    if type(value) is not int:
        raise MisfitError("is no whole number")
    return value


def _truth(value: object) -> bool:
    if type(value) is not bool:
        raise MisfitError("is neither true nor false")
    return value


def _moment(value: object) -> datetime:
    try:
        return moment(value)
    except ValueError as error:
        raise MisfitError(str(error)) from error


_PLAIN: Mapping[object, _Read] = {str: _text, int: _number, bool: _truth, datetime: _moment}


def _checked(kind: object, *checks: Check) -> _Read:
    read = _reader(kind)

    def checked(value: object) -> object:
        found = read(value)
        for check in checks:
            wrong = check(found)
            if wrong:
                raise MisfitError(wrong)
        return found

    return checked


def _one_of(*words: str) -> _Read:
    def one_of(value: object) -> object:
        if value not in words:
            raise MisfitError(f"is not {' or '.join(words)}")
        return value

    return one_of


def _maybe(kind: object, _none: object) -> _Read:
    read = _reader(kind)
    return lambda value: None if value is None else read(value)


def _tuple(*kinds: object) -> _Read:
    return _row(kinds[0]) if kinds[1:] == (...,) else _group(*kinds)


def _row(kind: object) -> _Read:
    read = _reader(kind)

    def row(value: object) -> tuple[object, ...]:
        entries = _listed(value)
        try:
            return tuple([read(one) for one in entries])
        except MisfitError:
            return tuple([_at(n, read, one) for n, one in enumerate(entries)])  # says which

    return row


def _group(*kinds: object) -> _Read:
    reads = [_reader(kind) for kind in kinds]

    def group(value: object) -> tuple[object, ...]:
        entries = _listed(value)
        if len(entries) != len(reads):
            raise MisfitError(f"are not {len(reads)}")
        try:
            return tuple([read(one) for read, one in zip(reads, entries, strict=True)])
        except MisfitError:
            return tuple([_at(n, reads[n], one) for n, one in enumerate(entries)])

    return group


def _named(*kinds: object) -> _Read:
    key, read = map(_reader, kinds)

    def named(value: object) -> dict[object, object]:
        return {_at(name, key, name): _at(name, read, one) for name, one in _object(value).items()}

    return named


_MAKERS: Mapping[object, Callable[..., _Read]] = {
    Annotated: _checked,
    Literal: _one_of,
    UnionType: _maybe,
    tuple: _tuple,
    dict: _named,
}


def _record(kind: Any) -> _Read:  # noqa: ANN401 - a dataclass
    hints = get_type_hints(kind, include_extras=True)
    parts = [(one.name, _reader(hints[one.name]), _is_needed(one)) for one in fields(kind)]
    known = {name for name, _, _ in parts}

    def record(value: object) -> object:
        told = _object(value)
        found = {}
        for name, read, needed in parts:
            one = told.get(name, _ABSENT)
            if one is not _ABSENT:
                found[name] = _at(name, read, one)
            elif needed:
                raise MisfitError("is missing", name)
        if kind.closed and told.keys() - known:
            raise MisfitError("is not known", min(told.keys() - known))
        return kind(**found)

    return record


def _is_needed(field: Any) -> bool:  # noqa: ANN401 - a dataclass's field
    return field.default is MISSING and field.default_factory is MISSING


def _at(step: str | int, read: _Read, value: object) -> Any:  # noqa: ANN401 - what `read` gives
    try:
        return read(value)
    except MisfitError as error:
        raise MisfitError(error.detail, step, *error.way) from None


def _object(value: object) -> dict[str, object]:
    if type(value) is not dict:
        raise MisfitError("is no object")
    return value


def _listed(value: object) -> Sequence[object]:
    if type(value) is not list:
        raise MisfitError("is no list")
    return value


def _step(step: str | int) -> str:
    """One step, as a line can show it: a stranger may have named it."""
    told = str(step)[:MAX_STEP]
    return told if told.isascii() and told.isprintable() else ascii(told)


def _plain(value: object) -> Json:
    if isinstance(value, Record):
        return value.plain()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return spelled(value) if isinstance(value, datetime) else cast("Json", value)
