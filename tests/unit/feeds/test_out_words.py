import re
import tomllib
from importlib.resources import files

import pytest

from feeds.words import LANGUAGES, words_of

PLACE = re.compile(r"\{[a-z]*\}")


def _file(language: str) -> dict[str, object]:
    text = files("feeds").joinpath("words", f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_with_the_same_places(language: str) -> None:
    english, own = words_of("en").texts, words_of(language).texts

    assert list(own) == list(english)
    assert all(text.strip() == text and text for text in own.values())
    for key, text in own.items():
        assert PLACE.findall(text) == PLACE.findall(english[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_can_spell_numbers_and_days(language: str) -> None:
    fields = _file(language)

    assert set(fields) == set(_file("en"))
    assert len(set(str(fields["digits"]))) == 10
    assert len(words_of(language).months) == 12
    assert "{day}" in str(fields["date"])
    assert "{year}" in str(fields["date"])
    assert "{year}" not in str(fields["day"])


def test_no_word_is_called_like_a_method_that_a_template_would_find_first() -> None:
    texts = words_of("en").texts

    assert [key for key in texts if hasattr(texts, key)] == []


def test_there_is_a_file_for_each_language_and_no_other() -> None:
    names = {part.name for part in files("feeds").joinpath("words").iterdir()}

    assert names == {f"{language}.toml" for language in LANGUAGES}


def test_every_word_is_used_by_some_page() -> None:
    room = files("feeds")
    sources = [
        part.read_text("utf-8")
        for part in (*room.iterdir(), *room.joinpath("templates").iterdir())
        if part.name.endswith((".py", ".html"))
    ]
    text = "\n".join(sources)

    unused = [
        key
        for key in words_of("en").texts
        if not re.search(rf'\bw\.{key}\b|"{key}"', text) and not key.startswith("bundle_")
    ]

    assert unused == []


OWN = [
    # a page's language   the words' language   whether they are borrowed
    ("en-GB", "en", False),
    ("be-tarask", "be", False),
    ("zh", "zh-Hans", False),
    ("zh-Hans", "zh-Hans", False),
    ("zh-CN", "zh-Hans", False),
    ("zh-Hant", "zh-Hans", True),
    ("zh-TW", "zh-Hans", True),
    ("fa-AF", "fa", False),
    ("ru-Latn", "en", True),
    ("ka", "en", True),
    ("ckb", "en", True),
]


@pytest.mark.parametrize(("language", "tag", "borrowed"), OWN)
def test_a_page_gets_its_own_words_or_marked_english_ones(
    language: str, tag: str, *, borrowed: bool
) -> None:
    words = words_of(language)

    assert (words.tag, words.borrowed) == (tag, borrowed)


def test_persian_numbers_have_persian_digits() -> None:
    assert words_of("fa").filled("minutes", 120) == "۱۲۰ دقیقه"
