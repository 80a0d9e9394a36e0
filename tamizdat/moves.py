"""A move: one thing that may happen to a story, and where the story stands after it. Pure.

`decide` is the only way from one `Progress` to the next. What goes out is what a move turned into
the state OUT; a move that may not be made gives a `Refused` with what to do instead.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from tamizdat.digest import Digest
from tamizdat.moment import spelled
from tamizdat.progress import PENDING, Approval, Policy, Progress, Why
from tamizdat.state import StoryState

FARTHEST = timedelta(days=366)
"""A clock is set at most so far ahead: what lies farther is a slip of the pen."""

_EMPTY = "nothing is written here yet: save a text first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a move may not be made, and what to do; one line."""

    why: str


Outcome = Progress | Refused


class Move(Protocol):
    """Something that happens to a story that is not withdrawn."""

    def made(self, story: Progress, now: datetime, policy: Policy) -> Outcome:
        """Where the story stands then."""
        ...


def decide(story: Progress, move: Move, now: datetime, policy: Policy) -> Outcome:
    """Where `story` stands after `move`; what was withdrawn stays so."""
    if story.state is StoryState.WITHDRAWN:
        if isinstance(move, Withdraw):
            return story
        return Refused(why="was withdrawn and stays so: write a new story")
    return move.made(story, now, policy)


