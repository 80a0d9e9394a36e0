"""Word documents."""

import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.incoming import Incoming, SetAside
from feeds.intake import take
from feeds.sources import docx
from feeds.sources.wordml import MAX_DEPTH
from tamizdat.errors import SourceError
from tests.kit.docx import SPACES, paragraph, picture, point, run, tracked
from tests.kit.docx import docx as made
from tests.kit.images import jpeg
from tests.unit.feeds.test_in_intake import NOW

TOLD = "Zofia-Planted-77"


def came(body: str, **more: object) -> Incoming:
    return docx.document(made(body, **more), key="a.docx")  # type: ignore[arg-type]


def clean(body: str, **more: object) -> str:
    taken = take(came(body, **more), salt=b"s", default_language="en", now=NOW)
    return str(taken.article.html)


def test_a_text_keeps_its_structure() -> None:
    body = (
        paragraph("The Heron", style="Titel")
        + paragraph("A part", style="berschrift1")
        + paragraph(run("Plain, ") + run("loud", "<w:b/>") + run(" and ", '<w:b w:val="0"/>')
                    + run("leaning", "<w:i/>"))
        + paragraph("Said she", style="Zitat")
        + paragraph("Smaller", style="berschrift2")
    )  # fmt: skip

    found = came(body)

    assert found.title == "The Heron"
    assert clean(body) == (
        "<h2>A part</h2><p>Plain, <strong>loud</strong> and <em>leaning</em></p>"
        "<blockquote><p>Said she</p></blockquote><h3>Smaller</h3>"
    )


def test_runs_that_are_marked_alike_are_one() -> None:
    low = run("2", '<w:vertAlign w:val="subscript"/>')
    strong = run("O", '<w:rStyle w:val="Fett"/>')
    body = paragraph(run("mo", "<w:b/>") + run("re", "<w:b/>") + run("H") + low + strong)

    assert clean(body) == "<p><strong>more</strong>H<sub>2</sub><strong>O</strong></p>"


def test_lists_stand_within_lists() -> None:
    body = point("one") + point("first", 1) + point("second", 1) + paragraph("") + point("two")

    assert clean(body + paragraph("after")) == (
        "<ul><li>one<ol><li>first</li><li>second</li></ol></li><li>two</li></ul><p>after</p>"
    )


def test_a_list_by_style_is_a_list() -> None:
    assert "<li>deep</li>" in clean(paragraph("deep", style="Liste2"))


def test_a_table_is_a_table() -> None:
    row = "<w:tr><w:trPr>{}</w:trPr>{}</w:tr>"
    cell = "<w:tc><w:tcPr>{}</w:tcPr>{}</w:tc>"
    head = cell.format('<w:gridSpan w:val="2"/>', paragraph("Prices"))
    body = f"<w:tbl>{row.format('<w:tblHeader/>', head)}" + row.format(
        "", cell.format("", paragraph("bread")) + cell.format("", point("a") + point("b"))
    )

    found = clean(body + "</w:tbl>")

    assert '<th colspan="2">Prices</th>' in found
    assert "<td>bread</td><td><ul><li>a</li><li>b</li></ul></td>" in found


def test_links_are_links_however_word_spells_them() -> None:
    complex_one = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK '
        '"https://b.example/" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + run("two") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>' + run("!")
    )  # fmt: skip
    body = (
        paragraph(f'<w:hyperlink r:id="rId9">{run("one")}</w:hyperlink>')
        + paragraph(complex_one)
        + paragraph(f'<w:fldSimple w:instr="HYPERLINK &quot;https://c.example/&quot;">{run("three")}'
                    "</w:fldSimple>")
        + paragraph(f'<w:hyperlink r:id="rId8">{run("bad")}</w:hyperlink>')
    )  # fmt: skip

    found = clean(body, links={"rId9": "https://a.example/", "rId8": "javascript:alert(1)"})

    assert '<a href="https://a.example/"' in found
    assert '<a href="https://b.example/"' in found
    assert ">two</a>!" in found
    assert '<a href="https://c.example/"' in found
    assert "<p>bad</p>" in found


def test_a_picture_comes_along_rebuilt() -> None:
    seen = paragraph(run("Seen: ") + picture("rId5", "a boat"))
    taken = take(
        came(seen, media={"rId5": jpeg(1, told=TOLD)}),
        salt=b"s",
        default_language="en",
        now=NOW,
    )

    assert [one.alt for one in taken.article.pictures] == ["a boat"]
    assert TOLD.encode() not in taken.pictures[0]


def test_a_picture_that_lies_elsewhere_is_named() -> None:
    found = came(paragraph(picture("rId9", "a spy")), links={"rId9": "https://spy.example/1.png"})

    assert "img" not in found.html
    assert "picture that lies elsewhere" in found.dropped


def test_footnotes_stand_at_the_end() -> None:
    inner = f'<w:footnote w:id="2">{paragraph("A source")}</w:footnote>'
    note = f"<w:footnotes {SPACES}>{inner}</w:footnotes>"
    body = paragraph(run("Claim") + '<w:r><w:footnoteReference w:id="2"/></w:r>')

    found = clean(body, parts={"word/footnotes.xml": note})

    assert found == "<p>Claim<sup>1</sup></p><hr><ol><li>A source</li></ol>"


