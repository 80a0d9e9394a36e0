"""A corpus: invented articles in six languages, the same for the same number and seed.

Whatever the size, article n is the same: any corpus is the beginning of a larger one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

SEED = 20_261_125
START = datetime(2024, 1, 1, 6, tzinfo=UTC)
APART = timedelta(hours=1)
LETTERS = 3_700
"""About so many bytes of Markdown are written, before headings and lists."""

SECTIONS = ("City", "Courts", "Labour", "Letters", "Work")

_WORDS = {
    "en": "the tram bridge clinic harbour bakery council ballot notebook winter lantern ferry"
    " orchard witness verdict teacher pension ledger platform strike station archive market",
    "ru": "и трамвай мост клиника гавань пекарня совет бюллетень тетрадь зима фонарь паром"
    " сад свидетель приговор учитель пенсия журнал платформа забастовка станция архив рынок",
    "fa": "و تراموا پل درمانگاه بندر نانوایی شورا برگه دفترچه زمستان فانوس کشتی"
    " باغ شاهد حکم آموزگار بازنشستگی دفتر سکو اعتصاب ایستگاه بایگانی بازار",
    "ar": "في ترام جسر عيادة ميناء مخبز مجلس اقتراع دفتر شتاء فانوس عبارة"
    " بستان شاهد حكم معلم تقاعد سجل رصيف إضراب محطة أرشيف سوق",
    "es": "el tranvía puente clínica puerto panadería concejo boleta cuaderno invierno farol"
    " huerto testigo sentencia maestra pensión libro andén huelga estación archivo mercado",
    "zh": "的 电车 桥梁 诊所 港口 面包 议会 选票 笔记 冬天 灯笼 渡船"
    " 果园 证人 判决 教师 养老 账本 站台 罢工 车站 档案 市场",
}
LANGUAGES = tuple(_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One article before it is anybody's: Markdown, and what stands above it."""

    number: int
    language: str
    title: str
    section: str
    author: str
    summary: str
    published: datetime
    markdown: str

    @property
    def name(self) -> str:
        """Its name as a file, without an ending."""
        return f"a{self.number:06d}"


def texts(count: int, *, first: int = 0, seed: int = SEED) -> Iterator[Text]:
    """`count` texts beginning with number `first`, oldest first; languages take turns."""
    return (text(number, seed) for number in range(first, first + count))


def text(number: int, seed: int = SEED) -> Text:
    """The text of a number."""
    turn = Random(f"{seed}:{number}")  # noqa: S311 - not a secret
    language = LANGUAGES[number % len(LANGUAGES)]
    words = _WORDS[language].split()
    between = "" if language == "zh" else " "
    return Text(
        number=number,
        language=language,
        title=f"{_line(turn, words, between, 5)} {number}",
        section=SECTIONS[number // len(LANGUAGES) % len(SECTIONS)],
        author=f"{turn.choice(words).title()} {turn.choice(words).title()}",
        summary=f"{_line(turn, words, between, 16)}.",
        published=START + APART * number,
        markdown=_markdown(turn, words, between),
    )


def _markdown(turn: Random, words: list[str], between: str) -> str:
    parts: list[str] = []
    size = 0
    while size < LETTERS:
        part = _paragraph(turn, words, between)
        if len(parts) % 5 == 2:
            part = f"## {_line(turn, words, between, 4)}\n\n{part}"
        parts.append(part)
        size += len(part.encode())
    points = "\n".join(f"- {_line(turn, words, between, 6)}" for _ in range(4))
    quote = f"> {_line(turn, words, between, 14)}."
    parts[1:1] = [quote]
    return "\n\n".join([*parts, points]) + "\n"


def _paragraph(turn: Random, words: list[str], between: str) -> str:
    lines = [_line(turn, words, between, turn.randint(9, 16)) for _ in range(turn.randint(3, 5))]
    lines[1] += f"{between}**{turn.choice(words)}**"
    lines[2] += f"{between}[{turn.choice(words)}](https://source.example/{turn.randrange(10**6)})"
    return f".{between}".join(lines) + "."


def _line(turn: Random, words: list[str], between: str, count: int) -> str:
    line = between.join(turn.choice(words) for _ in range(count))
    return line[0].upper() + line[1:]
