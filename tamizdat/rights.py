"""A right: what a person may do at the desk, by their role. One table decides, for every page."""

from collections.abc import Mapping
from enum import StrEnum

from tamizdat.digest import Digest
from tamizdat.people import Role


class Right(StrEnum):
    """One thing that not everybody may do."""

    SELF = "look after oneself"  # own sessions and passwords; what every page needs
    READ = "read stories"
    WRITE = "write"
    ASK = "ask for approval"
    HOLD = "hold what is on its way out"
    SEND_BACK = "send back what is on its way out"
    DISCARD = "discard a draft"
    PLAN = "set the clock of what is on its way out"
    APPROVE = "approve"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    WATCH = "look at the board"
    TURN = "turn mirrors"
    LOG = "read what was done"
    PEOPLE = "let people in and out"


class Reach(StrEnum):
    """How far a right goes."""

    NONE = "none"
    OWN = "own"  # what this person wrote last; withdrawing: and readers never had
    ALL = "all"


_N, _O, _A = Reach.NONE, Reach.OWN, Reach.ALL

TABLE: Mapping[Right, tuple[Reach, Reach, Reach, Reach]] = {
    #                writer editor operator both
    Right.SELF:      (_A,    _A,    _A,     _A),
    Right.READ:      (_A,    _A,    _N,     _A),
    Right.WRITE:     (_A,    _A,    _N,     _A),
    Right.ASK:       (_A,    _A,    _N,     _A),
    Right.HOLD:      (_A,    _A,    _N,     _A),
    Right.SEND_BACK: (_O,    _A,    _N,     _A),
    Right.DISCARD:   (_O,    _A,    _N,     _A),
    Right.PLAN:      (_N,    _A,    _N,     _A),
    Right.APPROVE:   (_N,    _A,    _N,     _A),
    Right.RELEASE:   (_N,    _A,    _N,     _A),
    Right.WITHDRAW:  (_O,    _A,    _N,     _A),
    Right.WATCH:     (_N,    _A,    _A,     _A),
    Right.TURN:      (_N,    _N,    _A,     _A),
    Right.LOG:       (_N,    _A,    _A,     _A),
    Right.PEOPLE:    (_N,    _N,    _A,     _A),
}  # fmt: skip

_COLUMN = (Role.WRITER, Role.EDITOR, Role.OPERATOR, Role.BOTH)


def reach(role: Role, right: Right) -> Reach:
    """How far a right of this role goes."""
    return TABLE[right][_COLUMN.index(role)]


def may(role: Role, right: Right, *, own: bool = False) -> bool:
    """Whether this role may do it; `own` where it is about something of that person's."""
    return reach(role, right) in ({Reach.OWN, Reach.ALL} if own else {Reach.ALL})


def owns(right: Right, person: int, author: int | None, out: Digest | None) -> bool:
    """Whether a story counts as this person's for a right. `out` is what readers have of it.

    Who wrote what is out is not kept, so withdrawing that is never a writer's alone.
    """
    return author == person and (right is not Right.WITHDRAW or out is None)
