"""Pending: what the page of a story on its way out says, and the sentence after each step. Pure."""

from desk import sheets
from desk.diff import folded, rows
from desk.shelf import HELD
from desk.shown import shown
from desk.times import Zones, both, due_of, field
from tamizdat.approving import Comparison
from tamizdat.moves import Move, SetClock, StopClock
from tamizdat.progress import Policy, Progress
from tamizdat.state import StoryState
from tamizdat.story import Story

SINCE = {
    "asked": "What changed since approval was asked for before",
    "out": "What changes for readers",
}


def pending(
    story: Story, compared: Comparison | None, policy: Policy, person: int, zone: str
) -> dict[str, object]:
    """The page, for this person."""
    progress = story.card.progress
    held = story.card.state is StoryState.HELD
    refused = _not_you(progress, policy, person)
    before = compared.before if compared else None
    return {
        **sheets.standing(story),
        "story": story,
        "shown": shown(story),
        "heading": story.card.title,
        "correcting": False,
        "held": held,
        "why": HELD[progress.why] if progress.why else "",
        "correction": compared.now.correction if compared else story.correction,
        "rows": folded(rows(before, compared.now)) if compared and before else (),
        "since": SINCE.get(compared.since, "") if compared else "",
        "content": compared.content if compared else "",
        "wanted": policy.approvals,
        "has": progress.counted(policy.allowed),
        "enough": progress.counted(policy.allowed) + 1 >= policy.approvals,
        "may_approve": bool(policy.approvals) and not refused and not _is_clocked(story),
        "not_you": refused if policy.approvals and not _is_clocked(story) else "",
        "may_send": policy.is_met(progress) and (held or _waits_for_nobody(story, policy)),
        "due": both(progress.due, zone) if progress.due else "",
        "effect": _effect(story, policy),
        **times(progress, zone),
    }


def times(progress: Progress, zone: str) -> dict[str, object]:
    """What stands in the fields of a clock."""
    return {"due_field": field(progress.due, zone), "zone": zone}


def clock_move(typed: str, zone: str, person: int, zones: Zones) -> Move:
    """What the fields of a clock ask for. An empty one asks for no clock; ConfigError as `due_of`.

    The zone is remembered for this person.
    """
    due = due_of(typed, zone or zones.of(person))
    zones.remember(person, zone)
    return StopClock(person=person) if due is None else SetClock(person=person, due=due)


def done(story: Story, zone: str) -> str:
    """One sentence after a step."""
    progress, due = story.card.progress, story.card.progress.due
    match story.card.state:
        case StoryState.OUT:
            return "Released. Watch on the right how it gets out."
        case StoryState.CLOCK if due:
            return f"On a clock: it goes out {both(due, zone)}."
        case StoryState.WAITING:
            plan = f", and then for {both(due, zone)}" if due else ""
            return f"It waits for approval{plan}."
        case StoryState.HELD if progress.approvals:
            return "Noted. It is held until somebody sends it out, or sets a clock."
        case StoryState.HELD:
            return "Held: it goes out only after somebody decides."
        case _:
            return "Nothing goes out by itself now. It is being written."


def _waits_for_nobody(story: Story, policy: Policy) -> bool:
    """Where no approvals are asked for, it waits because one person alone was not enough."""
    return not policy.approvals and not _is_clocked(story)


def _is_clocked(story: Story) -> bool:
    return story.card.state is StoryState.CLOCK


def _not_you(progress: Progress, policy: Policy, person: int) -> str:
    if progress.author == person:
        return "You changed it last, so somebody else approves it."
    if any(one.person == person for one in progress.approvals):
        return "You approved it. It waits for somebody else."
    if person not in policy.allowed:
        return "Your role does not approve: an editor does."
    return ""


def _effect(story: Story, policy: Policy) -> str:
    """What the buttons do, before they are pressed."""
    if _is_clocked(story):
        return "It goes to every mirror and feed at its time. A change of the text stops the clock."
    if policy.approvals:
        return "It goes to every mirror and feed. Any change of the text voids its approvals."
    return "Nothing goes out before somebody decides."
