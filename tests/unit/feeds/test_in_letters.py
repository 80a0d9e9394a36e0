"""Letters from outside."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.letters import balanced, cut, legal, line, normal, way

KEPT = [
    "می‌روم به خانه‌هایشان",  # Persian with zero-width non-joiners
    "क्‍ष और क्‌ष",  # Devanagari with both joiners
    "\u2067שלום\u2069 world",  # an isolate, closed
    "abc \u202bעברית\u202c def",  # an embedding, closed
    "1\u200e2\u200f3\u061c4",  # plain marks
    "👩‍👩‍👧 text",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_a_script_needs_stays(text: str) -> None:
    assert line(text) == unicodedata.normalize("NFC", text)


BIDI = [
    # what came in                          what stays
    ("ab\u202ecd", "abcd"),
    ("ab\u202ecd\u202c", "abcd"),
    ("\u202dab\u202c", "ab"),
    ("\u2067ab", "ab"),
    ("ab\u2069", "ab"),
    ("ab\u202c", "ab"),
    ("\u2067a\u202bb\u2069c\u202c", "\u2067ab\u2069c"),
    ("\u202b\u2067a\u202cb\u2069c\u202c", "\u202b\u2067ab\u2069c\u202c"),
]


@pytest.mark.parametrize(("text", "stays"), BIDI)
def test_a_direction_mark_stays_only_in_a_pair(text: str, stays: str) -> None:
    assert balanced([text]) == (stays,)


def test_a_pair_may_span_pieces_of_one_paragraph() -> None:
    assert balanced(["\u2067a", "b", "c\u2069\u2069"]) == ("\u2067a", "b", "c\u2069")


def test_control_characters_and_surrogates_go() -> None:
    assert legal("a\x00b\x0bc\ud800d\ufffee\uffff\x7f\r\nf\tg") == "abcde\nf\tg"


def test_markup_is_never_normalised() -> None:
    assert legal("<p>\u0338a\u0301") == "<p>\u0338a\u0301"
    assert normal("a\u0301") == "á"


def test_a_cut_ends_at_a_word_and_never_before_a_mark() -> None:
    assert cut("one two three", 9) == "one two…"
    assert cut("நி" * 10, 6) == "நிநி…"
    assert cut("short", 10) == "short"


def test_most_letters_tell_the_way() -> None:
    assert way("او گفت BBC خبر داد") == "rtl"
    assert way("He said سلام loudly") == "ltr"
    assert way("12 — ۳۴") is None


@given(st.text(st.characters(), max_size=200))
def test_a_line_is_legal_in_xml_and_settled(text: str) -> None:
    once = line(text)

    assert line(once) == once
    assert all(letter in "\t\n\r" or letter >= " " for letter in once)
    assert not any("\ud800" <= letter <= "\udfff" or letter in "\ufffe\uffff" for letter in once)


@given(st.text(max_size=300), st.integers(min_value=2, max_value=100))
def test_a_cut_keeps_its_limit(text: str, limit: int) -> None:
    assert len(cut(line(text), limit)) <= limit
