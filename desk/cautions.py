"""A caution: what an editor should know before a story goes out. Questions, never a promise."""

from dataclasses import dataclass

from desk.alphabets import reads_as
from desk.headline import ENOUGH
from desk.identifying import findings
from desk.shown import letters_of, nameless
from desk.spans import size
from desk.tongues import fits, name_of
from desk.tricks import hiding, mixed, traced, turning, unseen
from tamizdat.board import CONTROL, BoardView
from tamizdat.story import Story
from tamizdat.verdict import Board

HEAVY = 100_000
"""A longer text takes a reader on a thin line many seconds, in bytes."""

LONG = 120
"""A longer headline is cut in lists and feeds, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """One line before release. `look`: somebody should look at it."""

    words: str
    more: str = ""
    look: bool = False


def cautions(story: Story) -> tuple[Caution, ...]:
    """What is noteworthy about a story, what needs a look first."""
    found = [
        *_sent_back(story),
        *(Caution(words="Taken out", more=words, look=True) for words in story.removed),
        _language(story),
        *_watched(story),
        *_people(story),
        *_tricks(story),
        _pictures(story),
        _summary(story),
        _headline(story),
        Caution(words="Loads nothing from elsewhere, runs nothing"),
        _weight(story),
    ]
    return tuple(sorted((one for one in found if one), key=lambda one: not one.look))


def blocked(view: BoardView) -> tuple[Caution, ...]:
    """Where mirrors are blocked now, a sentence for each country, the worst three first."""
    found: list[tuple[int, Caution]] = []
    for number, column in enumerate(view.columns):
        states = [line.cells[number] for line in view.mirrors]
        count = sum(cell is not None and cell.state is Board.BLOCKED for cell in states)
        if count and column.country != CONTROL:
            are = "mirror is" if count == 1 else "mirrors are"
            left = column.ways or "none"
            words = f"{count} {are} blocked in {column.country}, {left} can be read there"
            found.append((column.ways, Caution(words=words, look=column.ways < ENOUGH)))
    return tuple(caution for _, caution in sorted(found, key=lambda one: one[0])[:3])


def _sent_back(story: Story) -> list[Caution]:
    """What an approver said to the author."""
    if story.sent_back is None:
        return []
    person, said = story.sent_back
    return [Caution(words=f"Sent back by person {person}", more=f"“{said}”", look=True)]


def _watched(story: Story) -> list[Caution]:
    """Names of the newsroom's own list, as they stand in the text."""
    fix = "Take it out, or write another name: readers see it as it stands here."
    return [
        Caution(words=f"“{name}” is a name that we watch for", more=fix, look=True)
        for name in story.watched
    ]


def _people(story: Story) -> list[Caution]:
    """What may lead to somebody: asked, and nothing said where nothing was found."""
    found = findings(f"{story.card.title}\n{story.summary}\n{letters_of(story.html)}")
    return [
        Caution(words=f"Does {one.kind} lead to somebody?", more=f"“{one.words}”", look=True)
        for one in found
    ]


def _tricks(story: Story) -> list[Caution]:
    text, html = f"{story.card.title} {letters_of(story.html)}", story.html
    mixtures, short, told = mixed(text), hiding(html), traced(html)
    asked = (
        (turning(text), "Characters turn the order of reading", "Type that part anew."),
        (unseen(text), "Characters that nobody sees", "They can mark a copy. Type it anew."),
        (mixtures, "Letters of two alphabets in one word", ", ".join(mixtures)),
        (short, "A link that hides where it leads", f"{', '.join(short)}: give the real one."),
        (told, "A link that tells where readers came from", f"To {', '.join(told)}: cut it short."),
    )
    return [Caution(words=words, more=more, look=True) for is_so, words, more in asked if is_so]


def _language(story: Story) -> Caution:
    language = story.card.language
    other = reads_as(f"{story.card.title} {letters_of(story.html)}", language)
    if other is not None:
        return Caution(
            words=f"Is this really {name_of(language)}?",
            more=f"It is written as {name_of(other)} is.",
            look=True,
        )
    if fits(f"{story.card.title} {letters_of(story.html)}", language):
        return Caution(words=f"Written in the letters of {name_of(language)}")
    return Caution(
        words=f"Is this really {name_of(language)}?",
        more="Most of its letters belong to another script.",
        look=True,
    )


def _pictures(story: Story) -> Caution | None:
    if not story.pictures:
        return None
    lacking = nameless(story.html)
    many = "picture" if len(story.pictures) == 1 else "pictures"
    if lacking:
        return Caution(
            words=f"{lacking} of {len(story.pictures)} {many} without a description",
            more="Some readers cannot see it; others switch pictures off to save data.",
            look=True,
        )
    return Caution(words=f"{len(story.pictures)} {many} made anew: no camera, place or time in it")


def _summary(story: Story) -> Caution | None:
    if story.summary:
        return None
    return Caution(words="No summary", more="Lists and feeds show the headline alone.", look=True)


def _headline(story: Story) -> Caution | None:
    if len(story.card.title) <= LONG:
        return None
    return Caution(words="A long headline", more="Lists and feeds may cut it.", look=True)


def _weight(story: Story) -> Caution:
    weight = len(story.html.encode("utf-8", "replace"))
    if weight > HEAVY:
        return Caution(words=size(weight), more="Long for a thin line. Two parts?", look=True)
    return Caution(words=f"{size(weight)} without pictures")
