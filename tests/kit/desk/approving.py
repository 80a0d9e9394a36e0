"""Approving in memory: the real machine over the stories of a newsdesk in memory."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tamizdat.approving import Approving, Comparison, Version
from tamizdat.article import ArticleId
from tamizdat.digest import Digest, digest
from tamizdat.errors import ConfigError
from tamizdat.moves import Ask, Move, Refused, Save, SendBack, decide, goes_out
from tamizdat.progress import Policy, Progress
from tamizdat.state import StoryState
from tamizdat.story import Story
from tests.kit.desk.stories import MemoryNewsdesk

ASKED = Digest("a" * 64)


class MemoryApproving:
    """A dict with manners. `rules` is what the newsroom asks for."""

    def __init__(self, newsdesk: MemoryNewsdesk, now: Callable[[], datetime]) -> None:
        self.newsdesk = newsdesk
        self.rules = Policy(approvals=0, allowed=frozenset(range(1, 10)))
        self.before: dict[ArticleId, Version] = {}
        self._now = now

    async def policy(self) -> Policy:
        return self.rules

    async def move(self, article: ArticleId, *moves: Move) -> Story:
        story = self.newsdesk.stories[article]
        first = at = self.progress(story)
        for move in moves:
            told = replace(move, text=ASKED) if isinstance(move, Ask) else move
            outcome = decide(at, told, self._now(), self.rules)
            if isinstance(outcome, Refused):
                raise ConfigError(f"{article}: {outcome.why}")
            at = outcome
        if goes_out(first, at):
            self.newsdesk.released.pop(article, None)
            at = Progress(state=StoryState.OUT, out=at.out)
        for move in moves:
            if isinstance(move, SendBack):
                back = (move.person, move.note) if move.note else None
                self.newsdesk.stories[article] = replace(story, sent_back=back)
        return self._note(article, at)

    async def compared(self, article: ArticleId) -> Comparison | None:
        story = self.newsdesk.stories[article]
        before = self.before.get(article)
        return Comparison(
            content=content(story),
            now=version(story),
            before=before,
            since="asked" if before else "nothing",
        )

    def progress(self, story: Story) -> Progress:
        """As it was noted, beside what is written."""
        noted = story.card.progress
        if story.card.state in {StoryState.OUT, StoryState.WITHDRAWN}:
            return noted
        if noted.content == content(story):
            return noted
        author = self.newsdesk.authors.get(story.card.id)
        made = decide(noted, Save(person=author, content=content(story)), self._now(), self.rules)
        assert isinstance(made, Progress)
        return made

    def _note(self, article: ArticleId, at: Progress) -> Story:
        story = self.newsdesk.stories[article]
        card = replace(story.card, state=at.state, progress=at)
        self.newsdesk.stories[article] = replace(story, card=card)
        return self.newsdesk.stories[article]


def content(story: Story) -> Digest:
    """What approvals are bound to here."""
    return digest(f"{story.card.title}\0{story.html}\0{story.correction}".encode())


def version(story: Story) -> Version:
    """The story as its parts."""
    plain = re.sub(r"<[^<>]*>", "\n", story.html).split("\n\n")
    return Version(
        title=story.card.title,
        summary=story.summary,
        authors=", ".join(story.authors),
        correction=story.correction,
        paragraphs=tuple(part.strip() for part in plain if part.strip()),
    )


_: type[Approving] = MemoryApproving
