"""A sheet: what the page of one story says, for writing and for reading. Pure."""

from datetime import datetime

from markupsafe import Markup

from desk.cautions import cautions
from desk.shown import addresses, shown
from desk.spans import clock_to_the_second, day
from desk.writing import first_word, moment
from tamizdat.progress import PENDING
from tamizdat.state import StoryState
from tamizdat.story import Story, Written

STATES = {
    StoryState.WRITING: ("being written", "s"),
    StoryState.WAITING: ("waits for approval", "s"),
    StoryState.CLOCK: ("on a clock", "s"),
    StoryState.HELD: ("held", "s"),
    StoryState.OUT: ("out", "o"),
    StoryState.CORRECTING: ("correction", "s"),
    StoryState.WITHDRAWN: ("withdrawn", ""),
}
"""What a state is called at its language, and the class of its colour."""


def editor(
    story: Story | None,
    given: Written,
    languages: tuple[str, ...],
    *,
    correcting: bool = False,
    reason: str = "",
    approvals: int = 0,
) -> dict[str, object]:
    """The page on which a story is written. `given` stands in its fields.

    `approvals` is how many people must approve it before it goes out.
    """
    heading = "New story" if story is None else "Correction" if correcting else "Story"
    return {
        "story": story,
        "written": given,
        "languages": languages if story is None else (given.language,),
        "action": "/stories/new" if story is None else f"/stories/{story.card.id}",
        "heading": heading,
        "seen": moment(story),
        "shown": shown(story) if story else Markup(),
        "as_source": story is not None and given.text != shown(story),
        "saved": f"Saved {clock_to_the_second(story.card.at)} UTC" if story else "",
        "correcting": correcting,
        "approvals": approvals,
        "pending": story is not None and story.card.state in PENDING,
        "reason": reason or (story.correction if story and not correcting else ""),
        **(standing(story) if story else {}),
    }


def reading(story: Story, now: datetime, *, withdrawing: bool = False) -> dict[str, object]:
    """The page on which a story that is out is read."""
    return {
        "story": story,
        "shown": shown(story),
        "heading": story.card.title or "Withdrawn",
        "day": _on(day(story.card.at, now)),
        "withdrawing": withdrawing,
        "correcting": False,
        **heading(story),
    }


def state(story: Story, words: str) -> dict[str, object]:
    """What a script needs after saving; `words` are the cautions as a fragment."""
    return {
        "id": story.card.id,
        "seen": moment(story),
        "saved": f"{saved(story)} {clock_to_the_second(story.card.at)} UTC",
        "cautions": words,
        "removed": len(story.removed),
        "pictures": addresses(story),
    }


def saved(story: Story) -> str:
    """One sentence after saving."""
    if not story.removed:
        return "Saved."
    things = "1 thing was" if len(story.removed) == 1 else f"{len(story.removed)} things were"
    return f"Saved. {things} taken out: see on the right."


def _on(words: str) -> str:
    return words if words in {"today", "yesterday"} else f"on {words}"


def standing(story: Story) -> dict[str, object]:
    """What every page of a story says of it that is not out."""
    found = cautions(story)
    count = sum(caution.look for caution in found)
    looks = f"{count} to look at" if count else "nothing to look at"
    return {**heading(story), "withdrawing": False, "cautions": found, "looks": looks}


def heading(story: Story) -> dict[str, object]:
    """What every page of a story says of it."""
    words, colour = STATES[story.card.state]
    return {"state": words, "pill": colour, "first_word": first_word(story.card.title)}
