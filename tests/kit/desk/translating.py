"""Translations in memory: which story translates which, and what each original said then."""

from collections.abc import Sequence
from dataclasses import replace

from tamizdat.approving import Version
from tamizdat.article import ArticleId
from tamizdat.digest import Digest, digest
from tamizdat.errors import ConfigError
from tamizdat.state import StoryState
from tamizdat.story import Story, Written
from tamizdat.translation import Tongue, Translating
from tests.kit.desk.approving import version
from tests.kit.desk.stories import MemoryNewsdesk


class MemoryTranslating:
    """`originals` tell whose translation a story is, `then` what that said when they agreed."""

    def __init__(self, newsdesk: MemoryNewsdesk) -> None:
        self._newsdesk = newsdesk
        self.originals: dict[ArticleId, ArticleId] = {}
        self.then: dict[ArticleId, Version] = {}

    async def tongues(self, article: ArticleId) -> Sequence[Tongue]:
        first = self._alive(self.originals.get(article, article)) or self._alive(article)
        if first is None:
            return []
        made = [_tongue(first, first, is_original=True)]
        for one, original in self.originals.items():
            there = self._alive(one)
            if original == first.card.id and there:
                tongue, now = _tongue(there, first), version(first)
                lags = self.then[one] != now
                made.append(replace(tongue, then=self.then[one], now=now) if lags else tongue)
        return made

    async def translate(self, article: ArticleId, language: str, person: int) -> Story:
        there = await self.tongues(article)
        for one in there:
            if one.language == language:
                return self._newsdesk.stories[one.article]
        first = self._newsdesk.stories[there[0].article]
        given = Written(title=first.card.title, text=first.html, form="html", language=language)
        made = await self._newsdesk.save(None, given, person)
        self.originals[made.card.id] = first.card.id
        self.then[made.card.id] = version(first)
        return made

    async def agree(self, article: ArticleId, content: Digest) -> None:
        original = self._newsdesk.stories[self.originals[article]]
        if _content(original) != content:
            raise ConfigError("its original changed once more: look at it again")
        self.then[article] = version(original)

    def _alive(self, article: ArticleId) -> Story | None:
        story = self._newsdesk.stories.get(article)
        return story if story and story.card.state is not StoryState.WITHDRAWN else None


def _tongue(story: Story, original: Story, *, is_original: bool = False) -> Tongue:
    return Tongue(
        article=story.card.id,
        language=story.card.language,
        state=story.card.state,
        is_original=is_original,
        content=_content(original),
    )


def _content(story: Story) -> Digest:
    return digest(f"{story.card.title}\0{story.summary}\0{story.html}".encode())


_: type[Translating] = MemoryTranslating
