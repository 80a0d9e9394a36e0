"""Checks before a story goes out: who may be found by it, what tricks it bears, whose words."""

from dataclasses import replace
from time import process_time

import pytest

from desk.alphabets import reads_as
from desk.cautions import cautions
from desk.identifying import findings
from desk.tricks import hiding, mixed, traced, turning, unseen
from tamizdat.article import SafeHtml
from tests.unit.desk.test_writing import STORY

TEXTS = {
    "ru": "Вчера вечером жители посёлка собрались у библиотеки, чтобы обсудить новые правила. "
    "Объявление повесили рано утром, и к полудню его прочли почти все. ",
    "be": "Учора ўвечары жыхары пасёлка сабраліся каля бібліятэкі, каб абмеркаваць новыя правілы. "
    "Аб'яву павесілі раніцай, і да поўдня яе прачыталі амаль усе. ",
    "uk": "Учора ввечері мешканці селища зібралися біля бібліотеки, щоб обговорити нові правила. "
    "Оголошення повісили вранці, і до полудня його прочитали майже всі. ",
    "fa": "دیروز عصر ساکنان شهرک جلوی کتابخانه جمع شدند تا درباره قوانین تازه گفتگو کنند. "
    "آگهی را صبح زود چسباندند و تا ظهر تقریبا همه آن را خوانده بودند. ",
    "ar": "اجتمع سكان البلدة مساء أمس أمام المكتبة لمناقشة القواعد الجديدة التي أعلنت في الصباح. "
    "وقد قرأها الجميع تقريبا قبل الظهر على الرغم من أنها كانت طويلة. ",
}


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("tab", TEXTS)
def test_a_neighbours_language_is_told_from_the_one_of_the_tab(language: str, tab: str) -> None:
    told = reads_as(TEXTS[language], tab)

    assert told == (language if language != tab else None)


@pytest.mark.parametrize("language", ["en", "zh", "xx"])
def test_of_a_language_without_neighbours_nothing_is_said(language: str) -> None:
    assert reads_as(TEXTS["ru"], language) is None


def test_of_a_few_words_nothing_is_said() -> None:
    assert reads_as("Добрый вечер", "be") is None


def test_a_quote_of_a_neighbour_is_no_other_language() -> None:
    assert reads_as(TEXTS["be"] * 8 + "«Щит и меч»", "be") is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("a telephone number", "Call +375 29 123-45-67 at night."),
        ("a telephone number", "Tel. (029) 123 45 67"),
        ("a telephone number", "Звоните 8 029 1234567"),
        ("a telephone number", "شماره ۰۹۱۲ ۳۴۵ ۶۷۸۹ است"),
        ("a mail address", "Write to someone.else@mail.example soon."),
        ("a card or account number", "Card 4539 1488 0343 6467"),
        ("a card or account number", "DE89 3704 0044 0532 0130 00"),
        ("a place on the map", "They met at 53.90235, 27.56190 at noon."),
        ("a street and number", "She lives at 14 Garden Street now."),
        ("a street and number", "Живёт на улице Садовой, 14"),
        ("a street and number", "خیابان آزادی ۱۴"),
        ("an account name", "He writes as @night_reader there."),
        ("a place of work and a date", "A nurse of the hospital told us on 14 March."),
        ("a place of work and a date", "Рабочий завода рассказал об этом 3 мая."),
        ("a place of work and a date", "پرستار بیمارستان در ۱۴ مرداد گفت."),
    ],
)
def test_what_may_lead_to_somebody_is_asked(kind: str, text: str) -> None:
    assert kind in {one.kind for one in findings(text)}


@pytest.mark.parametrize(
    "text",
    [
        "In 2026 there were 12 500 000 of them, 3 more than in 2025.",
        "Between 1986-1991 and 2020 - 2024 nothing changed.",
        "On 2026-11-26 12:30 the vote was 123 to 45.",
        "The price fell from 1 234 567 to 1.234.567 roubles.",
        "Article 193.1 and law 114-FZ say so.",
        "A school opened. On 14 March it rained.",
        "In the hospital five decisions were made.",
    ],
)
def test_ordinary_figures_are_not_asked_about(text: str) -> None:
    assert findings(text) == ()


def test_only_a_few_of_each_kind_are_shown() -> None:
    found = findings(" ".join(f"reader{n}@mail.example" for n in range(50)))

    assert len(found) == 6


def test_characters_that_turn_the_order_are_noticed() -> None:
    assert turning("pay \u202e001 \u202c roubles")
    assert not turning("می\u200cخواهم \u200fو")


def test_characters_that_nobody_sees_are_noticed_and_persian_joiners_are_none() -> None:
    assert unseen("a\u200bb")
    assert unseen("a\ufeffb")
    assert not unseen("می\u200cخواهم")


def test_words_of_two_alphabets_are_noticed() -> None:
    assert mixed("The pаper and the раper are plain") == ["pаper", "раper"]
    assert mixed("COVID-19 и Россия, plain words") == []


def test_links_that_hide_or_tell_are_noticed() -> None:
    html = (
        '<a href="https://bit.ly/x">a</a><a href="https://www.t.co/y">b</a>'
        '<a href="https://news.example/a?utm_source=x&amp;b=1">c</a>'
        '<a href="https://plain.example/?q=1">d</a>'
    )

    assert hiding(html) == ["bit.ly", "t.co"]
    assert traced(html) == ["news.example"]


def test_an_editor_is_asked_and_never_told_that_all_is_well() -> None:
    text = "<p>Call +375 29 123-45-67, says the pаper.</p>"

    found = cautions(replace(STORY, html=SafeHtml(text)))

    asked = [one.words for one in found if one.look]
    assert "Does a telephone number lead to somebody?" in asked
    assert "Letters of two alphabets in one word" in asked
    assert not any("safe" in one.words.lower() for one in cautions(STORY))


@pytest.mark.parametrize("language", TEXTS)
def test_a_long_text_is_checked_in_no_time(language: str) -> None:
    long = replace(STORY, html=SafeHtml(f"<p>{TEXTS[language] * 300}</p>"))

    began = process_time()
    cautions(long)

    assert process_time() - began < 3
