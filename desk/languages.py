"""Languages: the tabs of a story that is told in several, and who of them is behind. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from desk.diff import Row, folded, rows
from desk.sheets import STATES
from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.translation import Tongue


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A language. `href` is empty where the story is not told in it yet.

    `behind` counts what changed in the original since; `pill` is the class of its colour.
    """

    language: str
    words: str
    pill: str = ""
    href: str = ""
    here: bool = False
    behind: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """What changed in the original of the story that lies open; `content` is what it says now."""

    rows: tuple[Row | int, ...]
    language: str
    content: Digest


def tabs(
    tongues: Sequence[Tongue], languages: Sequence[str], open_now: ArticleId
) -> tuple[Tab, ...]:
    """The original, then its translations in the paper's order, then what is missing."""
    if not tongues:
        return ()
    order = {language: number for number, language in enumerate(languages)}
    there = sorted(
        tongues, key=lambda one: (not one.is_original, order.get(one.language, len(order)))
    )
    known = {one.language for one in there}
    return (
        *(_tab(one, open_now) for one in there),
        *(Tab(language=one, words="begin") for one in languages if one not in known),
    )


def lag(tongues: Sequence[Tongue], open_now: ArticleId) -> Lag | None:
    """What to show the translator of this story; None where it says what its original says."""
    mine = next((one for one in tongues if one.article == open_now), None)
    if mine is None or mine.then is None or mine.now is None:
        return None
    return Lag(
        rows=folded(rows(mine.then, mine.now)),
        language=tongues[0].language,
        content=mine.content,
    )


def _tab(one: Tongue, open_now: ArticleId) -> Tab:
    count = _changes(one)
    words, pill = STATES[one.state]
    if count:
        words = f"{count} {'change' if count == 1 else 'changes'} behind"
    return Tab(
        language=one.language,
        words=words,
        pill="w1 behind" if count else pill,
        href=f"/stories/{one.article}",
        here=one.article == open_now,
        behind=count,
    )


def _changes(one: Tongue) -> int:
    if one.then is None or one.now is None:
        return 0
    return sum(row.changed for row in rows(one.then, one.now))
