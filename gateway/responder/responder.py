"""The responder: a reader's mail comes in, and one answer goes out or none does.

Nobody is answered whose own domain does not vouch for the mail: the answer would go to a victim.
What is known of the asker lives as long as the call, and in the outbox until the relay has it.
"""

import asyncio
import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default

from gateway.responder import answer
from gateway.responder.answer import Answer
from gateway.responder.envelope import enveloped
from gateway.responder.limiter import Limiter
from gateway.responder.names import Texts
from gateway.responder.outbox import Outbox
from gateway.responder.own_key import Pair, in_use
from gateway.responder.phrases import Phrases, phrases_of, understood
from gateway.responder.reception import FULL, TAKEN
from gateway.responder.request import Request, Unanswered, Wish, asked, is_readable, written_to
from gateway.responder.settings import ResponderSettings, house, is_among
from gateway.responder.shelf import Shelf, fitting
from gateway.responder.spelling import Parts, parted
from gateway.responder.vouching import Voucher, vouched
from tamizdat.handout import MOST, Handout
from tamizdat.ports import Clock

MAX_MAIL = 64 * 1024
"""The longest mail that is read, in bytes. A refusal would be a letter to whom it names."""

FRESH = 60.0
"""Seconds that an answer with texts may wait for the relay: longer, and one may be withdrawn."""

_KB = 1000
_TOKEN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A mail that was read: what it asks for, and what its domain must vouch for."""

    request: Request
    parts: Parts
    covered: frozenset[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Who learns which mirrors: by the hand-out, or only those that anybody may learn."""

    handout: Handout
    public: Handout


