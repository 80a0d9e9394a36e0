"""A change of a check: what a careless hand would do to it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

# the comparison, its opposite, and itself with the border shifted
_TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.GtE, ast.LtE),
    ast.LtE: (ast.Gt, ast.Lt),
    ast.Gt: (ast.LtE, ast.GtE),
    ast.GtE: (ast.Lt, ast.Gt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}
_LONGEST = 120


@dataclass(slots=True, kw_only=True)
class Change:
    """One place in a tree, and what stands there while the change is in force.

    `lines` are those of the statement concerned, `guarded` the first it guards.
    """

    holder: Any
    slot: str | int
    other: Any
    told: str
    lines: range = range(0)
    guarded: range = range(0)
    _before: Any = None

    def __enter__(self) -> None:
        self._before = self._put(self.other)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._put(self._before)

    def _put(self, value: Any) -> Any:
        if isinstance(self.slot, int):
            before, self.holder[self.slot] = self.holder[self.slot], value
        else:
            before = getattr(self.holder, self.slot)
            setattr(self.holder, self.slot, value)
        return before


def changes(function: Function) -> Iterator[Change]:
    """Every change of a check in `function`; what a refusal says is left alone."""
    for block, at, statement in _statements(function):
        head = _head(statement)
        inner = getattr(statement, "body", None)
        guarded = _head(inner[0]) if inner else range(0)
        for change in (*_of_statement(block, at, statement), *_of_expressions(statement)):
            change.lines, change.guarded = head, guarded
            yield change


def _statements(outer: ast.AST) -> Iterator[tuple[list[ast.stmt], int, ast.stmt]]:
    """Every statement in `outer`, with the block and the place where it stands."""
    for name in ("body", "orelse", "handlers", "finalbody"):
        block = getattr(outer, name, [])
        for at, statement in enumerate(block if isinstance(block, list) else []):
            if isinstance(statement, ast.stmt):
                yield block, at, statement
            yield from _statements(statement)


def _head(statement: ast.stmt) -> range:
    """The lines of a statement without the block it guards."""
    inner = getattr(statement, "body", None)
    if inner and not isinstance(statement, ast.Try):
        return range(statement.lineno, max(inner[0].lineno, statement.lineno + 1))
    last = statement.lineno if isinstance(statement, ast.Try) else statement.end_lineno
    return range(statement.lineno, (last or statement.lineno) + 1)


def _of_statement(block: list[ast.stmt], at: int, statement: ast.stmt) -> Iterator[Change]:
    """The statement dropped, where it refuses or only acts."""
    awaited = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Await | ast.Call)
    if awaited or isinstance(statement, ast.Raise | ast.AugAssign):
        nothing = ast.copy_location(ast.Pass(), statement)
        yield Change(holder=block, slot=at, other=nothing, told=f"{_text(statement)} -> nothing")


def _of_expressions(statement: ast.stmt) -> Iterator[Change]:
    if isinstance(statement, ast.Raise | ast.Assert):
        return
    for holder, slot, node in _expressions(statement):
        for other, told in _others(holder, slot, node):
            new = ast.fix_missing_locations(ast.copy_location(other, node))
            yield Change(holder=holder, slot=slot, other=new, told=f"{_text(node)} -> {told}")


def _expressions(outer: ast.AST) -> Iterator[tuple[Any, str | int, ast.expr]]:
    """Every expression of a statement, but those in the statements it guards."""
    for name, value in ast.iter_fields(outer):
        slots = enumerate(value) if isinstance(value, list) else [(name, value)]
        for slot, node in slots:
            holder = value if isinstance(value, list) else outer
            if isinstance(node, ast.expr) and not isinstance(node, ast.JoinedStr):
                yield holder, slot, node
                yield from _expressions(node)
            elif isinstance(node, ast.comprehension | ast.withitem | ast.keyword):
                yield from _expressions(node)


def _others(holder: Any, slot: str | int, node: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """What else may stand for an expression, and how that is told."""
    if isinstance(node, ast.Compare):
        yield from ((other, _text(other)) for other in _compared(node))
    elif isinstance(node, ast.BoolOp):
        for at in range(len(node.values)):
            kept = [one for n, one in enumerate(node.values) if n != at]
            rest = kept[0] if len(kept) == 1 else ast.BoolOp(op=node.op, values=kept)
            yield rest, _text(rest)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand, _text(node.operand)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield node.left, _text(node.left)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = _SWAPPED.get(node.func.id)
        if name:
            called = ast.Name(id=name, ctx=ast.Load())
            yield ast.Call(func=called, args=node.args, keywords=node.keywords), name
    elif slot == "test" and isinstance(holder, ast.If | ast.While | ast.IfExp):
        yield ast.UnaryOp(op=ast.Not(), operand=node), f"not {_text(node)}"


def _compared(node: ast.Compare) -> Iterator[ast.expr]:
    for at, op in enumerate(node.ops):
        for turned in _TURNED[type(op)]:
            ops = [*node.ops[:at], turned(), *node.ops[at + 1 :]]
            yield ast.Compare(left=node.left, ops=ops, comparators=node.comparators)
    if len(node.ops) > 1:
        sides = [node.left, *node.comparators]
        for at, op in enumerate(node.ops):
            yield ast.Compare(left=sides[at], ops=[op], comparators=[sides[at + 1]])


def _text(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
