"""Who may do what: the whole table, told once more and compared."""

import pytest

from tamizdat.digest import Digest
from tamizdat.people import Role
from tamizdat.rights import TABLE, Reach, Right, may, owns, reach

WRITER, EDITOR, OPERATOR, BOTH = Role.WRITER, Role.EDITOR, Role.OPERATOR, Role.BOTH
OUT = Digest("a" * 64)

ALLOWED = {
    Right.SELF: {WRITER, EDITOR, OPERATOR, BOTH},
    Right.READ: {WRITER, EDITOR, BOTH},
    Right.WRITE: {WRITER, EDITOR, BOTH},
    Right.ASK: {WRITER, EDITOR, BOTH},
    Right.HOLD: {WRITER, EDITOR, BOTH},
    Right.SEND_BACK: {EDITOR, BOTH},
    Right.DISCARD: {EDITOR, BOTH},
    Right.PLAN: {EDITOR, BOTH},
    Right.APPROVE: {EDITOR, BOTH},
    Right.RELEASE: {EDITOR, BOTH},
    Right.WITHDRAW: {EDITOR, BOTH},
    Right.WATCH: {EDITOR, OPERATOR, BOTH},
    Right.TURN: {OPERATOR, BOTH},
    Right.LOG: {EDITOR, OPERATOR, BOTH},
    Right.PEOPLE: {OPERATOR, BOTH},
}
OWN_TOO = {(WRITER, Right.SEND_BACK), (WRITER, Right.DISCARD), (WRITER, Right.WITHDRAW)}
PAIRS = [(role, right) for role in Role for right in Right]


def test_the_table_knows_every_right() -> None:
    assert set(TABLE) == set(ALLOWED) == set(Right)


@pytest.mark.parametrize(("role", "right"), PAIRS)
def test_each_role_may_do_what_is_its_own_and_nothing_else(role: Role, right: Right) -> None:
    assert may(role, right) == (role in ALLOWED[right])
    assert may(role, right, own=True) == (role in ALLOWED[right] or (role, right) in OWN_TOO)


@pytest.mark.parametrize("right", list(Right))
def test_whoever_is_both_may_do_what_either_may(right: Right) -> None:
    either = {reach(EDITOR, right), reach(OPERATOR, right)}

    assert reach(BOTH, right) is (Reach.ALL if Reach.ALL in either else Reach.NONE)


@pytest.mark.parametrize(
    ("right", "author", "out", "theirs"),
    [
        (Right.DISCARD, 7, None, True),
        (Right.DISCARD, 7, OUT, True),
        (Right.DISCARD, 8, None, False),
        (Right.DISCARD, None, None, False),
        (Right.WITHDRAW, 7, None, True),
        (Right.WITHDRAW, 7, OUT, False),
        (Right.WITHDRAW, None, OUT, False),
    ],
)
def test_a_story_is_theirs_who_wrote_it_last(
    right: Right, author: int | None, out: Digest | None, *, theirs: bool
) -> None:
    assert owns(right, 7, author, out) is theirs
