"""A post office for tests: letters' desk, articles in four scripts, a clock that can be turned."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feeds.cleaner import clean
from gateway.letter import Sender
from gateway.mailing import Issuer, Target
from gateway.rounds import Desk
from service.post.slip_gate import RootGate
from store.blobs import MemoryBlobs
from store.engine import Ledger
from store.letters import SqlLetters
from tamizdat.article import Article, article_id
from tamizdat.letter import GatewayId
from tests.unit.signing.paper import Newsroom

START = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
SENDER = Sender(name="The Heron", address="letters@heron.example")
WORDS = {
    "fa": "سلام دنیا می‌نویسیم خبر آزادی کتاب، روزنامه و چاپ",
    "ar": "مرحبا بالعالم نكتب خبر الحرية كتاب، صحيفة",
    "ru": "здравствуй мир мы пишем новости свобода книга ёлка",
    "en": "hello world we write news freedom book &amp; press cafe\u0301",
}


class TurnedClock:
    """A clock that moves only when it is turned."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=int(seconds) + (seconds % 1 > 0))


def article(number: int, *, paragraphs: int = 3, revision: int = 1) -> Article:
    """The n-th article, in one of four scripts by turns."""
    language = sorted(WORDS)[number % len(WORDS)]
    chance = random.Random(number * 1000 + revision)  # noqa: S311 - the same text each time
    words = WORDS[language].split()
    told = [" ".join(chance.choices(words, k=60)) for _ in range(paragraphs)]
    html = "".join(f"<p>{one} <b>{words[0]}</b></p>" for one in told)
    html += f'<ul><li><a href="https://x.example/{number}?a=1&amp;b=2">{words[1]}</a></ul>'
    html += '<figure><img src="picture:0" alt="a > b"><figcaption>c</figcaption></figure>'
    return Article(
        id=article_id(b"salt", "test", str(number)),
        revision=revision,
        language=language,
        title=f"{words[2]} {number} {words[3]}",
        html=clean(html),
        summary="",
        authors=("A. Writer",),
        section=None,
        tags=(),
        published=START - timedelta(days=1),
        updated=START - timedelta(hours=1) + timedelta(seconds=revision),
        pictures=(),
    )


def articles(count: int) -> Sequence[Article]:
    return [article(number) for number in range(count)]


def issuer(room: Newsroom) -> Issuer:
    """The release key of a made newsroom."""
    root = room.root_body()
    return Issuer(signer=room.signer("release"), channel=root.channel, root_version=root.version)


def gate(room: Newsroom) -> RootGate:
    return RootGate(root=room.root_body())


def desk(ledger: Ledger, clock: TurnedClock, room: Newsroom) -> Desk:
    return Desk(letters=SqlLetters(ledger), blobs=MemoryBlobs(), clock=clock, gate=gate(room))


def target(name: str) -> Target:
    return Target(name=GatewayId(name), sender=SENDER, language=None, pictures=None, ways=())


def written(folder: Path, name: str, text: str) -> str:
    """A file that holds an address; gives its name."""
    (folder / name).write_text(text + "\n", encoding="utf-8")
    return name
