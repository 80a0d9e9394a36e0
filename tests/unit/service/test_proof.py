"""Marks of a withdrawn text: what finds them, what does not, and what they give away."""

import gzip
import io
import zipfile
from datetime import UTC, datetime

import pytest

from gateway.plan import OVERTAKEN
from service.proof.marks import (
    OF,
    RUN,
    Marker,
    Marks,
    decode,
    encode,
    kinds,
    own,
    together,
    without,
)
from service.proof.unrecalled import Unrecalled, in_words, is_in_hands
from service.proof.unwrapping import DEEPEST, Unwrapped, as_text
from service.proof.words import readings, words
from tamizdat.article import Article, ArticleId, Picture, SafeHtml, Section
from tamizdat.digest import digest
from tamizdat.letter import GatewayId, LetterState, Posting

AT = datetime(2026, 10, 1, tzinfo=UTC)
TEXT = " ".join(f"word{number}" for number in range(200))
PICTURE = digest(b"a picture")


def article(html: str = f"<p>{TEXT}</p>", title: str = "The ferry at night") -> Article:
    picture = Picture(
        sha256=PICTURE, extension="jpg", length=9, width=1, height=1, alt="A pier without lamps"
    )
    return Article(
        id=ArticleId("aaaaaaaaaaaaa"),
        revision=1,
        language="en",
        title=title,
        html=SafeHtml(html),
        summary="",
        authors=("Mira Holm",),
        section=Section(slug="sea", name="Sea"),
        tags=("lorries",),
        published=AT,
        updated=AT,
        pictures=(picture,),
    )


MARKER = Marker(b"a salt of this newsroom")
MARKS = MARKER.marks(article())


def found(text: str, marks: Marks = MARKS) -> set[str]:
    hits = {hit for one in readings(text) for hit in MARKER.found(words(one), marks)}
    return set(kinds(marks, hits))


def test_any_twenty_words_in_a_row_are_found() -> None:
    said = TEXT.split()
    length = RUN + OF - 1

    pieces = [" ".join(said[at : at + length]) for at in range(len(said) - length)]

    assert all(found(f"before {piece} after") == {"text"} for piece in pieces)


@pytest.mark.parametrize(
    "spelled",
    [
        TEXT.upper(),
        "\r\n\r\n".join(TEXT.split()),
        TEXT.replace(" ", "&nbsp;"),
        TEXT.replace("word", "w<b>or</b>d"),
        TEXT.replace("word", "wo\u00adr\u200bd"),
        TEXT.replace(" ", "</p><p class='x'>"),
        f"&lt;p&gt;{TEXT}&lt;/p&gt;",
        f"&amp;lt;p&amp;gt;{TEXT.replace(' ', '&amp;#32;')}",
        TEXT.replace("w", "\\u0077"),
        TEXT.replace(" ", "%20"),
        f"<!-- {TEXT} -->",
        f'<img alt="{TEXT}">',
        TEXT.replace("word", "ｗｏｒｄ"),
    ],
)
def test_another_spelling_hides_nothing(spelled: str) -> None:
    assert found(spelled) == {"text"}


def test_what_is_marked_as_a_whole_is_told_by_its_kind() -> None:
    said = "The FERRY, at night: Mira&nbsp;Holm. <i>A pier</i> without lamps; lorries"

    kinds_found = found(said)

    assert kinds_found == {"title", "byline", "picture's description", "tag"}


def test_what_is_too_short_to_look_for_is_not() -> None:
    assert found("The sea, the sea") == set()


def test_scripts_without_spaces_are_cut_into_letters() -> None:
    marks = MARKER.marks(article(html="<p>渡船停在码头上没有人知道为什么今天早上灯也没有亮。</p>"))

    assert found("昨天渡船停在码头上没有人知道为什么今天早上灯也没有亮了", marks) == {"text"}


def test_words_of_another_text_are_not_found() -> None:
    other = " ".join(f"other{number}" for number in range(500))

    assert found(other) == set()


