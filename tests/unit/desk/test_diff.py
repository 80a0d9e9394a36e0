"""Two texts word by word: what stayed, what went, what came."""

import pytest

from desk.diff import MOST, Piece, Row, folded, rows, words
from tamizdat.approving import Version

SAID = [
    # before                now                     gone, new
    ("It sailed at noon.", "It sailed at noon.", [], []),
    ("It sailed at noon.", "It sailed at one.", ["noon"], ["one"]),
    ("", "It sailed.", [], ["It sailed."]),
    ("It sailed.", "", ["It sailed."], []),
    ("می‌روند به خانه", "می‌روند به شهر", ["خانه"], ["شهر"]),
    ("法院重审此案", "法院今重审此案", [], ["今"]),
    ("don't go", "do go", ["don't"], ["do"]),
]


def version(*paragraphs: str, title: str = "The ferry", summary: str = "") -> Version:
    return Version(title=title, summary=summary, authors="", correction="", paragraphs=paragraphs)


@pytest.mark.parametrize(("before", "now", "gone", "new"), SAID)
def test_words_that_went_and_came(before: str, now: str, gone: list[str], new: list[str]) -> None:
    pieces = words(before, now)

    assert [piece.text for piece in pieces if piece.kind == "gone"] == gone
    assert [piece.text for piece in pieces if piece.kind == "new"] == new
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == now


def test_a_paragraph_that_was_put_in_changes_no_other() -> None:
    made = rows(version("One.", "Two."), version("One.", "Between.", "Two."))

    assert [row.changed for row in made] == [False, False, True, False]
    assert made[2] == Row(label="", pieces=(Piece("new", "Between."),))


def test_heads_are_named_and_empty_ones_left_out() -> None:
    made = rows(version("x"), version("x", title="The ferries", summary="Short"))

    assert [row.label for row in made] == ["Headline", "Summary", ""]
    assert [row.changed for row in made] == [True, True, False]


def test_what_did_not_change_is_folded_but_for_neighbours() -> None:
    texts = [f"Paragraph {number}." for number in range(9)]
    changed = [*texts[:4], "Another.", *texts[5:]]

    shown = folded(rows(version(*texts), version(*changed)))

    assert [row if isinstance(row, int) else row.changed for row in shown] == [
        False,
        3,
        False,
        True,
        False,
        3,
    ]


def test_texts_without_end_are_not_compared_without_end() -> None:
    long, other = "a " * MOST, "b " * MOST
    many = [f"{number}" for number in range(MOST + 1)]

    assert [piece.kind for piece in words(long, other)] == ["gone", "new"]
    assert len(rows(version(*many), version("x"))) == MOST + 3
