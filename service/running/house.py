"""The house: all parts of a running newsroom, introduced to each other."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from desk.desk import Desk
from desk.office import Office
from gateway.mailer import Mailer
from service.config import Config
from service.dispatching.handing_out import HandedOut, handed_out
from service.looks.keeping import look_and_keep
from service.newsroom import Newsroom
from service.post.mailing import MailRoom, opened_mail
from service.running.alarming import Alarming
from service.running.beats import Beats
from service.running.inbound import Inbound
from service.running.lookout import HERE_ONLY, Lookout
from service.running.operations import Operating
from service.running.passing import pass_here
from service.running.press import Press
from service.running.timekeeper import Timekeeper
from service.running.upkeep import Upkeep
from service.running.wallboard import Wallboard
from service.stories.arrivals import Arrivals
from service.stories.newsdesk import StoryDesk
from service.stories.set_asides import LedgerSetAsides
from tamizdat.article import ArticleId
from tamizdat.board import BoardView
from tamizdat.letter import GatewayId, LetterState
from tamizdat.placement import MirrorId
from tamizdat.sighting import Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The port Evidence over the ledger."""

    room: Newsroom

    async def sighting(self, number: int) -> Sighting | None:
        """One look with its raw observations."""
        return await self.room.ledgers.sightings.raw(number)


@dataclass(kw_only=True)
class House:
    """A running newsroom. Its parts tell each other only through what is wired here."""

    press: Press
    lookout: Lookout
    wallboard: Wallboard
    mailer: Mailer
    upkeep: Upkeep
    alarming: Alarming
    inbound: Inbound
    timekeeper: Timekeeper
    desk: Desk
    beats: Beats
    handed: HandedOut | None

    @classmethod
    @asynccontextmanager
    async def furnished(cls, room: Newsroom) -> AsyncIterator["House"]:
        """A house over an open newsroom, until the block ends."""
        bells = _Bells()
        async with (
            opened_mail(room, bells.mailed) as mail,
            handed_out(room) as handed,
        ):
            yield _wired(cls, room, bells, mail, handed)

    @property
    def room(self) -> Newsroom:
        """The newsroom, with its pool as it stands now."""
        return self.press.room

    @property
    def view(self) -> BoardView | None:
        """The newest board."""
        return self.wallboard.view

    def late(self) -> tuple[str, ...]:
        """Parts that did not do their turn in time, or failed at it."""
        late = self.beats.late(asyncio.get_running_loop().time())
        faults = {
            "publishing": self.press.fault,
            "looking": self.lookout.fault,
            "showing": self.wallboard.fault,
        }
        return (*late, *(f"{part} failed" for part, fault in faults.items() if fault))

    def parts(self) -> Sequence[Coroutine[object, object, None]]:
        """What runs side by side."""
        return (
            self.press.run(),
            self.lookout.run(),
            self.wallboard.run(),
            self.mailer.run(),
            self.upkeep.run(),
            self.timekeeper.run(),
            self.alarming.run(),
            self.inbound.run(),
            self.room.holding.watch(),
            *((self.handed.returns.run(),) if self.handed else ()),
        )


@dataclass(kw_only=True)
class _Bells:
    """Who is told of what; hung up once everybody is there."""

    house: House | None = None
    arrivals: Arrivals | None = None
    printed: set[int] = field(default_factory=set)

    def arrived(self, mirror: MirrorId) -> None:
        """A mirror was put an edition."""
        if self.house is not None:
            self.house.lookout.arrived(mirror)

    def published(self) -> None:
        """An edition was made, or a mirror's pass ended."""
        if self.house is None:
            return
        edition = self.house.press.delivering.edition
        if edition not in self.printed:
            self.printed = {edition}
            self.house.mailer.wake()
            self.house.desk.stories_changed()
        self.house.wallboard.wake()

    def changed(self) -> None:
        """Something that the board shows changed."""
        if self.house is not None:
            self.house.wallboard.wake()

    def mailed(
        self,
        gateway: GatewayId,
        article: ArticleId,
        revision: int,
        state: LetterState,
        at: datetime,
    ) -> None:
        """A letter's state changed."""
        if self.arrivals is not None:
            self.arrivals.mailed(gateway, article, revision, state, at)
        self.changed()


