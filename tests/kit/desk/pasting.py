"""A paste, cleaned as the real one is, of a story that has no pictures yet."""

from service.stories.pasting import pasted
from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.paste import Pasted, Pasting


class MemoryPasting:
    """Counts what came."""

    def __init__(self) -> None:
        self.came = 0

    async def pasted(self, html: str, language: str, article: ArticleId | None) -> Pasted:
        assert article is None or len(article) == 13
        self.came += 1
        return pasted(html, language, {}, _nothing)


def _nothing(sha256: Digest) -> bytes:
    raise AssertionError(sha256)


_: type[Pasting] = MemoryPasting
