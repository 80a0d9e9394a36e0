"""Places: where a withdrawn text is looked for: all mirrors, and what lies on our own disk."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from mirror.holdings import FolderHoldings, Holding, open_holdings
from mirror.opening import open_reader
from mirror.readers import Stranger
from mirror.settings import to_mirror
from service.closing import DRAFTS
from service.config import Config
from service.post.mailing import LETTERS
from service.post.posting import POST
from service.proof.crawling import Place
from store.closed_pictures import opened
from tamizdat.closing import DRAFT, Closing
from tamizdat.errors import SourceError

HERE = "here"


class Opened(FolderHoldings):
    """Our own files, of which some lie closed."""

    def __init__(self, folder: Path, closing: Closing) -> None:
        super().__init__(folder)
        self._closing = closing

    async def read(self, one: Holding, limit: int) -> bytes | None:
        """The bytes, opened where we have the key."""
        body = await super().read(one, limit)
        if body is None:
            return None
        try:
            return self.opened(body)
        except SourceError:
            return body

    def opened(self, body: bytes) -> bytes:
        """What lies in a file; SourceError without the key."""
        return self._closing.open(body, DRAFT)


class Pictures(Opened):
    """Pictures of drafts that lie closed."""

    def opened(self, body: bytes) -> bytes:
        """The picture in a file; SourceError without the key."""
        return opened(body, self._closing)


@asynccontextmanager
async def places(folder: Path, config: Config, closing: Closing) -> AsyncIterator[Sequence[Place]]:
    """All of them, until the block ends. Retired mirrors are among them: readers may know them."""
    async with AsyncExitStack() as stack:
        stranger = await stack.enter_async_context(Stranger())
        found: list[Place] = []
        for settings in config.mirror:
            holdings = open_holdings(settings, folder)
            stack.push_async_callback(holdings.close)
            reader = open_reader(to_mirror(settings, folder), stranger)
            found.append(Place(name=settings.id, holdings=holdings, reader=reader))
        kinds = dict.fromkeys((config.store.blobs, LETTERS, POST), Opened)
        for part, kind in {**kinds, DRAFTS: Pictures}.items():
            if (folder / part).is_dir():
                ours = kind(folder / part, closing)
                stack.push_async_callback(ours.close)
                found.append(Place(name=f"{HERE}: {part}", holdings=ours, reader=None))
        yield found
