"""The shelf: all stories in a list, by where they stand."""

from collections.abc import Sequence
from datetime import datetime

from desk.spans import clock, day, day_and_clock
from desk.template import fill
from tamizdat.story import Card, StoryState

GROUPS = (
    ("Writing", (StoryState.WRITING, StoryState.CORRECTING)),
    ("Out", (StoryState.OUT,)),
    ("Withdrawn", (StoryState.WITHDRAWN,)),
)


def shelf(cards: Sequence[Card], now: datetime, current: str) -> str:
    """The list as a fragment; `current` is the id of the story that lies open."""
    groups = [
        (name, [(card, words(card, now)) for card in cards if card.state in states])
        for name, states in GROUPS
    ]
    return fill("cards.html", groups=groups, current=current)


def words(card: Card, now: datetime) -> str:
    """When something last happened to a story."""
    at = day_and_clock(card.at, now)
    match card.state:
        case StoryState.WRITING:
            return f"saved {at}"
        case StoryState.CORRECTING:
            return f"correction saved {at}"
        case StoryState.WITHDRAWN:
            return f"withdrawn {day(card.at, now)}"
        case StoryState.OUT if card.revision > 1:
            return f"corrected {at}"
        case StoryState.OUT:
            return (
                f"out {clock(card.at)}"
                if card.at.date() == now.date()
                else f"out {day(card.at, now)}"
            )
