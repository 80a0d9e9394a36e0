"""A press: sample papers and articles for the tests of what is rendered."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bs4 import BeautifulSoup

from feeds.page import article_page, card
from feeds.paper import Card, Entry, Paper
from feeds.syndication import entry_bytes
from tamizdat.article import Article, ArticleId, Picture, SafeHtml, Section
from tamizdat.digest import Digest, digest

ROOT_WORDS = "anchor basket candle dolphin ember fiddle garden harbour island jacket kettle lantern"
ROOT_ID = "5f" * 32
START = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)

NAMES = {"en": "The Far Shore", "be": "Далёкі бераг", "fa": "کرانهٔ دور", "zh": "远岸", "ka": "შორი"}
TITLES = {
    "en": "Mobile data cut in two border towns, measured from noon",
    "be": "Мабільны інтэрнэт адключылі ў двух памежных гарадах",
    "fa": "اینترنت همراه در دو شهر مرزی از ظهر قطع شد",
    "zh": "两座边境城市从中午起移动网络中断",
    "ka": "პურის ფასი მესამედ გაიზარდა",
}
SENTENCES = {
    "en": "Four documents show that the file was moved to another district in September. ",
    "be": "Чатыры дакументы паказваюць, што справу перадалі ў іншую акругу ў верасні. ",
    "fa": "چهار سند نشان می‌دهد که پرونده در شهریور به حوزهٔ دیگری فرستاده شده است. ",
    "zh": "四份文件显示，案卷在九月被移送到另一地区，家属没有得到通知。",
    "ka": "ოთხი დოკუმენტი აჩვენებს, რომ საქმე სექტემბერში სხვა ოლქში გადაიტანეს. ",
}
SECTIONS = {"en": "Courts", "be": "Грамадства", "fa": "دادگاه", "zh": "法院", "ka": "სასამართლო"}
LANGUAGES = tuple(NAMES)
PIXELS = b"not really a picture, but bytes all the same"


def paper(language: str = "en", languages: tuple[str, ...] = ("en", "be", "fa", "zh")) -> Paper:
    return Paper(
        name=NAMES[language],
        languages=languages,
        exit="https://weather.example/",
        mail="news@post.example",
        onion=f"{'farshore' * 7}.onion",
        channel="0123456789abcdef" * 2,
    )


def section(language: str, number: int = 0) -> Section:
    return Section(slug=f"part{number}", name=SECTIONS[language])


def picture(body: bytes = PIXELS, alt: str = "The harbour") -> Picture:
    return Picture(
        sha256=digest(body), extension="jpg", length=len(body), width=800, height=600, alt=alt
    )


def text(language: str, signs: int) -> SafeHtml:
    """Paragraphs of about 300 letters, `signs` letters in all."""
    words = SENTENCES[language] * (signs // len(SENTENCES[language]) + 1)
    pieces = [words[at : min(at + 300, signs)] for at in range(0, signs, 300)]
    return SafeHtml("".join(f"<p>{piece.strip()}</p>" for piece in pieces))


def article(language: str = "en", number: int = 0, **changes: object) -> Article:
    key = hashlib.sha256(f"{language} {number}".encode()).digest()
    when = START - timedelta(hours=9 * number)
    plain = Article(
        id=ArticleId(base64.b32encode(key).decode().lower()[:13]),
        revision=1,
        language=language,
        title=TITLES[language],
        html=text(language, 900),
        summary=SENTENCES[language].strip(),
        authors=(),
        section=section(language, number % 5),
        tags=(),
        published=when,
        updated=when,
        pictures=(),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def illustrated(language: str = "en", number: int = 0) -> Article:
    html = SafeHtml(
        '<h2>One</h2><p>Text.</p><figure><img src="picture:0" alt="old &quot;words&quot;">'
        '<figcaption>Below</figcaption></figure><h3>Two</h3><img src="picture:7" alt="">'
    )
    return article(language, number, html=html, pictures=(picture(),))


def cards(language: str, count: int) -> list[Card]:
    made = (article(language, number) for number in range(count))
    return [card(one, len(article_page(paper(language), one))) for one in made]


def entry(one: Article, of: Paper | None = None) -> Entry:
    atom, rss, json = entry_bytes(of or paper(one.language), one)
    return Entry(card=card(one, 5000), atom=atom, rss=rss, json=json)


def soup(page: bytes) -> BeautifulSoup:
    return BeautifulSoup(page, "lxml")


def links(page: bytes) -> list[str]:
    """Every address on the page but the way out, the empty icon, and jumps within it."""
    found = [
        str(tag.get(name))
        for tag in soup(page).select("*")
        for name in ("href", "src")
        if tag.get(name) and tag.get("class") != ["exit"]
    ]
    return [link for link in found if link != "data:," and not link.startswith("#")]


def resolved(at: str, link: str) -> str:
    """The path that `link` on the page at `at` leads to."""
    parts = at.split("/")[:-1]
    for part in link.split("/"):
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def pixels() -> dict[Digest, bytes]:
    return {digest(PIXELS): PIXELS}