@dataclass(kw_only=True)
class Responder:
    """Takes mails, and puts answers into the outbox. `counts` tells how many came to which end.

    `asker_of` gives the one spelling of an address; `key` makes marks of it for the hand-out.
    """

    settings: ResponderSettings
    shelf: Shelf
    lanes: Lanes
    names: Texts
    pairs: Sequence[Pair]
    limiter: Limiter
    outbox: Outbox
    clock: Clock
    asker_of: Callable[[str], str | None]
    key: bytes
    counts: Counter[str] = field(default_factory=Counter)
    _words: tuple[tuple[str, ...], Mapping[str, tuple[Wish, str | None]]] = ((), {})

    async def take(self, body: bytes) -> str:
        """The answer of SMTP to a mail: taken, or that there is too much of it now."""
        if self.outbox.is_full:
            self.counts["too much"] += 1
            return FULL
        if len(body) > MAX_MAIL:
            self.counts["long"] += 1
            return TAKEN
        languages = tuple(await self.shelf.languages())
        if languages != self._words[0]:
            self._words = (languages, understood(languages))
        read = await asyncio.to_thread(read_mail, body, self.settings, self._words[1], languages)
        now = self.clock.now()
        reason = read.reason if isinstance(read, Unanswered) else await self._objection(read, now)
        if isinstance(read, Unanswered) or reason:
            self.counts[reason or "unread"] += 1
            return TAKEN
        await self._answer(read.request, languages, now)
        self.counts[f"answered {read.request.wish.value}"] += 1
        return TAKEN

    async def _objection(self, read: Read, now: datetime) -> str:
        """Why there is no answer; empty where there is one, which is then counted."""
        request = read.request
        asker = self.asker_of(request.sender)
        if asker is None:
            return "no one sender"
        if is_among(request.domain, self.settings.refused):
            return "provider refused"
        voucher = await vouched(read.parts, request.domain, read.covered, self.names, now)
        if voucher is not Voucher.HOLDS:
            return voucher.value
        known = is_among(request.domain, self.settings.providers)
        free = self.limiter.allows(asker, house(request.domain), now, known=known)
        return "" if free else "often enough today"

    async def _answer(self, request: Request, languages: Sequence[str], now: datetime) -> None:
        made = await self._made(request, languages, now)
        posted = enveloped(
            made,
            to=request.sender,
            reply_to=request.message,
            ours=self.settings.address,
            token=secrets.token_hex(_TOKEN),
            day=now.date(),
        )
        pair = in_use(list(self.pairs), now.date())
        signed = posted if pair is None else posted.signed_by(pair, self.settings.domain)
        told = request.wish in {Wish.LATEST, Wish.BUNDLE}
        self.outbox.put(signed, seconds=FRESH if told else None)

    async def _made(self, request: Request, languages: Sequence[str], now: datetime) -> Answer:
        wanted = request.language
        language = wanted if wanted is not None and wanted in languages else languages[0]
        voice = phrases_of(wanted or language)
        ways = await self._ways(request, now)
        pointed = answer.pointing(voice, ways) if ways else ""
        plain = Answer(language=voice.language, subject=voice.texts["subject"], text="")
        match request.wish:
            case Wish.MIRRORS:
                text = answer.joined(answer.pointing(voice, ways))
            case Wish.LATEST:
                told = await self._told(voice, language)
                text = answer.joined(told, pointed)
                plain = replace(plain, language=language)
            case Wish.BUNDLE:
                return await self._bundle(request, plain, voice, language, pointed)
            case _:
                voices = _voices(request.language, languages)
                told = answer.helping(voices, languages, self.settings.answers)
                text = answer.joined(told, pointed)
        return replace(plain, text=text)

    async def _bundle(
        self, request: Request, plain: Answer, voice: Phrases, language: str, pointed: str
    ) -> Answer:
        carried = self.settings.most_kilobytes * _KB
        most = min(request.most or self.settings.bundle_kilobytes * _KB, carried)
        bundles = await self.shelf.bundles(language)
        chosen = fitting(bundles, most)
        file = None if chosen is None else await self.shelf.enclosed(language, chosen)
        if file is not None:
            text = answer.joined(voice.texts["bundle"], pointed)
            return replace(plain, text=text, enclosed=file)
        told = await self._told(voice, language)
        smallest = min((one.length for one in bundles), default=None)
        said = "" if smallest is None else answer.too_large(voice, smallest, carried)
        return replace(plain, text=answer.joined(said, told, pointed))

    async def _told(self, voice: Phrases, language: str) -> str:
        texts = await self.shelf.texts(language)
        return answer.telling(voice, texts, self.settings.text_kilobytes * _KB)

    async def _ways(self, request: Request, now: datetime) -> Sequence[str]:
        asker = self._asker(request)
        mark = hashlib.blake2b(asker.encode(), key=self.key, digest_size=32).hexdigest()
        slow = is_among(request.domain, self.settings.slow)
        lane = self.lanes.public if slow else self.lanes.handout
        return (await lane.for_asker(mark, now.toordinal()))[:MOST]

    def _asker(self, request: Request) -> str:
        """Who is to learn a mirror: at a domain of their own somebody has any number of names."""
        settings = self.settings
        if settings.channel is None or is_among(request.domain, settings.providers):
            return self.asker_of(request.sender) or ""
        return f"house {house(request.domain)}"


def read_mail(
    body: bytes,
    settings: ResponderSettings,
    words: Mapping[str, tuple[Wish, str | None]],
    languages: Sequence[str],
) -> Read | Unanswered:
    """What a mail asks for, or why it is not answered, before its domain is asked."""
    parts = parted(body)
    if parts is None or not is_readable(body):
        return Unanswered(reason="cannot be read")
    try:
        mail = message_from_bytes(body, EmailMessage, policy=default)
        found = asked(mail, "kept nowhere", [settings.domain], words, languages)
        if isinstance(found, Unanswered):
            return found
        named = written_to(mail, settings.address)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # the parser of the standard library raises all of these on hostile mails
        return Unanswered(reason="cannot be read")
    if named is None:
        return Unanswered(reason="not to us")
    return Read(request=found, parts=parts, covered=frozenset({b"from", named.encode()}))


def _voices(wanted: str | None, languages: Sequence[str]) -> Sequence[Phrases]:
    """Whoever names no language is told in all that the newsroom has."""
    if wanted is not None:
        return [phrases_of(wanted)]
    found = (phrases_of(one) for one in languages)
    return list({one.language: one for one in found}.values())
