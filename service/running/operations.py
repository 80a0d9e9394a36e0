"""Operations: what operators do from the board of a running service, each told in a sentence."""

from collections.abc import Callable
from dataclasses import dataclass

from service import turning
from service.handing.tending import tend
from service.newsroom import Newsroom
from service.turning import FalseAlarm, Rotated, planned, take_back, unknown
from tamizdat.board import Operations
from tamizdat.errors import ConfigError, LedgerError
from tamizdat.incident import Turn
from tamizdat.placement import MirrorId, MirrorState


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """Operations in the newsroom that `room` gives.

    `look` asks for looks at a mirror. `turned` is told when mirrors changed their states, so that
    placements follow; `changed` when anything did.
    """

    room: Callable[[], Newsroom]
    look: Callable[[MirrorId], None]
    turned: Callable[[Newsroom], None]
    changed: Callable[[], None]

    async def plan(self, mirror: MirrorId) -> str:
        """What a rotation of this mirror would do."""
        room = await self.room().as_it_stands()
        return sentence(_done(mirror, await planned(room, mirror)))

    async def rotate(self, mirror: MirrorId) -> str:
        """Let a verified spare take over."""
        rotated = _done(mirror, await turning.rotate(self.room(), mirror))
        await self._follow()
        return sentence(rotated)

    async def undo(self, turn: int) -> str:
        """Take a turn of the pool back."""
        try:
            undone = await take_back(self.room(), turn)
        except LedgerError as error:
            raise ConfigError(str(error)) from error
        await self._follow()
        return taken_back(undone)

    async def look_again(self, mirror: MirrorId) -> str:
        """Look at this mirror from everywhere, now."""
        room = await self.room().as_it_stands()
        outlet = room.outlets.get(mirror)
        if outlet is None:
            raise unknown(room, mirror)
        if outlet.mirror.state is MirrorState.RETIRED or outlet.mirror.base is None:
            raise ConfigError(f"{mirror} is not looked at: it is retired, or has no address")
        self.look(mirror)
        return f"{mirror} is being looked at from everywhere."

    async def false_alarm(self, incident: int, reason: str) -> str:
        """Close an incident that was none; a spare that was added goes back.

        The reason is asked for, and not kept: a text of a person's is nothing for the ledger.
        """
        if not reason.strip():
            raise ConfigError(f"incident {incident}: say why it is a false alarm")
        alarm = await turning.false_alarm(self.room(), incident)
        await self._follow()
        return alarm_told(alarm)

    async def _follow(self) -> None:
        room = self.room()
        await tend(room)  # groups of a mirror that went are given another
        self.turned(await room.as_it_stands())
        self.changed()


def sentence(rotated: Rotated) -> str:
    """A rotation in a sentence."""
    gone = " and ".join(rotated.retired)
    came = " and ".join((*rotated.promoted, *rotated.stand_ins))
    if rotated.dry_run:
        takes = "stay in its place" if rotated.stand_ins else "take over"
        return f"{gone} would be retired, and {came} would {takes}."
    took = "stays in its place" if rotated.stand_ins else "took over"
    return f"{gone} is retired, and {came} {took} (turn {rotated.turn})."


def taken_back(turn: Turn) -> str:
    """A turn that was taken back, in a sentence."""
    parts = [f"{one} is active again" for one in turn.retired]
    parts += [f"{one} is a spare again" for one in turn.promoted]
    return f"Turn {turn.number} is taken back: {', '.join(parts)}."


def alarm_told(alarm: FalseAlarm) -> str:
    """A false alarm in a sentence."""
    one = alarm.incident
    told = f"Incident {one.number} was a false alarm: it is not raised again for six hours"
    if alarm.undone is not None:
        return f"{told}, and {one.spare} is a spare again."
    return f"{told}; {one.spare} stays: {alarm.kept}." if alarm.kept else f"{told}."


def lacking(rotated: Rotated) -> str | None:
    """Why a rotation did nothing; None where it did."""
    if not rotated.wanted:
        return None
    return "no spare of its group is ready to take over: add one with `tamizdat mirror add`"


def _done(mirror: MirrorId, rotated: Rotated) -> Rotated:
    lack = lacking(rotated)
    if lack:
        raise ConfigError(f"{mirror}: {lack}")
    return rotated


_: type[Operations] = Operating
