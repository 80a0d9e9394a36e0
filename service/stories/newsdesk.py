"""The newsdesk: what editors do with stories, in a newsroom that is open."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from feeds.intake import Taken
from feeds.letters import cut, line
from service.newsroom import Newsroom
from service.proof.unrecalled import in_words as in_hands
from service.proof.unrecalled import unrecalled
from service.running.press import precisely
from service.stories.arrivals import Arrivals
from service.stories.cards import Headings, cards
from service.stories.comparing import compared
from service.stories.gone import gone_bylines, without
from service.stories.moving import keep, moved, policy_of, workable
from service.stories.new_name import switch_by
from service.stories.pasting import pasted
from service.stories.previewing import preview
from service.stories.readying import keep_picture
from service.stories.send_backs import note_on
from service.stories.shared import Shared
from service.stories.shown import Shown
from service.stories.standing import Standing, settled, standing, told
from service.stories.translating import agree, tongues, translate
from service.stories.watch_list import LedgerWatchList
from service.stories.withdrawing import withdraw as take_back
from service.stories.written import in_words, language_of, picture_source, taken
from tamizdat.approving import Approving, Comparison
from tamizdat.article import ArticleId
from tamizdat.byline import Bylines, Switched
from tamizdat.closing import DRAFT
from tamizdat.digest import Digest, is_digest
from tamizdat.draft import Draft, encode
from tamizdat.errors import BlobMissingError, ConfigError
from tamizdat.moves import Discard, Hold, Move, Release, Save
from tamizdat.paste import Pasted, Pasting
from tamizdat.paths import media_type
from tamizdat.preview import Preview, Previewing
from tamizdat.progress import CONSOLE, PENDING, Policy, Text, content_of
from tamizdat.state import StoryState
from tamizdat.story import Arrival, Card, Newsdesk, Story, Written
from tamizdat.translation import Tongue, Translating

MAX_REASON = 300
"""Characters of the line that tells readers why a story was corrected."""

_KEY = 16
"""Random bytes that name a new story: its id tells nothing of when or by whom it was begun."""


class StoryDesk:
    """Stories of an open newsroom. `on_change` is called when something is to be published.

    Texts and pictures go into the blobs and nowhere else; the ledger holds ids and digests.
    """

    def __init__(self, room: Newsroom, on_change: Callable[[], None], arrivals: Arrivals) -> None:
        self._room = room
        self._on_change = on_change
        self._arrivals = arrivals
        self._headings = Headings(room.blobs)
        self._cards = Shared(lambda: cards(room, self._headings))
        self._shown = Shown()
        self._saving = asyncio.Lock()  # whoever saves later is kept later
        self.watch_list = LedgerWatchList(room.ledgers.facts, room.closing, room.scrub)
        self._pasting = asyncio.Lock()  # one large paste at a time is taken apart in memory

    async def cards(self) -> Sequence[Card]:
        """Stories that are being written, then those that are out, newest first, at most 200."""
        return await self._cards.get()

    async def story(self, article: ArticleId) -> Story | None:
        """One story."""
        found = await standing(self._room, article)
        if found is None:
            return None
        self._shown.note(article, found.pictures)
        story = told(found, self._shown.removed(article))
        if story.card.state is StoryState.WITHDRAWN:
            out = await unrecalled(self._room.ledgers.facts, article)
            return replace(story, unrecalled=in_hands(out))
        if found.draft is None:
            return story
        back = None if story.card.state in PENDING else await note_on(self._room, article)
        watched = await self.watch_list.found(found.draft.article)
        return replace(story, watched=watched, sent_back=back)

    async def save(
        self, article: ArticleId | None, written: Written, person: int = CONSOLE
    ) -> Story:
        """Clean what was written and keep it as the draft of `article` (None: of a new story).

        What says the same as what is out leaves no draft.
        """
        async with self._saving:
            before = None if article is None else await workable(self._room, article)
            made = await asyncio.to_thread(self._taken, written, before)
            reason = cut(line(written.correction), MAX_REASON)
            made = replace(made, article=replace(made.article, correction=reason))
            async with self._room.writing:
                await self._keep(article, made, person)
        self._shown.note_removed(made.article.id, in_words(made.removed))
        return await self._told(made.article.id)

    async def discard(self, article: ArticleId) -> None:
        """Forget the draft. What was released stays as it is."""
        async with self._room.writing:
            text = await self._room.ledgers.drafts.get(article)
            if text is None:
                return
            await moved(self._room, article, Discard(person=CONSOLE))
        self._forget(article, text)
        self._on_change()

    async def release(self, article: ArticleId, reason: str = "", person: int = CONSOLE) -> Story:
        """Release the draft: it goes out at once, where enough people approved it.

        `reason` is the line that readers see where it corrects an earlier revision.
        """
        async with self._room.writing:
            await self._give_reason(article, cut(line(reason), MAX_REASON), person)
            return await self._moved(article, Release(person=person))

    async def move(self, article: ArticleId, *moves: Move) -> Story:
        """Make these moves, all or none, and release the story where they bring it out."""
        async with self._room.writing:
            return await self._moved(article, *moves)

    async def policy(self) -> Policy:
        """What this newsroom asks for now."""
        return await policy_of(self._room)

    async def switch(self, name: str, to: str = "", person: int = CONSOLE) -> Switched:
        """Sign all that `name` signed with `to` (empty: with nothing), from now on, everywhere."""
        who = "console" if person == CONSOLE else f"desk:{person}"
        async with self._room.writing:
            try:
                return await switch_by(self._room, name, to, who)
            finally:
                self._on_change()

    async def compared(self, article: ArticleId) -> Comparison | None:
        """What an approver compares; None where nothing is written."""
        return await compared(self._room, article)

    async def withdraw(self, article: ArticleId, person: int) -> str | None:
        """Take it back everywhere, at once; None where that is under way.

        Else one sentence why it waits for a second person. No text is read for it: it works where
        blobs are damaged too.
        """
        async with self._room.writing:
            record = (await self._room.ledgers.articles.find([article])).get(article)
            text = await self._room.ledgers.drafts.get(article)
            if record is None and text is None:
                raise ConfigError(f"{article}: no such story")
            decision = await take_back(self._room, article, f"desk:{person}")
            if not decision.allowed:
                await self._hold_meanwhile(article, person)
                return f"{decision.reason}: ask another editor to withdraw it too"
            await self._room.ledgers.drafts.drop(article)
        self._forget(article, text, record.text if record else None)
        if record and record.withdrawn is None:
            self._arrivals.withdrawn(article, record.revision, precisely())
        self._on_change()
        return None

    async def picture(self, sha256: str) -> tuple[bytes, str] | None:
        """The bytes of a picture of some story, and its media type.

        Only what `story` told of is given out: a text lies in the blobs beside the pictures.
        """
        found = self._shown.picture(Digest(sha256)) if is_digest(sha256) else None
        if found is None:
            return None
        try:
            body = await asyncio.to_thread(self._room.blobs.read, found.sha256)
        except BlobMissingError:  # its story was withdrawn, and it was swept
            return None
        return body, media_type(found.path)

    async def pasted(self, html: str, language: str, article: ArticleId | None) -> Pasted:
        """What came over a clipboard, cleaned; nothing of it is kept before it is saved."""
        known = self._shown.of(article) if article else {}
        async with self._pasting:
            return await asyncio.to_thread(pasted, html, language, known, self._room.blobs.read)

    async def tongues(self, article: ArticleId) -> Sequence[Tongue]:
        """The story in each language it has, the original first; it alone where it has no other."""
        return await tongues(self._room, article)

    async def translate(self, article: ArticleId, language: str, person: int) -> Story:
        """The story in `language`: what there is, else a draft that begins with the original."""
        async with self._room.writing:
            key = secrets.token_hex(_KEY)
            made = await translate(self._room, article, language, key, person)
        return await self._told(made)

    async def agree(self, article: ArticleId, content: Digest) -> None:
        """A translator says that this says again what its original says: `content`, as seen."""
        async with self._room.writing:
            await agree(self._room, article, content)

    async def preview(self, article: ArticleId) -> Preview | None:
        """The story as it is saved now, as readers would get it."""
        return await preview(self._room, article)

    async def arrival(self, article: ArticleId) -> Arrival | None:
        """How its newest release gets out, None where none is known."""
        return self._arrivals.of(article)

    def _taken(self, written: Written, before: Standing | None) -> Taken:
        """`written`, cleaned; blocking."""
        text = before.article if before else None
        known = {picture.sha256: picture for picture in before.pictures} if before else {}
        late = self._shown.of(text.id) if text else {}
        return taken(
            written,
            text,
            picture_source(text, {**late, **known}, self._room.blobs.read),
            salt=self._room.salt,
            key=secrets.token_hex(_KEY),
            language=language_of(written, before, self._room.config.newsroom.languages[0]),
            now=self._room.clock.now(),
        )

    async def _keep(self, article: ArticleId | None, made: Taken, person: int) -> None:
        """Keep it as the draft, unless the story was taken back or dropped meanwhile."""
        now = None if article is None else await workable(self._room, article)
        names = await gone_bylines(self._room)  # a switch may have gone before
        text = settled(without(made.article, names, self._room.salt), now)
        out = now.released if now else None
        if out and not text.correction and text.says_the_same(out):
            text = replace(text, correction=out.correction)
        content = content_of(text)
        if now and now.draft and now.card.progress.content == content:
            return
        if now and now.draft is None and now.card.progress.out == content:
            return
        draft = Draft(article=text, edited=True, source=now.source if now else None)
        body = self._room.closing.close(encode(draft), DRAFT)
        kept = Text(
            blob=await asyncio.to_thread(self._write, body, made.pictures),
            language=text.language,
            at=self._room.clock.now(),
        )
        await keep(self._room, text.id, now, Save(person=person, content=content), kept)

    def _write(self, body: bytes, pictures: Sequence[bytes] = ()) -> Digest:
        """Write a text and its pictures; gives its digest. A kill leaves what nothing names."""
        for picture in pictures:
            keep_picture(self._room.blobs, picture)
        return self._room.blobs.write(body)

    async def _give_reason(self, article: ArticleId, reason: str, person: int) -> None:
        """Put the line for readers into the draft: approvals are of it, too."""
        found = await workable(self._room, article)
        if not reason or found.draft is None or found.released is None:
            return
        text = replace(found.draft.article, correction=reason)
        if text == found.draft.article:
            return
        body = self._room.closing.close(encode(replace(found.draft, article=text)), DRAFT)
        kept = Text(
            blob=await asyncio.to_thread(self._write, body),
            language=text.language,
            at=self._room.clock.now(),
        )
        move = Save(person=person, content=content_of(text))
        await keep(self._room, article, found, move, kept)

    async def _moved(self, article: ArticleId, *moves: Move) -> Story:
        try:
            made = await moved(self._room, article, *moves)
        finally:
            self._on_change()  # also where it ended half-way: what is released goes out
        if made.released is not None:
            self._forget(article, made.before.text)
            self._arrivals.released(made.released, precisely())
        return await self._told(article)

    async def _hold_meanwhile(self, article: ArticleId, person: int) -> None:
        """While a withdrawal waits for a second person, nothing of the story goes out."""
        found = await standing(self._room, article)
        if found and found.card.state in PENDING:
            await moved(self._room, article, Hold(person=person))

    def _forget(self, article: ArticleId, *texts: Digest | None) -> None:
        self._shown.forget(article)
        for text in texts:
            self._headings.forget(text)

    async def _told(self, article: ArticleId) -> Story:
        """The story after a deed; it may have been dropped since."""
        found = await self.story(article)
        if found is None:
            raise ConfigError(f"{article}: was discarded meanwhile")
        return found


_newsdesk: type[Newsdesk] = StoryDesk
_approving: type[Approving] = StoryDesk
_bylines: type[Bylines] = StoryDesk
_pasting: type[Pasting] = StoryDesk
_previewing: type[Previewing] = StoryDesk
_translating: type[Translating] = StoryDesk