def test_no_word_stands_in_what_is_kept_and_few_runs_do() -> None:
    kept = encode(MARKS)

    assert "word" not in kept
    assert "Mira" not in kept
    assert len(MARKS.runs) < len(TEXT.split()) / 5
    assert decode(kept) == MARKS


def test_what_others_say_as_well_is_not_looked_for() -> None:
    hits = MARKER.found(words("Mira Holm"), MARKS) | MARKER.found(words(TEXT), MARKS)

    left = without(MARKS, hits)

    assert found("Mira Holm", left) == set()
    assert found("The ferry at night", left) == {"title"}
    assert left.runs == frozenset()


def test_many_are_looked_for_at_once_and_told_apart() -> None:
    other = MARKER.marks(article(title="Bread is dear", html="<p>Nothing.</p>"))
    both = together([MARKS, other])

    hits = MARKER.found(words("Bread is dear"), both)

    assert kinds(other, own(other, hits)) == ("title",)
    assert own(MARKS, hits) == frozenset()


def test_another_newsroom_marks_otherwise() -> None:
    other = Marker(b"another salt").marks(article())

    assert not MARKS.runs & other.runs
    assert not MARKS.pictures & other.pictures


def test_files_in_files_are_opened_as_deep_as_told() -> None:
    body = TEXT.encode()
    for _ in range(DEEPEST + 1):
        body = gzip.compress(body)
    opened = Unwrapped()

    pieces = list(opened.pieces("f", body))

    assert len(pieces) == DEEPEST + 1
    assert opened.shut == [f"f{'!gz' * DEEPEST}: files lie too deep in files"]


def test_a_bomb_is_told_and_not_followed() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 100_000)
    opened = Unwrapped(left=50_000)

    pieces = list(opened.pieces("f", kept.getvalue()))

    assert len(pieces) == 1
    assert opened.shut == ["f!a: is too big"]


@pytest.mark.parametrize("body", [b"PK\x03\x04 broken", b"\x1f\x8b\x08 broken"])
def test_what_cannot_be_opened_is_told(body: bytes) -> None:
    opened = Unwrapped()

    pieces = list(opened.pieces("f", body))

    assert len(pieces) == 1
    assert len(opened.shut) == 1


def test_digests_and_signatures_are_no_files() -> None:
    body = (digest(b"1") + digest(b"2")).encode()

    assert len(list(Unwrapped().pieces("f", body))) == 1
    assert as_text(b"\xff\xfea\x00") == "a"


def test_what_nobody_can_call_back_is_said_in_words() -> None:
    said = in_words(Unrecalled(letters={"swan": 1, "tern": 3}, bundles=("html", "zip")))

    assert said == (
        "1 letter to swan",
        "3 letters to tern",
        "Bundles that readers took: html, zip",
    )
    assert in_words(Unrecalled()) == ()


@pytest.mark.parametrize(
    ("state", "detail", "attempts", "may"),
    [
        (LetterState.QUEUED, "", 0, False),
        (LetterState.SENT, "250", 1, True),
        (LetterState.VERIFIED, "", 1, True),
        (LetterState.ALTERED, "", 1, True),
        (LetterState.LOST, "550", 1, False),
        (LetterState.LOST, OVERTAKEN, 0, False),
        (LetterState.LOST, OVERTAKEN, 1, True),  # it was handed over, and its feed never told
    ],
)
def test_a_letter_that_was_handed_over_may_be_in_hands(
    state: LetterState, detail: str, attempts: int, *, may: bool
) -> None:
    one = Posting(
        gateway=GatewayId("swan"),
        article=ArticleId("abcdefghijkl2"),
        revision=1,
        urn="urn:uuid:1",
        message_id="<1@x>",
        sha256=PICTURE,
        length=100,
        lean=None,
        state=state,
        queued=AT,
        due=AT,
        detail=detail,
        attempts=attempts,
    )

    assert is_in_hands(one) is may
