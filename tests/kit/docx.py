"""Word documents, written by hand, part for part as Word does, with words planted anywhere."""

import zipfile
from io import BytesIO

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACES = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
STYLES = f"""<w:styles {SPACES}><w:docDefaults><w:rPrDefault><w:rPr>
<w:lang w:val="en-US" w:bidi="fa-IR"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Zitat"><w:name w:val="Quote"/></w:style>
<w:style w:type="paragraph" w:styleId="Liste2"><w:name w:val="List Bullet 2"/></w:style>
<w:style w:type="character" w:styleId="Fett"><w:name w:val="Strong"/></w:style></w:styles>"""
NUMBERING = f"""<w:numbering {SPACES}><w:abstractNum w:abstractNumId="5">
<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/>
</w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num></w:numbering>"""


def run(text: str, marks: str = "") -> str:
    """A run of letters; `marks` are its properties."""
    return f'<w:r><w:rPr>{marks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(inner: str, *, style: str = "", asks: str = "") -> str:
    """A paragraph of runs, or of plain text."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    inside = inner if inner.startswith("<") else run(inner)
    return f"<w:p><w:pPr>{named}{asks}</w:pPr>{inside}</w:p>"


def point(inner: str, level: int = 0) -> str:
    """A point of a list."""
    asks = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'
    return paragraph(inner, asks=asks)


def picture(link: str, alt: str = "") -> str:
    """A picture within a line."""
    return (
        f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="{alt}"/><a:graphic>'
        f'<a:graphicData><a:blip r:embed="{link}"/></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r>"
    )


def docx(
    body: str,
    *,
    links: dict[str, str] | None = None,
    media: dict[str, bytes] | None = None,
    parts: dict[str, str | bytes] | None = None,
    told: str = "",
) -> bytes:
    """A document with this body. `links` go elsewhere, `media` lie in it, by id.

    `told` is planted in everything that Word keeps beside the text.
    """
    rels = [
        f'<Relationship Id="{name}" Target="{place}" TargetMode="External" Type="{R}/hyperlink"/>'
        for name, place in (links or {}).items()
    ]
    rels += [
        f'<Relationship Id="{name}" Target="media/{name}.jpg" Type="{R}/image"/>'
        for name in (media or {})
    ]
    inside: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships><Relationship Id="rId1" Target="word/document.xml" '
        f'Type="{R}/officeDocument"/></Relationships>',
        "word/document.xml": f"<w:document {SPACES}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f"<Relationships>{''.join(rels)}</Relationships>",
        "word/styles.xml": STYLES,
        "word/numbering.xml": NUMBERING,
        **{f"word/media/{name}.jpg": picture for name, picture in (media or {}).items()},
        **(_beside(told) if told else {}),
        **(parts or {}),
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if told:
            archive.comment = told.encode()
        for name, content in inside.items():
            archive.writestr(name, content)
    return out.getvalue()


def _beside(told: str) -> dict[str, str | bytes]:
    """What Word keeps of people and machines."""
    by = f'w:author="{told}" w:initials="{told}"'
    return {
        "docProps/core.xml": f"<core><creator>{told}</creator><lastModifiedBy>{told}"
        f"</lastModifiedBy><title>{told}</title></core>",
        "docProps/app.xml": f"<app><Company>{told}</Company><Template>{told}</Template></app>",
        "docProps/custom.xml": f"<custom>{told}</custom>",
        "docProps/thumbnail.jpeg": told.encode(),
        "customXml/item1.xml": f"<x>{told}</x>",
        "word/comments.xml": f'<w:comments {SPACES}><w:comment w:id="0" {by}>'
        f"{paragraph(told)}</w:comment></w:comments>",
        "word/people.xml": f'<w15:people xmlns:w15="x"><w15:person w15:author="{told}"/>'
        "</w15:people>",
        "word/header1.xml": f"<w:hdr {SPACES}>{paragraph(told)}</w:hdr>",
        "word/settings.xml": f'<w:settings {SPACES}><w:attachedTemplate r:id="{told}"/>'
        f'<w:rsids><w:rsid w:val="{told}"/></w:rsids></w:settings>',
        "word/glossary/document.xml": f"<w:document {SPACES}>{told}</w:document>",
    }


def tracked(told: str) -> str:
    """Text that was deleted, moved, hidden and commented on, with who did it."""
    by = f'w:id="1" w:author="{told}" w:date="2026-01-01T00:00:00Z"'
    deleted = f"<w:del {by}><w:r><w:delText>{told}</w:delText></w:r></w:del>"
    moved = f"<w:moveFrom {by}>{run(told)}</w:moveFrom>"
    inserted = f"<w:ins {by}>{run('put in')}</w:ins>"
    hidden = run(told, "<w:vanish/>")
    comment = (
        f'<w:commentRangeStart w:id="0"/>{run("said")}<w:r><w:commentReference w:id="0"/></w:r>'
    )
    asks = f"<w:r><w:instrText>AUTHOR {told}</w:instrText></w:r>"
    code = f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{asks}'
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    return paragraph(deleted + moved + inserted + hidden + comment + code + end)
