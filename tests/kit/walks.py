"""Walks: random lives of a story, and a witness who notes what people did and protests.

The witness keeps its own simple account and looks at nothing but moves that were taken and what
went out: it would see a story that nobody approved reach a reader, whatever the machine thinks.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from tamizdat.digest import Digest
from tamizdat.moves import (
    Approve,
    Ask,
    Correct,
    Discard,
    Fail,
    Hold,
    Leap,
    Move,
    Outcome,
    Refused,
    Release,
    Save,
    SendBack,
    SetClock,
    StopClock,
    Strike,
    Withdraw,
    decide,
    goes_out,
    met,
)
from tamizdat.progress import PENDING, Policy, Progress
from tamizdat.state import StoryState

START = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
PEOPLE = (1, 2, 3, 4)
TEXTS = tuple(Digest(letter * 64) for letter in "abc")
STEPS = 40
SPANS = tuple(timedelta(seconds=s) for s in (1, 30, 119, 121, 599, 601, 3600, 90_000))


@dataclass
class Witness:
    """What people did, as somebody beside them would note it."""

    author: int | None = None
    text: Digest | None = None
    said_yes: set[int] = field(default_factory=set)
    due: datetime | None = None
    leapt: bool = False
    out: Digest | None = None
    released: int = 0

    def note(self, move: Move, policy: Policy) -> None:
        """A move was taken."""
        if isinstance(move, Save | Correct):
            self._edited(move)
        elif isinstance(move, Approve):
            assert move.content == self.text
            self.said_yes.add(move.person)
        elif isinstance(move, SetClock):
            if self.due and move.due < self.due:
                self.said_yes.clear()
            self.due, self.leapt = move.due, False
        elif isinstance(move, StopClock) and self.due:
            self.said_yes.clear()
            self.due = None
        elif isinstance(move, Hold | SendBack | Ask):
            self.said_yes.clear()
        elif isinstance(move, Leap):
            self.leapt |= move.by > policy.leap
        elif isinstance(move, Discard | Withdraw):
            self.text, self.due = None, None
            self.said_yes.clear()

    def _edited(self, move: Save | Correct) -> None:
        if move.content == self.text:
            return
        self.text, self.author = move.content, move.person
        self.said_yes.clear()
        if self.text == self.out:
            self.text, self.due = None, None

    def went_out(self, move: Move, text: Digest | None, now: datetime, policy: Policy) -> None:
        """Readers have it: was that meant?"""
        assert isinstance(move, Approve | Strike | Release), move
        assert text is not None
        assert text == self.text
        yes = self.said_yes & set(policy.allowed) - {self.author}
        assert len(yes) >= policy.approvals, (move, yes)
        assert self.due is None or self.due <= now, "before its time"
        if isinstance(move, Strike):
            assert self.due is not None
            assert now - self.due <= policy.grace, "long after its time, and nobody asked"
            assert not self.leapt, "nobody knew what time it was"
        self.out, self.text, self.due = text, None, None
        self.said_yes.clear()
        self.released += 1


@dataclass
class Walk:
    """One random life."""

    chance: Random
    policy: Policy
    now: datetime = START
    story: Progress = field(default_factory=Progress)
    witness: Witness = field(default_factory=Witness)
    seen: set[StoryState] = field(default_factory=set)

    def go(self, steps: int = STEPS) -> None:
        """Live."""
        for _ in range(steps):
            self._time_passes()
            for move in self._moves():
                self.take(move)

    def take(self, move: Move) -> Outcome:
        """One move, with everybody watching."""
        before = self.story
        after = decide(before, move, self.now, self.policy)
        if isinstance(after, Refused):
            assert ":" in after.why
            assert not isinstance(move, Withdraw | StopClock | Strike | Leap | Save | Discard) or (
                before.state is StoryState.WITHDRAWN
            )
            return after
        self.witness.note(move, self.policy)
        if goes_out(before, after):
            self.witness.went_out(move, after.out, self.now, self.policy)
        self._look(move, before, after)
        self.story = after
        self.seen.add(after.state)
        return after

    def _look(self, move: Move, before: Progress, after: Progress) -> None:
        assert after.out == (None if isinstance(move, Withdraw) else self.witness.out)
        if after.state is StoryState.WITHDRAWN:
            assert after == Progress(state=StoryState.WITHDRAWN)
            self.witness.out = None
        if isinstance(move, Save) and move.content != before.content:
            assert after.approvals == ()
            assert after.state not in PENDING
        if isinstance(move, StopClock):
            assert after.due is None
            assert after.state is not StoryState.CLOCK
        if isinstance(move, Leap) and move.by > self.policy.leap:
            assert after.state is not StoryState.CLOCK
        if after.content is None:
            assert (after.due, after.approvals, after.author) == (None, (), None)

    def _time_passes(self) -> None:
        self.now += self.chance.choice(SPANS)
        kind = self.chance.random()
        if kind < 0.05:
            by = self.chance.choice(SPANS)
            self.now += by
            self.take(Leap(by=by))
        elif kind < 0.08:
            self.now -= self.chance.choice(SPANS)
        elif kind < 0.15:  # killed, and started some time later: what is noted is read again
            self.now += self.chance.choice(SPANS)
            assert met(self.story, self.story.content, self.story.out) == self.story or (
                self.story.state is StoryState.WITHDRAWN
            )
        if self.chance.random() < 0.05:  # somebody was removed, or came
            self.policy = replace(self.policy, allowed=_allowed(self.chance))
        self.take(Strike())

    def _moves(self) -> tuple[Move, ...]:
        who, text = self.chance.choice(PEOPLE), self.chance.choice(TEXTS)
        due = self.now + self.chance.choice((-1, 1, 1, 1)) * self.chance.choice(SPANS)
        one = self.chance.choices(
            (
                Save(person=who, content=text),
                Correct(person=who, content=text),
                Ask(person=who, text=text),
                Approve(person=who, content=self.story.content or text),
                Approve(person=who, content=text),
                SetClock(person=who, due=due),
                StopClock(person=who),
                Release(person=who),
                Hold(person=who),
                SendBack(person=who),
                Fail(),
                Discard(person=who),
                Withdraw(person=who),
            ),
            weights=(5, 1, 6, 10, 2, 5, 2, 3, 1, 1, 0.3, 0.4, 0.2),
        )
        return tuple(one)


def walked(seed: int) -> Walk:
    """A whole life, the same one for the same seed."""
    chance = Random(seed)  # noqa: S311 - seeded on purpose
    policy = Policy(approvals=chance.choice((0, 0, 1, 1, 2, 2)), allowed=_allowed(chance))
    walk = Walk(chance=chance, policy=policy)
    walk.go()
    return walk


def _allowed(chance: Random) -> frozenset[int]:
    return frozenset(chance.choice(((1, 2, 3), (1, 2), (2, 3), (1, 2, 3, 4))))
