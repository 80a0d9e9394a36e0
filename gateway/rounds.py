"""Rounds: carry out the plan for one gateway; each step is recorded before it is done."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.policy import default

from gateway.check import Checked, check
from gateway.plan import (
    CONNECTION,
    HOUR,
    OVERTAKEN,
    Plan,
    Policy,
    begun,
    ended,
    looked,
    plan,
    shut,
)
from gateway.words import folded
from tamizdat.errors import BlobMissingError
from tamizdat.letter import (
    FeedPage,
    GatewayId,
    Handed,
    Letter,
    LetterState,
    Posting,
    Reply,
)
from tamizdat.letters import Letters
from tamizdat.ports import Blobs, Clock, Gateway, SlipGate

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a round works with."""

    letters: Letters
    blobs: Blobs
    clock: Clock
    gate: SlipGate


class Rounds:
    """The rounds of one gateway. One program at a time runs them."""

    def __init__(self, name: GatewayId, gateway: Gateway, policy: Policy, desk: Desk) -> None:
        self._name = name
        self._gateway = gateway
        self._policy = policy
        self._desk = desk
        self._sends: deque[datetime] = deque(maxlen=CONNECTION)
        self._closed: datetime | None = None
        self._failures = 0

    @property
    def name(self) -> GatewayId:
        """The gateway's id."""
        return self._name

    async def once(self) -> datetime | None:
        """Do what is due now; gives when to come again, None where nothing is under way."""
        now = self._desk.clock.now()
        letters = await self._desk.letters.open(self._name)
        reads = await self._desk.letters.reads(self._name, now - HOUR)
        step = plan(letters, reads, tuple(self._sends), self._policy, now, self._closed)
        if step.lose:
            await self._lose(step)
        elif step.send:
            await self._send(step.send, now)
        elif step.read:
            await self._look(letters, now)
        return step.wake

    async def _lose(self, step: Plan) -> None:
        lost = [replace(one, state=LetterState.LOST) for one in step.lose]
        await self._desk.letters.update(lost)
        count = sum(one.detail != OVERTAKEN for one in lost)
        if count:
            log.warning("letters lost", extra={"gateway": self._name, "count": count})

    async def _send(self, due: Sequence[Posting], now: datetime) -> None:
        under_way = [begun(one, now) for one in due]
        await self._desk.letters.update(under_way)
        self._sends.extend(now for _ in under_way)
        there: list[tuple[Posting, Letter]] = []
        gone: list[Posting] = []
        for one in under_way:
            body = await asyncio.to_thread(self._body, one)
            if body is None:
                gone.append(ended(one, Handed(reply=Reply.NEVER, detail="blob missing"), now))
            else:
                there.append((one, letter_of(one, body)))
        answers = await self._gateway.send([letter for _, letter in there])
        after = [ended(one, got, now) for (one, _), got in zip(there, answers, strict=True)]
        await self._desk.letters.update([*after, *gone])
        log.info("letters handed over", extra={"gateway": self._name, "count": len(after)})

    async def _look(self, letters: Sequence[Posting], now: datetime) -> None:
        await self._desk.letters.record_read(self._name, now)
        page = await self._gateway.read()
        if page is None:
            self._failures += 1
            self._closed = now + shut(self._failures)
            log.warning("feed not read", extra={"gateway": self._name})
            return
        self._failures = 0
        found = await asyncio.to_thread(self._found, page, letters)
        after = [(one, looked(one, found)) for one in letters]
        await self._desk.letters.update([new for old, new in after if new != old])

    def _found(self, page: FeedPage, letters: Sequence[Posting]) -> list[tuple[str, Checked]]:
        """What each entry proves; one without a block is ours where it bears our title."""
        found: list[tuple[str, Checked]] = []
        bare: list[tuple[str, str]] = []
        for entry in page.entries:
            proved = check(entry, self._desk.gate)
            if proved:
                found.append((entry.id, proved))
            else:
                bare.append((folded(entry.title), entry.id))
        titles = dict(bare)
        if titles:
            for one in letters:
                if one.state in {LetterState.SENT, LetterState.SEEN}:
                    entry_id = titles.get(self._title(one))
                    if entry_id is not None:
                        found.append((entry_id, _mangled(one)))
        return found

    def _title(self, letter: Posting) -> str:
        body = self._body(letter)
        if body is None:
            return ""
        return folded(str(message_from_bytes(body, policy=default)["Subject"]))

    def _body(self, letter: Posting) -> bytes | None:
        try:
            return self._desk.blobs.read(letter.sha256)
        except BlobMissingError:
            return None


def letter_of(posting: Posting, body: bytes) -> Letter:
    """What is handed over of `posting`: `body` is the mail."""
    return Letter(
        gateway=posting.gateway,
        article=posting.article,
        revision=posting.revision,
        message_id=posting.message_id,
        body=body,
    )


def _mangled(letter: Posting) -> Checked:
    return Checked(
        urn=letter.urn, revision=letter.revision, state=LetterState.ALTERED, detail="8.6"
    )
