"""Deeds in memory: the log, for tests."""

from collections.abc import Sequence

from tamizdat.deeds import BEGINNING, Checked, Deed, Deeds, Link, Row, encode, follow, linked
from tamizdat.digest import Digest


class MemoryDeeds:
    """A list with manners."""

    def __init__(self) -> None:
        self.noted: list[Deed] = []
        self.links: list[Link] = []

    async def note(self, *deeds: Deed) -> None:
        for deed in deeds:
            body, number = encode(deed), len(self.links) + 1
            before = self.links[-1].sha256 if self.links else BEGINNING
            sha256 = linked(before, number, body)
            self.links.append(Link(number=number, body=body, sha256=sha256))
            self.noted.append(deed)

    async def newest(self, count: int, before: int | None = None) -> Sequence[Row]:
        rows = [
            Row(number=link.number, sha256=link.sha256, deed=deed)
            for link, deed in zip(self.links, self.noted, strict=True)
            if before is None or link.number < before
        ]
        return rows[::-1][:count]

    async def checked(self, seen: Digest | None = None) -> Checked:
        return follow(self.links, seen)


_: type[Deeds] = MemoryDeeds
