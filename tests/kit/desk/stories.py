"""A newsdesk in memory: stories without a ledger, mirrors or keys, for tests."""

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import cmarkgfm
from PIL import Image

from feeds.cleaner import clean
from tamizdat.article import ArticleId, SafeHtml
from tamizdat.digest import digest
from tamizdat.errors import ConfigError, SourceError
from tamizdat.progress import CONSOLE, UNWRITTEN
from tamizdat.state import StoryState
from tamizdat.story import Arrival, Card, Newsdesk, Story, Written

WIDTH, HEIGHT = 620, 132


def _slate() -> bytes:
    """A harbour, if one looks long enough: two slopes of slate."""
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            shade = 120 - y // 3 - (60 if 4 * y > 3 * HEIGHT - x * HEIGHT // 300 else 0)
            picture.putpixel((x, y), (shade - 24, shade + 4, shade + 20))
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


PICTURE = _slate()
PICTURE_NAME = f"{digest(PICTURE)}.png"
PASTED = f"data:image/png;base64,{b64encode(PICTURE).decode()}"
_DATA = re.compile(r'"data:image/[a-z]+;base64,([^"]*)"')


class MemoryNewsdesk:
    """Cleans as the real one does. `waits` is what a withdrawal answers."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.stories: dict[ArticleId, Story] = {}
        self.released: dict[ArticleId, Story] = {}
        self.arrivals: dict[ArticleId, Arrival] = {}
        self.pictures: dict[str, bytes] = {digest(PICTURE): PICTURE}
        self.reasons: list[str] = []
        self.typed: list[Written] = []
        self.withdrawn_by: list[int] = []
        self.authors: dict[ArticleId, int] = {}
        self.waits: str | None = None

    async def cards(self) -> Sequence[Card]:
        cards = sorted((s.card for s in self.stories.values()), key=lambda c: c.at, reverse=True)
        writing = {StoryState.WRITING, StoryState.CORRECTING}
        return sorted(cards, key=lambda card: card.state not in writing)

    async def story(self, article: ArticleId) -> Story | None:
        return self.stories.get(article)

    async def save(
        self, article: ArticleId | None, written: Written, person: int = CONSOLE
    ) -> Story:
        self.typed.append(written)
        if not written.title:
            raise SourceError("a story needs a headline")
        number = len(self.stories) + 1
        name = article or ArticleId(f"story{number:a>8}".translate(str.maketrans("0189", "bcde")))
        before = self.stories.get(name)
        if before and before.card.state is StoryState.OUT:
            self.released[name] = before
        out = name in self.released
        html = written.text if written.form == "html" else cmarkgfm.markdown_to_html(written.text)
        for place, picture in enumerate(before.pictures if before else ()):
            html = html.replace(f'"/pictures/{picture}"', f'"picture:{place}"')
        pictures = list(before.pictures if before else ())
        safe = clean(_DATA.sub(lambda hit: self._numbered(hit[1], pictures), html))
        story = Story(
            card=Card(
                id=name,
                language=written.language,
                title=written.title,
                state=StoryState.CORRECTING if out else StoryState.WRITING,
                revision=before.card.revision if before else 1,
                at=self.now,
                progress=before.card.progress if before else UNWRITTEN,
            ),
            html=safe,
            summary=written.summary,
            authors=written.authors,
            section=written.section,
            pictures=tuple(pictures),
            path=before.path if before else None,
            removed=("a script",) if "<script" in written.text else (),
            correction=written.correction,
        )
        self.stories[name] = story
        self.authors[name] = person
        return story

    def _numbered(self, encoded: str, pictures: list[str]) -> str:
        """A picture within a text, kept; gives the place that stands for it."""
        body = b64decode(encoded)
        self.pictures[digest(body)] = body
        pictures.append(f"{digest(body)}.png")
        return f'"picture:{len(pictures) - 1}"'

    async def discard(self, article: ArticleId) -> None:
        if article in self.released:
            self.stories[article] = self.released.pop(article)
        else:
            del self.stories[article]

    async def release(self, article: ArticleId, reason: str = "", person: int = CONSOLE) -> Story:
        assert person >= CONSOLE
        story = self.stories[article]
        if article in self.released and not reason:
            raise ConfigError("a correction says what was wrong: give a reason")
        revision = story.card.revision + (1 if self.released.pop(article, None) else 0)
        card = replace(story.card, state=StoryState.OUT, revision=revision, at=self.now)
        self.reasons.append(reason)
        self.stories[article] = replace(
            story, card=card, correction=reason, path=f"en/2026/{article}.html", removed=()
        )
        return self.stories[article]

    async def withdraw(self, article: ArticleId, person: int) -> str | None:
        self.withdrawn_by.append(person)
        if self.waits:
            return self.waits
        story = self.stories[article]
        card = replace(story.card, title="", state=StoryState.WITHDRAWN, at=self.now)
        self.stories[article] = replace(
            story, card=card, html=SafeHtml(""), summary="", authors=(), pictures=()
        )
        return None

    async def picture(self, sha256: str) -> tuple[bytes, str] | None:
        body = self.pictures.get(sha256)
        return (body, "image/png") if body else None

    async def arrival(self, article: ArticleId) -> Arrival | None:
        return self.arrivals.get(article)

    def add(self, name: str, title: str, html: str, **more: object) -> Story:
        """A story as it stands, cleaned."""
        state = more.pop("state", StoryState.OUT)
        card = Card(
            id=ArticleId(name),
            language=str(more.pop("language", "en")),
            title=title,
            state=StoryState(str(state)),
            revision=int(str(more.pop("revision", 1))),
            at=self.now,
        )
        given = {"summary": "", "authors": (), "section": "", "pictures": (), **more}
        story = Story(card=card, html=clean(html), **given)  # type: ignore[arg-type]
        self.stories[card.id] = story
        return story


_: type[Newsdesk] = MemoryNewsdesk
