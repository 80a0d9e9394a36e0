"""Looks that our own next edition overtook."""

import pytest

from service.looks.looking import outrun
from tamizdat.measurement import Step
from tests.kit.sights import GOOD, RIGHT, check, dns, http, sight, tcp, tls

BUT_PAGE = (dns(RIGHT), tcp(), tls(), http())

TABLE = [
    # what was seen                            told  newest  overtaken
    ((*BUT_PAGE, check("unknown_edition")), 7, 8, True),
    ((*BUT_PAGE, check("invalid")), 7, 8, True),
    ((*BUT_PAGE, check("unknown_edition")), 8, 8, False),
    ((*BUT_PAGE, check("invalid")), 8, 8, False),
    (GOOD, 7, 8, False),
    ((dns(RIGHT), tcp("connection_refused")), 7, 8, False),
    ((*BUT_PAGE, http("eof_error")), 7, 8, False),
]


@pytest.mark.parametrize(("steps", "told", "newest", "overtaken"), TABLE)
def test_only_content_that_a_new_edition_explains_is_left_out(
    steps: tuple[Step, ...], told: int, newest: int, *, overtaken: bool
) -> None:
    assert outrun(sight(*steps), told, newest) is overtaken
