"""Mailing: queue letters of released articles, send all that is due, tell how they stand."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.check import check
from gateway.letter import Sender, Text, letter, slips, text_of
from gateway.plan import OVERTAKEN, overtaken
from gateway.rounds import Desk, Rounds
from tamizdat.article import Article
from tamizdat.digest import digest
from tamizdat.errors import SourceError
from tamizdat.letter import Entry, GatewayId, Letter, LetterState, Posting, SealedSlip
from tamizdat.ports import Signer

log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A gateway that letters are made for."""

    name: GatewayId
    sender: Sender
    language: str | None
    pictures: str | None
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who vouches: the signer of role release, and the channel and root that it speaks for."""

    signer: Signer
    channel: str
    root_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the letters to one gateway stand: their number by state, the last code of failed ones.

    Letters that a newer revision overtook are left out.
    """

    gateway: GatewayId
    states: Mapping[LetterState, int]
    failed: Sequence[Posting]

    @property
    def delivered(self) -> int:
        """Only what was verified counts."""
        return self.states.get(LetterState.VERIFIED, 0)


_Wanted = tuple[Target, Text]
_Key = tuple[str, int, str]


async def enqueue(
    desk: Desk, issuer: Issuer, targets: Sequence[Target], articles: Sequence[Article]
) -> int:
    """Make, prove and keep a letter for each article and gateway that has none; gives their number.

    An article that cannot go by mail is left out, and named in the log. SourceError where no letter
    of any verifies: then it is not the article.
    """
    wanted: list[_Wanted] = []
    stale: list[Posting] = []
    for target in targets:
        letters = await desk.letters.of(target.name, [one.id for one in articles])
        known = {(one.article, one.revision) for one in letters}
        fresh = [one for one in articles if (one.id, one.revision) not in known]
        stale.extend(_stale(letters, fresh))
        ours = [one for one in fresh if target.language in {None, one.language}]
        texts = [text for one in ours if (text := _text(one, target))]
        wanted.extend((target, text) for text in texts)
    now = desk.clock.now()
    sealed = await _sealed(issuer, [text for _, text in wanted], now)
    proved, error = _proved(desk, wanted, sealed)
    if error is not None and not proved:
        raise error
    postings: list[Posting] = []
    for target, text in proved:
        slip = sealed[_key(text)]
        whole = letter(text, slip, target.name, target.sender)
        lean = letter(text, slip, target.name, target.sender, lean=True)
        await asyncio.to_thread(desk.blobs.write, whole.body)
        await asyncio.to_thread(desk.blobs.write, lean.body)
        postings.append(_posting(text, whole, lean, now))
    await desk.letters.queue(postings)
    await desk.letters.update([overtaken(one) for one in stale])
    return len(postings)


async def send_all(
    rounds: Sequence[Rounds], desk: Desk, *, patience: timedelta, sleep: Sleep = asyncio.sleep
) -> None:
    """Do all that is due within `patience`; each gateway goes its own way.

    What is due later waits for the next call. Letters that are final lose their bytes here, so
    nothing may be queued meanwhile.
    """
    end = desk.clock.now() + patience
    async with asyncio.TaskGroup() as group:
        for one in rounds:
            group.create_task(_until(one, desk, end, sleep))
    wanted = await desk.letters.bodies()
    await asyncio.to_thread(desk.blobs.keep_only, wanted)


async def status(desk: Desk, gateways: Sequence[GatewayId]) -> Sequence[Standing]:
    """How the letters to each gateway stand."""
    found = []
    for name in gateways:
        ended = await desk.letters.failed(name)
        failed = [one for one in ended if one.detail != OVERTAKEN]
        states = Counter(await desk.letters.counts(name))
        states[LetterState.LOST] -= len(ended) - len(failed)
        states = +states  # without those of which there are none
        found.append(Standing(gateway=name, states=states, failed=failed))
    return found


async def _until(rounds: Rounds, desk: Desk, end: datetime, sleep: Sleep) -> None:
    while True:
        wake = await rounds.once()
        if wake is None or wake > end:
            return
        delay = (wake - desk.clock.now()).total_seconds()
        if delay > 0:
            await sleep(delay)


async def _sealed(
    issuer: Issuer, texts: Sequence[Text], now: datetime
) -> Mapping[_Key, SealedSlip]:
    found: dict[_Key, SealedSlip] = {}
    for slip in slips(texts, channel=issuer.channel, root_version=issuer.root_version, issued=now):
        body = slip.encode()
        sealed = SealedSlip(body=body, signatures=await issuer.signer.sign(body))
        for one in slip.articles:
            found[one.urn, one.revision, one.sha256] = sealed
    return found


def _stale(letters: Sequence[Posting], fresh: Sequence[Article]) -> Sequence[Posting]:
    """Letters that never left, of which a newer revision is queued now."""
    newest = {one.id: one.revision for one in fresh}
    return [
        one
        for one in letters
        if one.state is LetterState.QUEUED and one.revision < newest.get(one.article, 0)
    ]


def _text(article: Article, target: Target) -> Text | None:
    try:
        return text_of(article, pictures=target.pictures, ways=target.ways)
    except SourceError as error:
        log.warning("cannot go by mail", extra={"article": article.id, "why": str(error)})
        return None


def _proved(
    desk: Desk, wanted: Sequence[_Wanted], sealed: Mapping[_Key, SealedSlip]
) -> tuple[Sequence[_Wanted], SourceError | None]:
    """Those of which a letter verifies, and why the last of the others does not."""
    proved, failed = [], None
    for target, text in wanted:
        try:
            _prove(desk, text, sealed[_key(text)])
        except SourceError as error:
            log.warning("cannot go by mail", extra={"article": text.article.id, "why": str(error)})
            failed = error
        else:
            proved.append((target, text))
    return proved, failed


def _key(text: Text) -> _Key:
    return text.article.urn, text.article.revision, text.sha256


def _prove(desk: Desk, text: Text, slip: SealedSlip) -> None:
    """Nothing leaves that our own check would not verify."""
    entry = Entry(id="", title=text.title, html=text.with_block(slip))
    proved = check(entry, desk.gate)
    if proved is None or proved.state is not LetterState.VERIFIED:
        clause = proved.detail if proved else "8.6"
        raise SourceError(f"article {text.article.id}: its letter does not verify ({clause})")


def _posting(text: Text, whole: Letter, lean: Letter, now: datetime) -> Posting:
    return Posting(
        gateway=whole.gateway,
        article=whole.article,
        revision=whole.revision,
        urn=text.article.urn,
        message_id=whole.message_id,
        sha256=digest(whole.body),
        length=len(whole.body),
        lean=digest(lean.body),
        state=LetterState.QUEUED,
        queued=now,
        due=now,
    )
