"""Pictures with a tale to tell: camera, place and words in every corner that formats have."""

from io import BytesIO

from PIL import Image, PngImagePlugin

SIZE = (360, 240)


def pattern(seed: int) -> Image.Image:
    """A picture that no other seed gives, and that compresses little."""
    picture = Image.new("RGB", SIZE)
    values = [((x * x + seed * y) % 251, (x * y + seed) % 241, (x + y * y * seed) % 239)
              for y in range(SIZE[1]) for x in range(SIZE[0])]  # fmt: skip
    picture.putdata(values)
    return picture


def jpeg(seed: int, *, told: str = "") -> bytes:
    """A JPEG; `told` stands in EXIF, GPS, XMP and the comment."""
    out = BytesIO()
    picture = pattern(seed)
    if not told:
        picture.save(out, "JPEG", quality=85)
        return out.getvalue()
    exif = Image.Exif()
    exif[0x010F], exif[0x9286], exif[0x013B] = told, told, told
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[29] = "N", (41.0, 24.0, 12.5), told
    picture.save(
        out,
        "JPEG",
        quality=85,
        exif=exif,
        comment=told.encode(),
        xmp=f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{told}</x:xmpmeta>'.encode(),
    )
    return out.getvalue()


def png(seed: int, *, told: str = "") -> bytes:
    """A PNG; `told` stands in its text chunks, compressed and not, and in EXIF."""
    out = BytesIO()
    words = PngImagePlugin.PngInfo()
    exif = Image.Exif()
    if told:
        words.add_text("Comment", told)
        words.add_text("Author", told, zip=True)
        words.add_itxt("XML:com.adobe.xmp", told)
        exif[0x010F] = told
    pattern(seed).save(out, "PNG", pnginfo=words, exif=exif)
    return out.getvalue()


def pdf(told: str) -> bytes:
    """A PDF that says `told` in its text, and of who made it in its dictionary and its XMP."""
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{told}</dc:creator></x:xmpmeta>'
    text = f"BT /F1 12 Tf 72 720 Td ({told}) Tj ET"
    parts = [
        "<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream",
        f"<</Type/Metadata/Subtype/XML/Length {len(xmp)}>>stream\n{xmp}\nendstream",
        f"<</Author({told})/Creator({told})/Title({told})>>",
    ]
    body = "".join(f"{n} 0 obj\n{part}\nendobj\n" for n, part in enumerate(parts, 1))
    return f"%PDF-1.7\n{body}trailer<</Root 1 0 R/Info 6 0 R>>\n%%EOF".encode()
