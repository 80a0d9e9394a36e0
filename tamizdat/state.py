"""A state: where a story stands, between first words and withdrawal."""

from enum import StrEnum


class StoryState(StrEnum):
    """Where a story stands."""

    WRITING = "writing"  # a draft; nobody outside has it
    WAITING = "waiting"  # its author is done; it waits for approval
    CLOCK = "clock"  # goes out by itself at its time
    HELD = "held"  # goes nowhere before a person decides
    OUT = "out"  # released, and nothing newer is being written
    CORRECTING = "correcting"  # released; a draft of its next revision lies here
    WITHDRAWN = "withdrawn"  # taken back everywhere
