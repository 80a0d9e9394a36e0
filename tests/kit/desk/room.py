"""A desk that runs: on loopback, with everything in memory, and browsers that are signed in."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp
from argon2 import PasswordHasher

from desk.desk import Desk, serving
from desk.invitations import invite
from desk.office import Office
from desk.passwords import Passwords
from desk.throttle import PATIENCE
from service.door import door
from tamizdat.people import Role
from tamizdat.ports import Clock
from tests.kit.desk.approving import MemoryApproving
from tests.kit.desk.board import NOW, view
from tests.kit.desk.deeds import MemoryDeeds
from tests.kit.desk.lists import MemoryBylines, MemorySetAsides, MemoryWatchList
from tests.kit.desk.looks import MemoryEvidence, MemoryOperations
from tests.kit.desk.pasting import MemoryPasting
from tests.kit.desk.people import MemoryPeople
from tests.kit.desk.previewing import MemoryPreviewing
from tests.kit.desk.stories import MemoryNewsdesk
from tests.kit.desk.translating import MemoryTranslating

PASSWORD = "four random words do"
SALT = b"salt of the tests"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


class Hands:
    """A clock that goes when it is told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at

    def on(self, **span: float) -> None:
        self.at += timedelta(**span)


_: type[Clock] = Hands


@dataclass(slots=True)
class Room:
    """Everything within reach of a test."""

    clock: Hands = field(default_factory=Hands)
    people: MemoryPeople = field(default_factory=MemoryPeople)
    deeds: MemoryDeeds = field(default_factory=MemoryDeeds)
    newsdesk: MemoryNewsdesk = field(default_factory=lambda: MemoryNewsdesk(NOW))
    passwords: Passwords = field(default_factory=lambda: Passwords(QUICK))
    approving: MemoryApproving = field(init=False)
    translating: MemoryTranslating = field(init=False)
    operations: MemoryOperations = field(default_factory=MemoryOperations)
    evidence: MemoryEvidence = field(default_factory=MemoryEvidence)
    watch_list: MemoryWatchList = field(default_factory=MemoryWatchList)
    set_asides: MemorySetAsides = field(default_factory=MemorySetAsides)
    bylines: MemoryBylines = field(default_factory=MemoryBylines)
    address: str | None = None
    beat: float = 5.0
    patience: float = PATIENCE
    told: frozenset[int] = frozenset()
    languages: tuple[str, ...] = ("en", "fa", "ru")

    def __post_init__(self) -> None:
        self.approving = MemoryApproving(self.newsdesk, self.clock.now)
        self.translating = MemoryTranslating(self.newsdesk)

    def office(self) -> Office:
        return Office(
            people=self.people,
            deeds=self.deeds,
            told=self.told,
            clock=self.clock,
            newsdesk=self.newsdesk,
            approving=self.approving,
            operations=self.operations,
            evidence=self.evidence,
            pasting=MemoryPasting(),
            previewing=MemoryPreviewing(self.newsdesk),
            watch_list=self.watch_list,
            set_asides=self.set_asides,
            bylines=self.bylines,
            translating=self.translating,
            salt=SALT,
            languages=self.languages,
            newsroom="The Tideline",
            address=self.address,
        )

    def desk(self) -> Desk:
        desk = Desk(self.office(), passwords=self.passwords, beat=self.beat, patience=self.patience)
        desk.show_board(view())
        return desk

    async def link(self, role: Role, person: int | None = None) -> str:
        return await invite(self.people, role, self.clock.now(), person)


@dataclass(slots=True)
class Visit:
    """A browser that went to a desk. It does not follow redirects by itself."""

    session: aiohttp.ClientSession
    base: str

    async def get(self, path: str, **headers: str) -> tuple[int, str, Mapping[str, str]]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(
            self.base + path, headers=named, allow_redirects=False
        ) as answer:
            return answer.status, await answer.text(), answer.headers

    async def post(
        self,
        path: str,
        given: Mapping[str, str] | aiohttp.FormData | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, str, Mapping[str, str]]:
        async with self.session.post(
            self.base + path,
            data=given if given is not None else {},
            headers=FROM_HERE if headers is None else headers,
            allow_redirects=False,
        ) as answer:
            return answer.status, await answer.text(), answer.headers


@asynccontextmanager
async def opened(room: Room) -> AsyncIterator[tuple[Desk, str]]:
    """A desk on loopback; gives it and its address."""
    desk = room.desk()
    async with serving(desk, door("desk", "127.0.0.1:0")) as port:
        yield desk, f"http://127.0.0.1:{port}"


@asynccontextmanager
async def visiting(base: str) -> AsyncIterator[Visit]:
    """A fresh browser."""
    jar = aiohttp.CookieJar(unsafe=True)  # it keeps cookies of addresses that are numbers, too
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield Visit(session, base)


@asynccontextmanager
async def signed_in(room: Room, base: str, role: Role = Role.EDITOR) -> AsyncIterator[Visit]:
    """A browser of somebody who has just joined."""
    async with visiting(base) as visit:
        name = f"heron {len(room.people.persons) + 1}"
        given = {"name": name, "password": PASSWORD, "again": PASSWORD}
        status, _, _ = await visit.post(f"/join/{await room.link(role)}", given)
        assert status == 303
        yield visit


def hidden_field(page: str, name: str) -> str:
    """The value of a field that a form carries along."""
    found = re.search(rf'name={name} value="([^"]*)"', page)
    assert found
    return found[1]
