"""Names of a list in a text: how they may be spelled, and what is another name."""

import time

import pytest

from desk.likeness import ENDINGS, Likenesses, folded

STANDS = [
    # on the list            in the text                      as it is told
    ("Мария Холмова", "сказала Марии Ивановне Холмовой", "Марии Ивановне Холмовой"),
    ("Иван Петров", "встретили с Иваном Петровым", "Иваном Петровым"),
    ("Павел Лебедь", "у Павла Лебедя", "Павла Лебедя"),
    ("Анна Достоевская", "о Достоевской Анне", "Достоевской Анне"),
    ("Чайковский", "дом Чайковского", "Чайковского"),
    ("Юлия", "вместе с Юлией", "Юлией"),
    ("Олександр", "дали Олександрові", "Олександрові"),
    ("Святлана Ціханоўская", "Sviatlana Tsikhanouskaya said", "Sviatlana Tsikhanouskaya"),
    ("Hryhorii Shevchenko", "Григорий Шевченко", "Григорий Шевченко"),
    ("Григорий Шевченко", "Grigory Shevchenko", "Grigory Shevchenko"),
    ("Fyodor", "Фёдору", "Фёдору"),
    ("Mira Holm", "so MIRA\n HÓLM said", "MIRA HÓLM"),
    ("Erik", "Eriks bok", "Eriks"),
    ("Łukasz", "Lukasz", "Lukasz"),
    ("علي رضائي", "علی رضایی", "علی رضایی"),
    ("أحمد الكريم", "وأحمد کریم", "وأحمد کریم"),
    ("مریم", "بمريم", "بمريم"),
    ("渡边直美", "昨天渡边直美说", "渡边直美"),
]
STANDS_NOT = [
    ("Мария Холмова", "Мария пришла. Никого другого не было, и только потом Холмова"),
    ("Анна", "антон и аннотация"),
    ("Mary", "в марте март"),
    ("Mira Holm", "Mira"),
    ("Holm", "Holmgren"),
    ("渡边直美", "渡边"),
    ("Иван", "Iranian"),
]


@pytest.mark.parametrize(("name", "text", "told"), STANDS)
def test_a_name_is_found_as_it_is_spelled_there(name: str, text: str, told: str) -> None:
    assert Likenesses(names=["Nobody Else", name]).found(text) == (told,)


@pytest.mark.parametrize(("name", "text"), STANDS_NOT)
def test_another_name_is_not_this_one(name: str, text: str) -> None:
    assert Likenesses(names=[name]).found(text) == ()


def test_each_spelling_is_told_once_and_in_the_order_of_the_text() -> None:
    found = Likenesses(names=["Mira Holm", "Ivan"]).found("Ivan, Mira Holm, Ivan, Иван, Mira Holm")

    assert found == ("Ivan", "Mira Holm", "Иван")


def test_an_empty_list_and_a_list_of_signs_find_nothing() -> None:
    assert Likenesses(names=()).found("Mira") == ()
    assert Likenesses(names=["...", "12"]).found("Mira ... 12") == ()


def test_endings_are_folded_as_words_are() -> None:
    assert all(folded(one) == one for one in ENDINGS)


def test_a_thousand_names_cost_little_more_than_one() -> None:
    """200 KB; folding the text's words is nearly all of the work, whatever the list holds."""
    syllables = ("ра", "но", "ми", "ко", "ва", "ле", "ти", "ша", "пе", "гу")
    words = [a + b + c + d for a in syllables for b in syllables for c in syllables for d in "ая"]
    text = " ".join(words * 6)
    names = [f"{a.title()} {b.title()}ов" for a, b in zip(words[:1000], words[::-1], strict=False)]
    one, thousand = Likenesses(names=names[:1]), Likenesses(names=names)

    few = min(_seconds(one, text) for _ in range(5))
    many = min(_seconds(thousand, text) for _ in range(5))

    assert len(text.encode()) >= 150_000
    assert many < 30 * few  # one after the other they would take a thousand times as long


def _seconds(names: Likenesses, text: str) -> float:
    began = time.process_time()
    names.found(text)
    return time.process_time() - began
