from dataclasses import replace

import pytest

from tamizdat import article as articles
from tamizdat.digest import digest
from tamizdat.draft import Draft, decode, encode
from tamizdat.errors import FormatError
from tests.unit.tamizdat.test_article import ARTICLE

DRAFTS = [
    Draft(article=ARTICLE),
    Draft(article=ARTICLE, edited=True),
    Draft(article=replace(ARTICLE, title="Other"), edited=True, source=digest(b"said")),
]


@pytest.mark.parametrize("draft", DRAFTS)
def test_a_draft_survives_the_blobs_and_can_be_read_as_an_article(draft: Draft) -> None:
    body = encode(draft)

    assert decode(body) == draft
    assert articles.decode(body) == draft.article


def test_what_came_in_is_spelled_as_an_article() -> None:
    assert encode(Draft(article=ARTICLE)) == articles.encode(ARTICLE)


def test_a_draft_that_is_no_article_is_refused() -> None:
    with pytest.raises(FormatError):
        decode(b'{"edited":""}\n')
