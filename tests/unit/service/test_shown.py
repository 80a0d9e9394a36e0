"""What the desk has shown: a picture is given out while it stands in a story."""

from service.stories.shown import MOST, MOST_LATE, Shown
from tamizdat.article import ArticleId, Picture
from tamizdat.digest import digest

HERE, THERE = ArticleId("aaaaaaaaaaaaa"), ArticleId("bbbbbbbbbbbbb")


def picture(number: int) -> Picture:
    return Picture(
        sha256=digest(b"%d" % number), extension="jpg", length=9, width=3, height=3, alt=""
    )


ONE, TWO = picture(1), picture(2)


def test_a_picture_is_known_while_it_stands_in_a_story() -> None:
    shown = Shown()
    shown.note(HERE, [ONE, TWO])

    shown.note(HERE, [TWO])

    assert shown.picture(ONE.sha256) is None
    assert shown.picture(TWO.sha256) == TWO


def test_a_story_remembers_what_left_it_so_that_it_can_come_back() -> None:
    shown = Shown()
    shown.note(HERE, [ONE])
    shown.note(HERE, [])

    assert shown.of(HERE) == {ONE.sha256: ONE}
    assert shown.of(THERE) == {}


def test_what_left_a_story_is_remembered_within_bounds() -> None:
    shown = Shown()

    for number in range(3 * MOST_LATE):
        shown.note(HERE, [picture(number)])

    assert len(shown.of(HERE)) == MOST_LATE + 1


def test_a_story_that_is_gone_takes_its_pictures_along() -> None:
    shown = Shown()
    shown.note(HERE, [ONE])
    shown.note(THERE, [TWO])
    shown.note_removed(HERE, ("script",))

    shown.forget(HERE)

    assert shown.picture(ONE.sha256) is None
    assert shown.picture(TWO.sha256) == TWO
    assert shown.removed(HERE) == ()


def test_only_the_stories_looked_at_last_are_remembered() -> None:
    shown = Shown()
    shown.note(HERE, [ONE])

    for number in range(MOST):
        shown.note(ArticleId(f"{number:013d}"), [])

    assert shown.picture(ONE.sha256) is None
