"""The newsdesk: what editors do with stories, in a newsroom that is open."""

import asyncio
import secrets
from collections.abc import Callable, Sequence

from feeds.intake import Taken
from feeds.letters import cut, line
from service.newsroom import Newsroom
from service.running.press import precisely
from service.stories.arrivals import Arrivals
from service.stories.cards import Headings, cards
from service.stories.drafting import release_drafts
from service.stories.shown import Shown
from service.stories.standing import Standing, settled, standing, told
from service.stories.withdrawing import withdraw as take_back
from service.stories.written import in_words, language_of, picture_source, taken
from service.sweeping import owe_sweep
from tamizdat.article import Article, ArticleId
from tamizdat.digest import Digest, is_digest
from tamizdat.draft import Draft, encode
from tamizdat.errors import BlobMissingError, ConfigError
from tamizdat.paths import media_type
from tamizdat.story import Arrival, Card, Newsdesk, Story, StoryState, Written

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
        self._shown = Shown()
        self._saving = asyncio.Lock()  # whoever saves later is kept later

    async def cards(self) -> Sequence[Card]:
        """Stories that are being written, then those that are out, newest first, at most 200."""
        return await cards(self._room, self._headings)

    async def story(self, article: ArticleId) -> Story | None:
        """One story."""
        found = await standing(self._room, article)
        if found is None:
            return None
        self._shown.note(article, found.pictures)
        return told(found, self._shown.removed(article))

    async def save(self, article: ArticleId | None, written: Written) -> Story:
        """Clean what was written and keep it as the draft of `article` (None: of a new story).

        What says the same as what is out leaves no draft.
        """
        async with self._saving:
            before = None if article is None else await self._workable(article)
            made = await asyncio.to_thread(self._taken, written, before)
            async with self._room.writing:
                await self._keep(article, made)
        self._shown.note_removed(made.article.id, in_words(made.removed))
        return await self._told(made.article.id)

    async def discard(self, article: ArticleId) -> None:
        """Forget the draft. What was released stays as it is."""
        async with self._room.writing:
            text = await self._room.ledgers.drafts.get(article)
            if text is None:
                return
            await self._room.ledgers.drafts.drop(article)
            await owe_sweep(self._room)
        self._forget(article, text)
        self._on_change()

    async def release(self, article: ArticleId, reason: str = "") -> Story:
        """Release the draft: it goes out at once.

        `reason` is the line that readers see where it corrects an earlier revision.
        """
        async with self._room.writing:
            found = await self._workable(article)
            try:
                made = await self._released(found, cut(line(reason), MAX_REASON))
            finally:
                self._on_change()  # also where it ended half-way: what is released goes out
        if made is None:
            raise ConfigError(f"{article}: nothing would change: what is out says the same")
        self._forget(article, found.text)
        self._arrivals.released(made, precisely())
        return await self._told(article)

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

    async def _keep(self, article: ArticleId | None, made: Taken) -> None:
        """Keep it as the draft, unless the story was taken back or dropped meanwhile."""
        now = None if article is None else await self._workable(article)
        text = settled(made.article, now)
        if now and now.released and text.says_the_same(now.released):
            await self._room.ledgers.drafts.drop(text.id)
        elif now is None or now.draft is None or not text.says_the_same(now.draft.article):
            body = encode(Draft(article=text, edited=True, source=now.source if now else None))
            kept = await asyncio.to_thread(self._write, (*made.pictures, body))
            at = self._room.clock.now()
            await self._room.ledgers.drafts.put(text.id, text.language, kept, at)

    def _write(self, bodies: Sequence[bytes]) -> Digest:
        """Write each; gives the digest of the last. A kill leaves blobs that nothing names."""
        return [self._room.blobs.write(body) for body in bodies][-1]

    async def _workable(self, article: ArticleId) -> Standing:
        found = await standing(self._room, article)
        if found is None:
            raise ConfigError(f"{article}: no such story: write it anew")
        if found.card.state is StoryState.WITHDRAWN:
            raise ConfigError(f"{article}: was withdrawn and stays so: write a new story")
        return found

    async def _released(self, found: Standing, reason: str) -> Article | None:
        """What was released; None where the draft, which then goes, says nothing new."""
        if found.draft is None:
            return None
        made = await release_drafts(self._room, [found.card.id], reason)
        if not made:
            await self._room.ledgers.drafts.drop(found.card.id)
        return next(iter(made), None)

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


_: type[Newsdesk] = StoryDesk
