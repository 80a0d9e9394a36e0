"""A mutant: one function of ours with one check in it removed, turned round or shifted.

The file stays as it is: a mutant is another code object, which takes the place of the function's
own in a process that tests are run in and that ends afterwards.
"""

import ast
import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple, TypeAlias

from tests.kit.mutants.change import changes

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_Place: TypeAlias = tuple[str, str, int]
_Cache = type(cache(len))


class Living(NamedTuple):
    """The functions that are in memory, and what remembers their answers."""

    functions: Mapping[_Place, Sequence[FunctionType]]
    caches: Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`lines` are those of the statement that was changed, `guarded` is what it guards."""

    file: str
    function: str
    change: str
    lines: range
    guarded: range
    code: CodeType

    @property
    def name(self) -> str:
        """What it is called, whatever the line: the key of the short list."""
        return f"{self.file} {self.function}: {self.change}"

    def take_place(self, living: Living) -> None:
        """Be the function, in this process, from now on; and what it made before, with it."""
        waiting = [self.code]
        while waiting:
            code = waiting.pop()
            waiting += [one for one in code.co_consts if isinstance(one, CodeType)]
            for function in living.functions.get(_place(code), ()):
                function.__code__ = code
        for one in living.caches:
            one.cache_clear()


def living(house: Path, files: Iterable[str]) -> Living:
    """What these files brought into memory, also what their functions made since."""
    names = {str(house / file) for file in files}
    functions: dict[_Place, list[FunctionType]] = {}
    caches = []
    for one in gc.get_objects():
        function = one.__wrapped__ if isinstance(one, _Cache) else one
        if isinstance(function, FunctionType) and function.__code__.co_filename in names:
            functions.setdefault(_place(function.__code__), []).append(function)
            caches += [one] if isinstance(one, _Cache) else []
    return Living(functions, caches)


def of_file(house: Path, file: str) -> Iterator[Mutant]:
    """Every mutant of a file, in the order of its lines; each name once."""
    tree = ast.parse((house / file).read_text(encoding="utf-8"))
    named: dict[str, int] = {}
    for qualname, function in _functions(tree.body, ""):
        for change in changes(function):
            with change:
                code = compile(tree, str(house / file), "exec")
            told = f"{file} {qualname}: {change.told}"
            named[told] = named.get(told, 0) + 1
            yield Mutant(
                file=file,
                function=qualname,
                change=change.told + (f" ({named[told]})" if named[told] > 1 else ""),
                lines=change.lines,
                guarded=change.guarded,
                code=_found(code, qualname),
            )


def _functions(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[str, Function]]:
    """The functions of a module and the methods of its classes; what lies in them is theirs."""
    for statement in body:
        if isinstance(statement, Function):
            yield prefix + statement.name, statement
        elif isinstance(statement, ast.ClassDef):
            yield from _functions(statement.body, f"{prefix}{statement.name}.")


def _found(code: CodeType, qualname: str) -> CodeType:
    """The code of that function in the code of its module."""
    inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    for name in qualname.split("."):
        (code,) = [one for one in inner if one.co_name == name]
        inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    return code


def _place(code: CodeType) -> _Place:
    return code.co_filename, code.co_qualname, code.co_firstlineno