def goes_out(before: Progress, after: Progress) -> bool:
    """Whether this step brings what was written to readers."""
    return after.out is not None and after.out != before.out


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """Somebody changed the text. What was approved was another text, and so was what a clock had.

    The time that was set stays as a plan: no clock runs to it.
    """

    person: int | None
    content: Digest

    def made(self, story: Progress, _now: datetime, _policy: Policy) -> Outcome:
        """In its author's hands; the same where nothing changed, nothing where readers have it."""
        if self.content == story.content:
            return story
        if self.content == story.out:
            return story.resting(story.out)
        return replace(story.written(), content=self.content, author=self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct:
    """Somebody begins the next revision of what is out."""

    person: int | None
    content: Digest

    def made(self, story: Progress, now: datetime, policy: Policy) -> Outcome:
        """A correction is being written."""
        if story.out is None:
            return Refused(why="is not out yet: change its draft instead")
        return Save(person=self.person, content=self.content).made(story, now, policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Somebody asks others to approve; `text` is the blob of what they shall read.

    Whoever takes the step in the ledger knows that blob, and fills it in.
    """

    person: int
    text: Digest | None = None

    def made(self, story: Progress, now: datetime, policy: Policy) -> Outcome:
        """It waits."""
        others = len(policy.allowed - {story.author})
        if story.content is None:
            return Refused(why=_EMPTY)
        if policy.approvals == 0 and self.person not in policy.frozen:
            return Refused(why="no approvals are asked for here: send it out, or set a clock")
        if story.state in {StoryState.WAITING, StoryState.CLOCK}:
            return Refused(why="is on its way already: send it back first to change it")
        if story.due and story.due <= now:
            return Refused(why=f"{_passed(story.due)}, or none")
        if others < policy.approvals:
            have = f"{others} other {'person' if others == 1 else 'people'} may give them"
            return Refused(why=f"needs {_approvals(policy.approvals)}, {have}: invite an editor")
        before = story.before if story.asked == self.text else story.asked
        waiting = replace(story.written(), state=StoryState.WAITING)
        return replace(waiting, asked=self.text, before=before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Somebody read `content` and says that it may go out, when its time comes."""

    person: int
    content: Digest

    def made(self, story: Progress, now: datetime, policy: Policy) -> Outcome:
        """Out or on its clock with the last approval; what is held stays held."""
        refused = self._refused(story, policy)
        if refused:
            return Refused(why=refused)
        mine = Approval(person=self.person, content=self.content, at=now)
        after = replace(story, approvals=(*story.approvals, mine))
        if after.state is StoryState.HELD or not policy.frees(after, self.person):
            return after
        if after.due is None:
            return after.resting(after.content)
        if after.due > now:
            return replace(after, state=StoryState.CLOCK)
        return _struck(after, after.due, now, policy)

    def _refused(self, story: Progress, policy: Policy) -> str:
        if story.state not in {StoryState.WAITING, StoryState.HELD}:
            return "does not wait for approval: ask for it first"
        if self.content != story.content:
            return "was changed since you read it: read it again"
        if self.person == story.author:
            return "was last changed by you: somebody else must approve it"
        if self.person not in policy.allowed | policy.frozen:
            return "you may not approve here: ask an editor to do it"
        if any(one.person == self.person for one in story.approvals):
            return "has your approval already: it waits for others"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBack:
    """Somebody says that it needs more work; `note` is for its author."""

    person: int
    note: str = field(default="", repr=False)

    def made(self, story: Progress, _now: datetime, _policy: Policy) -> Outcome:
        """In its author's hands again."""
        if story.state not in PENDING:
            return Refused(why="is not on its way out: nothing to send back")
        return story.written()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Somebody says that it must not go out for now. Approvals are asked for again then."""

    person: int

    def made(self, story: Progress, _now: datetime, _policy: Policy) -> Outcome:
        """Held until a person decides."""
        if story.state not in PENDING:
            return Refused(why="is not on its way out: nothing to hold")
        return _held(replace(story, approvals=()), Why.DOUBT)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClock:
    """Somebody sets the time at which it goes out by itself.

    A later time keeps approvals, an earlier one does not: an embargo was part of what was approved.
    """

    person: int
    due: datetime

    def made(self, story: Progress, now: datetime, policy: Policy) -> Outcome:
        """On a clock where enough people approved; otherwise the time is noted."""
        if story.content is None:
            return Refused(why=_EMPTY)
        if self.due <= now:
            return Refused(why=_passed(self.due))
        if self.due > now + FARTHEST:
            return Refused(why=f"{spelled(self.due)} is over a year away: check the year")
        later = story.due is None or self.due >= story.due
        after = replace(story, due=self.due, approvals=story.approvals if later else ())
        if policy.frees(after, self.person):
            return replace(after, state=StoryState.CLOCK, why=None)
        if story.state in PENDING:
            return replace(after, state=StoryState.WAITING, why=None)
        return after


@dataclass(frozen=True, slots=True, kw_only=True)
class StopClock:
    """Somebody takes the time away: it goes out at no time by itself, least of all now."""

    person: int

    def made(self, story: Progress, _now: datetime, _policy: Policy) -> Outcome:
        """In its author's hands again; what waits goes on waiting, for new approvals."""
        if story.due is None:
            return story
        if story.state is StoryState.WAITING:
            return replace(story, due=None, approvals=())
        return replace(story.written(), due=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """The machine looked at its clock, also right after a start."""

    def made(self, story: Progress, now: datetime, policy: Policy) -> Outcome:
        """Out, where its time came just now and enough people approved; otherwise it asks."""
        if story.due is None or story.due > now:
            return story
        if story.state is StoryState.WAITING:
            return _held(story, Why.UNAPPROVED)
        if story.state is not StoryState.CLOCK:
            return story
        return _struck(story, story.due, now, policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leap:
    """The machine's clock went `by` more than time did: nobody knows what time it is."""

    by: timedelta

    def made(self, story: Progress, _now: datetime, policy: Policy) -> Outcome:
        """Held, where it goes by a clock and the leap is a large one."""
        goes_by_it = story.state in {StoryState.WAITING, StoryState.CLOCK} and story.due is not None
        return _held(story, Why.JUMP) if goes_by_it and self.by > policy.leap else story


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """It could not be released when its time came."""

    def made(self, story: Progress, _now: datetime, _policy: Policy) -> Outcome:
        """Held: it is not tried again and again."""
        return _held(story, Why.FAILED) if story.state is StoryState.CLOCK else story


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Somebody sends it out now."""

    person: int

    def made(self, story: Progress, now: datetime, policy: Policy) -> Outcome:
        """Out, where enough people approved and no later time is set.

        It waits where the one who sends it is frozen and nobody else approved it.
        """
        if story.content == story.out:
            same = "nothing would change, readers have this already: change it first"
            return Refused(why=same if story.out else _EMPTY)
        if story.content is None:
            return Refused(why="nothing would change: change it first")
        if story.due and story.due > now:
            return Refused(why=f"is set for {spelled(story.due)}: stop the clock first")
        if not policy.is_met(story):
            has = story.counted(policy.allowed)
            return Refused(why=f"needs {_approvals(policy.approvals)}, has {has}: ask for approval")
        if not policy.frees(story, self.person):
            return replace(story.written(), state=StoryState.WAITING)
        return story.resting(story.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discard:
    """Somebody throws away what is written. What is out stays."""

    person: int

    def made(self, story: Progress, _now: datetime, _policy: Policy) -> Outcome:
        """As if nobody had begun."""
        return story.resting(story.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Somebody takes it back. It works from every state and cancels all that is pending."""

    person: int

    def made(self, _story: Progress, _now: datetime, _policy: Policy) -> Outcome:
        """Gone."""
        return Progress(state=StoryState.WITHDRAWN)


def met(noted: Progress | None, content: Digest | None, out: Digest | None) -> Progress:
    """What was noted, beside what is written and out now: others than the desk may change both.

    A text that nobody here saved is nobody's: what was approved was another one.
    """
    story = replace(noted or Progress(), out=out)
    if content is None:
        return story.resting(out)
    if content != story.content:
        return replace(story.written(), content=content, author=None)
    return story if story.state in PENDING else story.written()


def _struck(story: Progress, due: datetime, now: datetime, policy: Policy) -> Progress:
    if now - due > policy.grace:
        return _held(story, Why.LATE)
    if not policy.is_met(story):
        return _held(story, Why.UNAPPROVED)
    return story.resting(story.content)


def _held(story: Progress, why: Why) -> Progress:
    return replace(story, state=StoryState.HELD, why=why)


def _passed(due: datetime) -> str:
    return f"{spelled(due)} has passed: choose a later time"


def _approvals(count: int) -> str:
    return "1 approval" if count == 1 else f"{count} approvals"