def _wired(
    cls: type[House], room: Newsroom, bells: _Bells, mail: MailRoom, handed: HandedOut | None
) -> House:
    config, beats = room.config, Beats()
    arrivals = Arrivals(
        mirrors=lambda: press.mirrors,
        gateways={one.id: one.language for one in config.gateway},
        tell=lambda arrival: desk.show_arrival(arrival),  # noqa: PLW0108 - it is made below
    )
    press = _press(room, arrivals, beats, bells, handed)
    lookout = _lookout(press, beats, bells, handed)
    stories = StoryDesk(room, press.wake, arrivals)
    desk = Desk(_office(room, press, lookout, stories, bells))

    house = cls(
        press=press,
        lookout=lookout,
        wallboard=Wallboard(
            newsroom=config.newsroom.name,
            press=press,
            lookout=lookout,
            letters=mail.standing,
            show=desk.show_board,
        ),
        mailer=mail.mailer(),
        inbound=Inbound(room=room, told=desk.stories_changed, out=press.wake),
        alarming=Alarming(press=press, told=bells.changed),
        upkeep=Upkeep(press=press, lookout=lookout, audit_seconds=config.serve.audit_seconds),
        timekeeper=Timekeeper(room=room, stories=stories, beats=beats, told=desk.stories_changed),
        desk=desk,
        beats=beats,
        handed=handed,
    )
    bells.house, bells.arrivals = house, arrivals
    return house


def _press(
    room: Newsroom, arrivals: Arrivals, beats: Beats, bells: _Bells, handed: HandedOut | None
) -> Press:
    press = Press(
        room=room,
        arrivals=arrivals,
        beats=beats,
        every=room.config.serve.publish_seconds,
        told=bells.published,
        arrived=bells.arrived,
        passing=handed.go_by if handed else pass_here,
    )
    if handed:
        handed.stray = press.placed
    return press


def _lookout(press: Press, beats: Beats, bells: _Bells, handed: HandedOut | None) -> Lookout:
    config = press.room.config
    return Lookout(
        press=press,
        beats=beats,
        every=config.serve.look_seconds,
        controls=_controls(config),
        countries=_countries(config),
        told=bells.changed,
        looking=handed.look if handed else look_and_keep,
    )


def _office(
    room: Newsroom, press: Press, lookout: Lookout, stories: StoryDesk, bells: _Bells
) -> Office:
    return Office(
        people=room.ledgers.people,
        deeds=room.ledgers.deeds,
        told=frozenset(room.config.desk.told),
        clock=room.clock,
        newsdesk=stories,
        approving=stories,
        operations=Operating(
            room=lambda: press.room,
            look=lookout.ask,
            turned=press.turned,
            changed=bells.changed,
        ),
        evidence=Evidence(room=room),
        pasting=stories,
        previewing=stories,
        watch_list=stories.watch_list,
        set_asides=LedgerSetAsides(room=room),
        bylines=stories,
        translating=stories,
        salt=room.salt,
        languages=room.config.newsroom.languages,
        newsroom=room.config.newsroom.name,
        address=room.config.serve.address,
        zone=room.config.desk.zone,
    )


def _controls(config: Config) -> frozenset[str]:
    """Vantages in open networks; this machine where the config names none."""
    named = frozenset(one.id for one in config.vantage if one.kind == "control")
    return named or frozenset(HERE_ONLY)


def _countries(config: Config) -> tuple[str, ...]:
    inside = {one.country for one in config.vantage if one.kind == "inside"}
    return tuple(sorted(inside))
