"""Articles as the newest edition shows them: what was released or corrected since is left aside.

A removal edition that goes out with one signature may take away, and say nothing new.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from tamizdat.article import ArticleId, decode
from tamizdat.ledgers import Articles, ListKey, Record
from tamizdat.ports import Blobs


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOut:
    """What gathering asks of articles. `gone` are those that the edition takes back."""

    articles: Articles
    blobs: Blobs
    gone: Sequence[Record]

    async def changed(self) -> Sequence[Record]:
        """The articles that are taken back."""
        return self.gone

    async def newest(self, key: ListKey, count: int) -> Sequence[Record]:
        """The newest of a list that are out."""
        more = count + len(await self.articles.changed())
        return (await self._out(await self.articles.newest(key, more), key))[:count]

    async def listed(self, key: ListKey, first: int, last: int) -> Sequence[tuple[int, Record]]:
        """Those of a list page that are out."""
        rows = await self.articles.listed(key, first, last)
        out = {one.id: one for one in await self._out([record for _, record in rows], key)}
        return [(position, out[record.id]) for position, record in rows if record.id in out]

    async def positions(
        self, ids: Sequence[ArticleId]
    ) -> Mapping[ArticleId, Sequence[tuple[ListKey, int]]]:
        """Where each stands."""
        return await self.articles.positions(ids)

    async def lengths(self) -> Mapping[ListKey, int]:
        """The last position of every list, before what was released since."""
        found = dict(await self.articles.lengths())
        fresh = [one for one in await self.articles.changed() if self._is_fresh(one)]
        places = await self.articles.positions([one.id for one in fresh])
        for key, position in (place for rows in places.values() for place in rows):
            found[key] = min(found[key], position - 1)
        return {key: last for key, last in found.items() if last}

    def _is_fresh(self, record: Record) -> bool:
        taken_back = {one.id for one in self.gone}
        return record.page is None and record.id not in taken_back

    async def _out(self, records: Collection[Record], key: ListKey) -> Sequence[Record]:
        shown = [replace(one, text=one.entry) for one in records if one.entry is not None]
        if not key[1]:
            return shown
        return [one for one in shown if await asyncio.to_thread(self._stands_in, one, key[1])]

    def _stands_in(self, record: Record, slug: str) -> bool:
        """Whether the text that is out stands in this section."""
        if record.text is None:
            return False
        section = decode(self.blobs.read(record.text)).section
        return section is not None and section.slug == slug