def test_nothing_of_what_word_knows_besides_comes_along() -> None:
    body = paragraph("The text.") + tracked(TOLD)

    taken = take(came(body, told=TOLD), salt=b"s", default_language="en", now=NOW)

    assert TOLD not in f"{taken.article!r}{taken.removed!r}"
    assert "put in" in taken.article.html
    assert Counter(taken.removed) == {
        "metadata of the document (who wrote it, when, with what)": 1,
        "comment": 1,
        "text that was deleted, as a tracked change": 1,
        "text that was moved away, as a tracked change": 1,
        "mark of a tracked change, taken as accepted": 1,
        "hidden text": 1,
        "text of page headers and footers": 1,
        "name of who changed the document": 1,
    }


def test_text_in_a_box_is_told_once() -> None:
    box = f"<w:txbxContent>{paragraph('In the box')}</w:txbxContent>"
    both = (
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )

    assert clean(paragraph(run("Before") + both)) == "<p>Before</p><p>In the box</p>"


def test_boxes_within_boxes_are_each_read_once() -> None:
    inner = paragraph("core")
    for number in range(30):
        drawn = f"<w:r><w:drawing><w:txbxContent>{inner}</w:txbxContent></w:drawing></w:r>"
        inner = paragraph(run(f"layer{number}") + drawn)

    found = came(inner).html

    assert found.count("core") == 1
    assert all(found.count(f">layer{number}<") == 1 for number in range(30))


def test_persian_keeps_its_joiners_and_its_direction() -> None:
    body = paragraph(run("می‌خواهم بدانم", "<w:rtl/>"), asks="<w:bidi/>")

    found = came(body)

    assert found.language == "fa"
    assert "می\u200cخواهم" in clean(body)


def test_a_language_that_is_not_written_so_is_not_believed() -> None:
    assert came(paragraph(run("سلام دنیا", '<w:lang w:bidi="en-US"/>'))).language is None
    assert came(paragraph(run("привет", '<w:lang w:val="ru-RU"/>'))).language == "ru"


def test_text_is_never_markup() -> None:
    body = paragraph("&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;b&amp;gt;")

    assert clean(body) == "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;b&amp;gt;</p>"


def deep(count: int) -> str:
    return "<w:tbl><w:tr><w:tc>" * count + paragraph("down") + "</w:tc></w:tr></w:tbl>" * count


def bomb() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 200 * 1024 * 1024)
    return out.getvalue()


def crowd() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(docx.MAX_MEMBERS + 1):
            archive.writestr(str(number), b"")
    return out.getvalue()


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    f"<w:document {SPACES}><w:body>{paragraph('&b;')}</w:body></w:document>"
)
OUTSIDE = (
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    f"<w:document {SPACES}><w:body>{paragraph('&a;')}</w:body></w:document>"
)
REFUSED = [
    (b"", "is no Word document"),
    (b"PK\x03\x04rest", "is no Word document"),
    (b"%PDF-1.7 and so on", "is a PDF"),
    (b"\xd0\xcf\x11\xe0 and so on", "old Word file"),
    (made("", parts={"word/document.xml": "<w:document"}), "damaged"),
    (made("", parts={"word/document.xml": LAUGHS}), "document type"),
    (made("", parts={"word/document.xml": OUTSIDE}), "document type"),
    (made(deep(400)), "damaged"),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED)
def test_what_is_no_document_is_told_in_one_line(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        docx.document(body, key="a.docx")


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(SourceError, match="over 24 MB"):
        docx.document(bomb(), key="a.docx")


def test_a_file_of_too_many_parts_is_refused() -> None:
    with pytest.raises(SourceError, match="parts"):
        docx.document(crowd(), key="a.docx")


def test_what_is_nested_too_deep_ends_there() -> None:
    found = came(deep(MAX_DEPTH + 2) + paragraph("after"))

    assert "after" in found.html
    assert found.dropped == ("box within boxes",)


@given(cut=st.integers(0, 4000), flip=st.integers(0, 255), place=st.integers(0, 4000))
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_an_article_or_one_line(cut: int, flip: int, place: int) -> None:
    body = bytearray(made(paragraph("The text.") + tracked("x"), told="y"))
    body[place % len(body)] ^= flip
    whole = bytes(body[: len(body) - cut % len(body)])

    try:
        said = docx.document(whole, key="a.docx").html
    except SourceError as error:
        said = str(error)

    assert said
    assert "\n" not in said


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(made(paragraph("One")))
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "c.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "~$a.docx").write_bytes(b"a lock of Word's")

    first, *aside = docx.read(tmp_path)

    assert isinstance(first, Incoming)
    assert first.key == "a.docx"
    told = {one.label: one.reason for one in aside if isinstance(one, SetAside)}
    assert told.keys() == {"b.pdf", "c.doc"}
    assert "bring its .docx" in told["b.pdf"]
