"""Letters to the newsroom: the texts in them, and nothing of who sent them."""

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.incoming import Incoming, SetAside
from feeds.intake import take
from feeds.sources import letter
from tamizdat.errors import SourceError
from tests.kit.docx import docx, paragraph
from tests.kit.images import jpeg
from tests.unit.feeds.test_in_intake import NOW

SENDER = "zofia@private.example"
PERSIAN = "می‌خواهم بدانم"


def message(text: str = "First.\n\nSecond.", subject: str = "Fwd: The ferry") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = f"Zofia Planted <{SENDER}>", "secret@paper.example"
    made["Subject"], made["Message-ID"] = subject, "<1.zofias-laptop@private.example>"
    made["Date"] = "Thu, 26 Nov 2026 02:00:00 +0545"
    made["Received"] = "from zofias-laptop ([203.0.113.77])"
    made["X-Mailer"] = "Zofia's Mail"
    made.set_content(text)
    return made


def attach(made: EmailMessage, name: str, body: bytes, kind: str = "octet-stream") -> EmailMessage:
    made.add_attachment(body, maintype="application", subtype=kind, filename=name)
    return made


def arrived(made: EmailMessage) -> list[Incoming | SetAside]:
    return list(letter.read(made.as_bytes()))


def test_a_letter_is_its_subject_and_its_text() -> None:
    (found,) = arrived(message())

    assert isinstance(found, Incoming)
    assert (found.title, found.authors, found.published) == ("The ferry", (), None)
    assert found.html == "<p>First.</p><p>Second.</p>"


def test_nothing_of_its_headers_but_the_subject_comes_along() -> None:
    made = attach(message(), f"{SENDER}.docx", docx(paragraph("Told."), told=SENDER))

    (found,) = arrived(made)

    assert isinstance(found, Incoming)
    taken = take(found, salt=b"s", default_language="en", now=NOW)
    said = f"{taken.article!r} {taken.removed!r} {found!r}"
    for planted in (SENDER, "Planted", "laptop", "203.0.113.77", "Mail", "0545"):
        assert planted not in said


def test_html_comes_with_the_pictures_it_shows_and_others_after_it() -> None:
    made = message()
    made.add_alternative(f'<p dir="rtl">{PERSIAN}</p><img src="cid:one">', subtype="html")
    for part in made.iter_parts():
        if part.get_content_type() == "text/html":
            part.add_related(jpeg(1, told=SENDER), maintype="image", subtype="jpeg", cid="<one>")
    made.make_mixed()
    made.add_attachment(jpeg(2), maintype="image", subtype="jpeg", filename="zofia.jpg")

    (found,) = arrived(made)

    assert isinstance(found, Incoming)
    taken = take(found, salt=b"s", default_language="fa", now=NOW)
    assert len(taken.pictures) == 2
    assert PERSIAN in taken.article.html
    assert not any(SENDER.encode() in body for body in taken.pictures)


def test_documents_are_taken_one_by_one_and_others_say_why_not() -> None:
    made = attach(message(), "a.docx", docx(paragraph("One.")))
    attach(made, "b.md", b"---\ntitle: Two\n---\nText.")
    attach(made, "c.html", b"<title>Three</title><p>Text.</p>")
    attach(made, "zofias.pdf", b"%PDF-1.7")
    attach(made, "d.md", b"\xff\xfe")

    found = arrived(made)

    titles = [one.title for one in found if isinstance(one, Incoming)]
    aside = {one.label: one.reason for one in found if isinstance(one, SetAside)}
    assert titles == ["", "Two", "Three"]
    assert aside.keys() == {"attached .pdf", "attached .md"}


def test_the_same_letter_is_the_same_article() -> None:
    (first,), (second,) = arrived(message()), arrived(message("Changed."))

    assert isinstance(first, Incoming)
    assert isinstance(second, Incoming)
    assert first.key == second.key


def test_what_holds_no_text_is_told_so() -> None:
    made = EmailMessage()
    made.set_content(b"\x00", maintype="application", subtype="octet-stream")

    with pytest.raises(SourceError, match="holds no text"):
        arrived(made)


def test_a_letter_of_too_many_parts_is_refused() -> None:
    made = message()
    for number in range(letter.MAX_PARTS + 1):
        attach(made, f"{number}.bin", b"")

    with pytest.raises(SourceError, match="too many parts"):
        arrived(made)


@given(st.binary(max_size=400), st.integers(0, 900))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_letter_or_one_line(noise: bytes, place: int) -> None:
    whole = message().as_bytes()
    body = whole[:place] + noise + whole[place:]

    try:
        said = str(len(list(letter.read(body))))
    except SourceError as error:
        said = str(error)

    assert said
    assert "\n" not in said
