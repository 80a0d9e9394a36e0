"""What may lead to a person: numbers, addresses, places of work. A question, never an all-clear.

It finds what is written in usual ways. That nothing was found says nothing.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 6
"""Findings of one kind that are shown."""

LONGEST = 60
"""Characters of a finding that are shown."""

LOOKED_AT = 200_000
"""Characters of a text that are looked at."""


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_MONTHS = _listed(
    """jan(?:uary)? feb(?:ruary)? mar(?:ch)? apr(?:il)? may june? july? aug(?:ust)? sept?(?:ember)?
    oct(?:ober)? nov(?:ember)? dec(?:ember)? янв[а-я]{0,3} фев[а-я]{0,4} мар(?:т|та)? апр[а-я]{0,3}
    мая июня? июля? авг[а-я]{0,4} сен[а-я]{0,5} окт[а-я]{0,4} ноя[а-я]{0,3} дек[а-я]{0,4}
    студзеня лютага сакавіка красавіка траўня чэрвеня ліпеня жніўня верасня кастрычніка лістапада
    снежня січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
    فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"""
)
_WORK = _listed(
    """hospital clinic factory school university ministry office prison barracks battalion
    больниц завод фабрик школ университет министерств колони отдел бальніц шпітал універсітэт
    лікарн університет بیمارستان کارخانه مدرسه دانشگاه اداره زندان پادگان
    医院 工厂 学校 大学 监狱 公司"""
)
_STREETS = _listed(
    """street avenue road lane square ул улица улице пр-т проспект переулок вул вуліца вулиця
    خیابان کوچه بلوار پلاک 路 街 巷 号"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found, and in which words of the text."""

    kind: str
    words: str


def findings(text: str) -> tuple[Finding, ...]:
    """What in `text` (plain, without tags) may lead to a person, at most a few of each kind."""
    plain = _digits(text[:LOOKED_AT])
    found: list[Finding] = []
    for kind, words in (
        ("a mail address", _mail(plain)),
        ("a telephone number", _phones(plain)),
        ("a card or account number", _accounts(plain)),
        ("a place on the map", _COORDINATES.findall(plain)),
        ("a street and number", _streets(plain)),
        ("an account name", _HANDLE.findall(plain)),
        ("a place of work and a date", _shifts(plain)),
    ):
        few = list(dict.fromkeys(" ".join(one.split()) for one in words))[:MOST]
        found += (Finding(kind=kind, words=one[:LONGEST]) for one in few)
    return tuple(found)


_HANDLE = re.compile(r"(?<![\w@.])@[A-Za-z][A-Za-z0-9_]{3,31}\b(?!\.[a-z])")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_COORDINATES = re.compile(r"(?<![\d.])-?\d{1,2}\.\d{4,}\s?[,;]?\s-?\d{1,3}\.\d{4,}")
_NUMBER = re.compile(r"(?<![\w.,/-])\+?\(?\d(?:[ ().\-–]{0,2}\d){6,18}(?![\w/])")
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_DAY = re.compile("|".join(rf"\d\s+{month}\b|\b{month}\s+\d" for month in _MONTHS))
_PHONE_LEAST, _PHONE_MOST = 8, 15
_CARD = 16


def _digits(text: str) -> str:
    """Digits of every script as 0 to 9."""
    return "".join(
        str(unicodedata.digit(char)) if char.isdigit() and not char.isascii() else char
        for char in text
    )


def _mail(text: str) -> list[str]:
    return _MAIL.findall(text)


def _phones(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(text):
        words = match[0]
        count = sum(char.isdigit() for char in words)
        begins = words.lstrip("(").startswith(("+", "0", "8", "9"))
        grouped = bool(re.search(r"\d[ ().\-–]+\d", words))
        if (
            _PHONE_LEAST <= count <= _PHONE_MOST
            and (begins or grouped)
            and not _DATE.match(words)
            and not re.fullmatch(r"(?:19|20)\d\d[ –-]+(?:19|20)\d\d", words)
            and not re.fullmatch(r"\d{1,3}(?:[ .]\d{3})+", words)
        ):
            yield words


def _accounts(text: str) -> Iterator[str]:
    yield from _IBAN.findall(text)
    for match in _NUMBER.finditer(text):
        digits = [int(char) for char in match[0] if char.isdigit()]
        if len(digits) == _CARD and _is_card(digits):
            yield match[0]


def _is_card(digits: list[int]) -> bool:
    """Whether its last digit checks the others (ISO/IEC 7812-1, annex B)."""
    doubled = (2 * one if at % 2 == 0 else one for at, one in enumerate(digits))
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0  # noqa: PLR2004


def _streets(text: str) -> Iterator[str]:
    words = "|".join(re.escape(one) for one in _STREETS)
    yield from re.findall(
        rf"(?:\b\w+ )?\b(?:{words})\b\.?[ ,]?(?:\w+[ ,]+){{0,3}}\d+\w?\b", text, re.IGNORECASE
    )
    yield from re.findall(r"\b\d{1,5} (?:[A-Z]\w+ ){1,3}(?:Street|Avenue|Road|Lane|Square)\b", text)


def _shifts(text: str) -> Iterator[str]:
    """Sentences that name a place of work and a day."""
    for sentence in re.split(r"(?<=[.!?。！？؟])\s+|\n", text):
        low = sentence.lower()
        if any(word in low for word in _WORK) and (_DATE.search(low) or _DAY.search(low)):
            yield sentence
