"""Laying: which hint files may lie on a mirror, so that a kill leaves no signature unknown."""

from collections.abc import Mapping, Sequence

from mirror.fanout import PATIENCE, patient
from service.newsroom import Newsroom, Outlet
from signing.hint_files import path_of
from tamizdat import paths
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed
from tamizdat.grove import Laid
from tamizdat.wire import Hints


class Laying:
    """The hint files of one mirror: those wanted, and those that may lie there (formats 4.7)."""

    def __init__(
        self, room: Newsroom, outlet: Outlet, hints: Mapping[str, Sealed], laid: Sequence[Laid]
    ) -> None:
        self._ledger = room.ledgers.hint_files
        self._outlet = outlet
        self._hints = hints
        self._laid = tuple(laid)

    @classmethod
    async def of(cls, room: Newsroom, outlet: Outlet, hints: Mapping[str, Sealed]) -> "Laying":
        """What is known of a mirror; no question to the ledger where nothing is wanted."""
        laid = await room.ledgers.hint_files.laid(outlet.mirror.id) if hints else ()
        return cls(room, outlet, hints, laid)

    @property
    def standing(self) -> frozenset[Digest]:
        """Those that were read back last."""
        return frozenset(one.sha256 for one in self._laid if one.whole)

    @property
    def is_done(self) -> bool:
        """Whether all that is wanted lies there, and no signature of an earlier one."""
        wanted = {one.sha256 for one in self._hints.values()}
        return {one.sha256 for one in self._laid} == wanted == self.standing

    async def begin(self) -> None:
        """Before a push: signatures that nothing needs go, what is about to come is noted."""
        lying = {one.shard: await self._lying(one.shard) for one in self._laid if not one.whole}
        wanted = {one.sha256 for one in self._hints.values()}
        kept = wanted | set(lying.values()) | self.standing
        for one in self._laid:
            if one.sha256 not in kept:
                path = paths.passing_signature(path_of(one.shard), one.sha256)
                await self._outlet.backend.delete(path)
        known = [one for one in self._laid if one.sha256 in kept]
        there = {one.sha256 for one in known}
        fresh = [one for one in self._wanted(whole=False) if one.sha256 not in there]
        await self._note((*known, *fresh))

    async def end(self) -> None:
        """After a push: what is wanted was read back. What lay there before goes a pass later."""
        wanted = {one.sha256 for one in self._hints.values()}
        before = [
            Laid(shard=one.shard, sha256=one.sha256, whole=False)
            for one in self._laid
            if one.sha256 not in wanted
        ]
        await self._note((*before, *self._wanted(whole=True)))

    def _wanted(self, *, whole: bool) -> Sequence[Laid]:
        return [
            Laid(shard=_shard(path), sha256=one.sha256, whole=whole)
            for path, one in sorted(self._hints.items())
        ]

    async def _lying(self, shard: str) -> Digest | None:
        path = path_of(shard)
        body = await patient(path, PATIENCE, self._outlet.reader.fetch(path, Hints.limit))
        return None if body is None else digest(body)

    async def _note(self, laid: Sequence[Laid]) -> None:
        if tuple(laid) != self._laid:
            self._laid = tuple(laid)
            await self._ledger.set_laid(self._outlet.mirror.id, self._laid)


def _shard(path: str) -> str:
    return path.removeprefix("hints/").removesuffix(".json")
