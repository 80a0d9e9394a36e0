"""The shelf: all stories in a list, by where they stand."""

from collections.abc import Sequence
from datetime import datetime

from desk.spans import clock, day, day_and_clock
from desk.template import fill
from desk.times import said
from tamizdat.progress import Why
from tamizdat.state import StoryState
from tamizdat.story import Card

FOR_YOU = "Waits for you"
GROUPS = (
    ("Waits for others", (StoryState.WAITING,)),
    ("Held", (StoryState.HELD,)),
    ("Writing", (StoryState.WRITING, StoryState.CORRECTING)),
    ("On a clock", (StoryState.CLOCK,)),
    ("Out", (StoryState.OUT,)),
    ("Withdrawn", (StoryState.WITHDRAWN,)),
)

HELD = {
    Why.DOUBT: "held by a person",
    Why.LATE: "its time came while nothing ran",
    Why.JUMP: "the machine's clock leapt",
    Why.UNAPPROVED: "its time came before its approvals",
    Why.FAILED: "could not be sent at its time",
}


def shelf(
    cards: Sequence[Card], now: datetime, current: str, person: int = 0, zone: str = "UTC"
) -> str:
    """The list as a fragment, for `person`; `current` is the id of the story that lies open."""
    mine = [card for card in cards if waits_for(card, person)]
    others = [card for card in cards if card not in mine]
    groups = [(FOR_YOU, mine)] + [
        (name, [card for card in others if card.state in states]) for name, states in GROUPS
    ]
    told = [(name, [(card, words(card, now, zone)) for card in some]) for name, some in groups]
    return fill("cards.html", groups=told, current=current, urgent=FOR_YOU)


def waits_for(card: Card, person: int) -> bool:
    """Whether it waits for the approval of this person."""
    story = card.progress
    if card.state is not StoryState.WAITING or not person or story.author == person:
        return False
    return all(one.person != person for one in story.approvals)


def words(card: Card, now: datetime, zone: str = "UTC") -> str:
    """When something last happened to a story, or why nothing does."""
    if card.state in {StoryState.WAITING, StoryState.CLOCK, StoryState.HELD}:
        return _pending(card, zone)
    at = day_and_clock(card.at, now)
    match card.state:
        case StoryState.WRITING:
            return f"saved {at}"
        case StoryState.CORRECTING:
            return f"correction saved {at}"
        case StoryState.WITHDRAWN:
            return f"withdrawn {day(card.at, now)}"
        case _ if card.revision > 1:
            return f"corrected {at}"
    today = card.at.date() == now.date()
    return f"out {clock(card.at)}" if today else f"out {day(card.at, now)}"


def _pending(card: Card, zone: str) -> str:
    story = card.progress
    if story.why is not None:
        return HELD[story.why]
    has = len(story.approvals)
    told = f"{has} approved it" if has else "needs another pair of eyes"
    if story.due is None:
        return told
    due = said(story.due, zone)
    return f"sealed until {due}" if card.state is StoryState.CLOCK else f"{told} · for {due}"
