"""What progress can be, and what approvals are bound to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tamizdat.article import Article, ArticleId, Picture, SafeHtml, Section
from tamizdat.digest import Digest
from tamizdat.progress import Approval, Progress, Why, content_of
from tamizdat.state import StoryState

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OLD, NEW = Digest("a" * 64), Digest("b" * 64)
YES = Approval(person=2, content=NEW, at=NOW)

MISSHAPEN: list[dict[str, object]] = [
    {"due": datetime(2026, 11, 26)},  # noqa: DTZ001 - that is the point
    {"content": NEW, "approvals": (replace(YES, content=OLD),)},
    {"content": NEW, "state": StoryState.HELD},
    {"content": NEW, "why": Why.LATE},
    {"content": NEW, "state": StoryState.CLOCK},
    {"state": StoryState.WAITING},
]


@pytest.mark.parametrize("fields", MISSHAPEN)
def test_what_cannot_be_is_no_progress(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"time|approval|held|clock|written"):
        Progress(**fields)  # type: ignore[arg-type]


ARTICLE = Article(
    id=ArticleId("a" * 13),
    revision=1,
    language="en",
    title="The ferry",
    html=SafeHtml("<p>It sailed.</p>"),
    summary="Short",
    authors=("Mira",),
    section=None,
    tags=(),
    published=NOW,
    updated=NOW,
    pictures=(),
)
PICTURE = Picture(sha256=NEW, extension="png", length=1, width=1, height=1, alt="A quay")
SEEN: list[dict[str, object]] = [
    {"title": "A ferry"},
    {"html": SafeHtml("<p>It sank.</p>")},
    {"summary": ""},
    {"authors": ("Oto",)},
    {"section": Section(slug="sea", name="Sea")},
    {"tags": ("sea",)},
    {"language": "fa"},
    {"pictures": (PICTURE,)},
    {"correction": "The year was wrong"},
]


@pytest.mark.parametrize("change", SEEN)
def test_approvals_are_bound_to_all_that_readers_see(change: dict[str, object]) -> None:
    assert content_of(replace(ARTICLE, **change)) != content_of(ARTICLE)  # type: ignore[arg-type]


def test_dates_and_revision_are_no_content() -> None:
    later = replace(ARTICLE, revision=2, updated=NOW + HOUR, published=NOW - HOUR)

    assert content_of(later) == content_of(ARTICLE)
