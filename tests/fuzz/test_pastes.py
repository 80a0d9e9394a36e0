"""Pastes of any pieces: cleaned or refused, and what is cleaned runs nothing."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as some

from feeds.incoming import no_pictures
from feeds.pasting import paste
from tamizdat.errors import SourceError
from tests.kit.pastes import ROWS, SAMPLES, SECRET
from tests.unit.feeds.test_in_hostile import is_calm

TAGS = some.sampled_from(
    str.split(
        "p b span ul ol li a sup del ins div td table tr o:p w:del v:shape img form h1 br pre"
    )
)
MARKS = some.sampled_from(
    [
        "",
        " style='mso-list:l0 level1 lfo1'",
        " style='mso-list:l0 level9 lfo1'",
        " style='mso-list:Ignore'",
        " style='font-weight:700;vertical-align:super'",
        " style='mso-element:comment'",
        " class=msoDel",
        " class=from_name",
        " dir=RTL lang=FA",
        " href='#_ftn1'",
        " href='#cmnt1'",
        " href='#cmnt_ref1'",
        " id=docs-internal-guid-1",
        " hidden",
        " src=data:image/png;base64,AA",
    ]
)
OPENED = some.builds(lambda tag, mark: f"<{tag}{mark}>", TAGS, MARKS)
CLOSED = some.builds(lambda tag: f"</{tag}>", TAGS)
TEXT = some.sampled_from(
    ["[1]", "·", "1.", "a", "\xa0\xa0", "می‌خواهم", "<", "&", "\x00", "]]>", "-->"]
)
PIECES = OPENED | OPENED | CLOSED | TEXT | some.sampled_from(ROWS)
WHOLE = some.lists(PIECES | some.sampled_from([one.html for one in SAMPLES]), max_size=25)


@settings(max_examples=400)
@given(pieces=WHOLE)
def test_a_paste_of_any_pieces_is_cleaned_or_refused(pieces: list[str]) -> None:
    with suppress(SourceError):
        found = paste("".join(pieces), language="en", pictures=no_pictures)

        assert is_calm(found.html)
        assert paste(found.html, language="en", pictures=no_pictures).removed == ()


@settings(max_examples=200)
@given(before=some.lists(OPENED, max_size=6), after=some.lists(CLOSED, max_size=6))
def test_what_was_deleted_never_comes_back(before: list[str], after: list[str]) -> None:
    html = f"{''.join(before)}<del cite='mailto:A'>{SECRET}</del>{''.join(after)}"

    assert SECRET not in paste(html, language="en", pictures=no_pictures).html
