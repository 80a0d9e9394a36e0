"""The tabs of a story in several languages: who is there, who is behind, and by how much."""

import pytest

from desk.languages import lag, tabs
from tamizdat.approving import Version
from tamizdat.article import ArticleId
from tamizdat.digest import digest
from tamizdat.state import StoryState
from tamizdat.translation import Tongue

ONE, TWO, THREE = ArticleId("a" * 13), ArticleId("b" * 13), ArticleId("c" * 13)
NOW_SAYS = digest(b"now")


def says(*paragraphs: str, title: str = "The ferry") -> Version:
    return Version(title=title, summary="", authors="", correction="", paragraphs=paragraphs)


def tongue(article: ArticleId, language: str, **more: object) -> Tongue:
    given = {"state": StoryState.OUT, "is_original": False, "content": NOW_SAYS, **more}
    return Tongue(article=article, language=language, **given)  # type: ignore[arg-type]


FIRST = tongue(ONE, "ru", is_original=True, state=StoryState.WRITING)
BEHIND = tongue(TWO, "fa", then=says("noon", "night"), now=says("one", "night"))
FRESH = tongue(THREE, "en")


def test_the_original_comes_first_then_the_paper_s_order_then_what_is_missing() -> None:
    found = tabs([FIRST, BEHIND, FRESH], ("en", "sv", "fa", "ru"), TWO)

    assert [tab.language for tab in found] == ["ru", "en", "fa", "sv"]
    assert [tab.here for tab in found] == [False, False, True, False]
    assert [tab.href for tab in found] == [
        f"/stories/{ONE}", f"/stories/{THREE}", f"/stories/{TWO}", "",
    ]  # fmt: skip
    assert [tab.words for tab in found] == ["being written", "out", "1 change behind", "begin"]


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        (says("a"), says("b"), "1 change behind"),
        (says("a", "b"), says("a", "b", "c"), "1 change behind"),
        (says("a", "b"), says("x", "y", title="Two ferries"), "3 changes behind"),
        (says("a", "b"), says("a"), "1 change behind"),
    ],
)
def test_changes_are_counted_by_headline_and_paragraph(
    then: Version, now: Version, words: str
) -> None:
    found = tabs([FIRST, tongue(TWO, "fa", then=then, now=now)], ("ru", "fa"), ONE)

    assert found[1].words == words
    assert found[1].pill == "w1 behind"


def test_a_language_that_the_paper_gave_up_is_still_shown() -> None:
    assert [tab.language for tab in tabs([FIRST, FRESH], ("ru",), ONE)] == ["ru", "en"]


def test_a_story_that_is_gone_has_no_tabs() -> None:
    assert tabs([], ("en", "fa"), ONE) == ()


def test_only_who_is_behind_is_shown_what_changed() -> None:
    shown = lag([FIRST, BEHIND, FRESH], TWO)

    assert shown is not None
    assert (shown.language, shown.content) == ("ru", NOW_SAYS)
    assert any(piece.text == "one" for row in shown.rows if not isinstance(row, int)
               for piece in row.pieces)  # fmt: skip
    assert lag([FIRST, BEHIND, FRESH], ONE) is None
    assert lag([FIRST, BEHIND, FRESH], THREE) is None
    assert lag([], THREE) is None
