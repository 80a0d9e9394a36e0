"""An outpost: a vantage elsewhere, reached by a command that runs `tamizdat reach look` there.

What comes back is a stranger's word (ADR 0012): bounded in size and time, checked against the
order, and kept apart from what the command says in errors.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reach.acceptance import accepted
from reach.checking import AT_ONCE
from reach.child import Child, OutpostError, patient, running
from reach.exposure import allowed
from reach.order import GREETING, MAX_AIMS, Order, Proof, encode
from reach.patience import Patience
from tamizdat.errors import SourceError
from tamizdat.measurement import Aim, ExposureError, Measurement, Vantage
from tamizdat.placement import MirrorId
from tamizdat.ports import Clock, Probe

SLACK_SECONDS = 30.0
"""So long may the way take: to the greeting, until the order is taken, and back from each look."""

ENDING_SECONDS = 5.0
"""So long may it take to end by itself when it has told all."""

LAST_WORDS_SECONDS = 0.5
"""So long may it take to say in errors why it told nothing."""

MAX_ANSWER = 64 * 1024 * 1024
"""All answers to one order are not longer, in bytes."""

MAX_SAID = 2000
"""Of what a command says in errors, so many bytes are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a vantage told, and why that is not all; nothing told is no data, never a block.

    `said` is what the command wrote to its error stream. It may name hosts and addresses: show it
    to whoever runs the command by hand, and write it nowhere.
    """

    found: tuple[Measurement, ...]
    fault: str | None = None
    said: str = ""


class Outpost:
    """The port Probe over a command, and many mirrors by one order."""

    def __init__(
        self,
        command: Sequence[str],
        proof: Proof,
        clock: Clock,
        *,
        patience: Patience | None = None,
        authorities: str | None = None,
        folder: Path | None = None,
        slack: float = SLACK_SECONDS,
    ) -> None:
        self._command = tuple(command)
        self._proof = proof
        self._clock = clock
        self._patience = patience or Patience()
        self._authorities = authorities
        self._folder = folder
        self._slack = slack

    async def look(self, aims: Sequence[Aim], vantage: Vantage) -> Answer:
        """What `vantage` sees of those mirrors that it may know. Never raises for what it does."""
        wanted = allowed(aims, vantage)
        if not wanted:
            return Answer(found=())
        if len(wanted) > MAX_AIMS:
            return Answer(found=(), fault=f"may know over {MAX_AIMS} mirrors: give it fewer groups")
        order = Order(
            vantage=vantage,
            aims=wanted,
            proof=self._proof,
            at=self._clock.now(),
            patience=self._patience,
            authorities=self._authorities,
        )
        talk = _Talk(order=order, clock=self._clock, slack=self._slack)
        try:
            async with running(self._command, self._folder) as child:
                await talk.over(child)
        except OSError as error:
            talk.fault = f"the command cannot be started ({error.strerror})"
        return Answer(found=tuple(talk.found.values()), fault=talk.fault, said=talk.said)

    async def measure(self, target: Aim, vantage: Vantage) -> Measurement:
        """What `vantage` sees of `target`; ExposureError where it may not, OutpostError."""
        if not allowed([target], vantage):
            raise ExposureError(f"{target.mirror}: {vantage.id} must not learn of this mirror")
        answer = await self.look([target], vantage)
        if not answer.found:
            raise OutpostError(f"vantage {vantage.id}: {answer.fault}")
        return answer.found[0]


_: type[Probe] = Outpost


@dataclass(kw_only=True)
class _Talk:
    """An order, and what came of it."""

    order: Order
    clock: Clock
    slack: float
    found: dict[MirrorId, Measurement] = field(default_factory=dict)
    fault: str | None = None
    _errors: bytearray = field(default_factory=bytearray)

    @property
    def said(self) -> str:
        """What the command said in errors, as plain text."""
        text = self._errors.decode("utf-8", "replace")
        return "".join(sign if sign.isprintable() else " " for sign in text).strip()

    async def over(self, child: Child) -> None:
        """The whole talk, within its time."""
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._listen(child.errors))
            await self._try(child)
            child.hang_up()
            async with patient(ENDING_SECONDS if self.fault is None else LAST_WORDS_SECONDS):
                await child.exited.wait()
            await asyncio.wait({listening}, timeout=LAST_WORDS_SECONDS)
            listening.cancel()

    async def _try(self, child: Child) -> None:
        patience = self.order.patience.whole
        turns = -(-len(self.order.aims) // AT_ONCE)
        whole = turns * patience + 3 * self.slack
        try:
            async with asyncio.timeout(whole):
                await self._converse(child)
        except TimeoutError:
            self.fault = f"did not end in {whole:.0f} s"
        except OutpostError as error:
            self.fault = str(error)
            if error.lost:
                self.found.clear()

    async def _converse(self, child: Child) -> None:
        if await child.line(self.slack) != GREETING:
            raise OutpostError("speaks otherwise than `tamizdat reach look` of this version")
        await child.send(encode(self.order) + b"\n", self.slack)
        room = MAX_ANSWER
        while len(self.found) < len(self.order.aims):
            line = await child.line(self.order.patience.whole + self.slack)
            room -= len(line)
            if room < 0:
                raise OutpostError(f"tells over {MAX_ANSWER} bytes", lost=True)
            try:
                one = accepted(line, self.order, self.found, self.clock.now())
            except SourceError as error:
                raise OutpostError(str(error), lost=True) from None
            self.found[one.mirror] = one

    async def _listen(self, errors: asyncio.StreamReader) -> None:
        """Keep the first of what it says, and let the rest run away."""
        while piece := await errors.read(MAX_SAID):
            self._errors += piece[: MAX_SAID - len(self._errors)]
