"""Previews of stories in memory, by the renderers that editions use."""

from feeds.paper import Paper
from service.stories.previewing import rendered
from tamizdat.article import Article, ArticleId, Picture, Section
from tamizdat.digest import Digest
from tamizdat.preview import Preview, Previewing
from tamizdat.state import StoryState
from tests.kit.desk.board import NOW
from tests.kit.desk.stories import HEIGHT, WIDTH, MemoryNewsdesk

PAPER = Paper(name="The Tideline", languages=("en", "fa"), channel="c" * 64)


class MemoryPreviewing:
    """Shows what lies on a newsdesk."""

    def __init__(self, newsdesk: MemoryNewsdesk) -> None:
        self._newsdesk = newsdesk

    async def preview(self, article: ArticleId) -> Preview | None:
        story = await self._newsdesk.story(article)
        if story is None or story.card.state is StoryState.WITHDRAWN:
            return None
        made = Article(
            id=article,
            revision=story.card.revision,
            language=story.card.language,
            title=story.card.title,
            html=story.html,
            summary=story.summary,
            authors=story.authors,
            section=Section(slug="s", name=story.section) if story.section else None,
            tags=(),
            published=NOW,
            updated=NOW,
            pictures=tuple(_picture(name) for name in story.pictures),
            correction=story.correction,
        )
        return rendered(PAPER, made, "fa")


def _picture(name: str) -> Picture:
    sha256, _, extension = name.partition(".")
    return Picture(
        sha256=Digest(sha256),
        extension=extension,
        length=1,
        width=WIDTH,
        height=HEIGHT,
        alt="The harbour in October",
    )


_: type[Previewing] = MemoryPreviewing
