"""An archive: invented articles, the same for the same number, spread evenly over two years."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from tamizdat.article import Article, Picture, SafeHtml, Section, article_id
from tamizdat.digest import digest

LANGUAGES = ("en", "fr", "de", "fa")
SECTIONS = tuple(
    Section(slug=name, name=name.title())
    for name in ("city", "courts", "labour", "letters", "work")
)
START = datetime(2025, 1, 1, tzinfo=UTC)
MONTHS = timedelta(days=660)
"""The last article is over a month older than `NOW`, so that every run of a bundle is equal."""

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
SALT = bytes(32)
LETTERS = 2500

_WORDS = [
    "tram",
    "bridge",
    "clinic",
    "harbour",
    "bakery",
    "council",
    "ballot",
    "notebook",
    "winter",
    "lantern",
    "ferry",
    "orchard",
    "witness",
    "verdict",
    "teacher",
    "pension",
    "ledger",
    "platform",
    "strike",
    "station",
    "archive",
    "window",
    "market",
    "river",
]


def archive(count: int) -> Iterator[Article]:
    """`count` articles, oldest first; languages and sections take turns."""
    for number in range(count):
        yield invented(number, START + MONTHS * number / count)


def invented(number: int, published: datetime, language: str | None = None) -> Article:
    """The article of a number: about 2.5 KB of text that says nothing of anyone."""
    turn = Random(number)  # noqa: S311 - not a secret
    day = published.replace(microsecond=0)
    return Article(
        id=article_id(SALT, "kit", str(number)),
        revision=1,
        language=language or LANGUAGES[number % len(LANGUAGES)],
        title=_line(turn, 6),
        html=SafeHtml("\n".join(f"<p>{_line(turn, 55)}</p>" for _ in range(LETTERS // 400))),
        summary=_line(turn, 20),
        authors=(f"{turn.choice(_WORDS).title()} {turn.choice(_WORDS).title()}",),
        section=SECTIONS[number // len(LANGUAGES) % len(SECTIONS)],
        tags=(turn.choice(_WORDS),),
        published=day,
        updated=day,
        pictures=(),
    )


def _line(turn: Random, words: int) -> str:
    text = " ".join(turn.choice(_WORDS) for _ in range(words))
    return text[0].upper() + text[1:]


def photograph() -> tuple[Picture, bytes]:
    """A picture that nobody took, and its bytes."""
    body = Random(7).randbytes(20_000)  # noqa: S311 - not a secret
    sha256 = digest(body)
    return (
        Picture(
            sha256=sha256, extension="jpg", length=len(body), width=640, height=480, alt="A ferry"
        ),
        body,
    )
