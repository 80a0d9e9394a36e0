"""Pictures, rebuilt from pixels: what was planted in the file must be nowhere in what comes out."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from feeds.pictures import MAX_SIDE, rebuild
from tamizdat.errors import SourceError

MARK = "PLANTED-MARK"


def gradient(width: int = 64, height: int = 48) -> Image.Image:
    grey = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (grey, grey.transpose(Image.Transpose.ROTATE_180), grey))


def exif() -> Image.Exif:
    tags = Image.Exif()
    tags[0x010F] = f"{MARK} maker"
    tags[0x9286] = f"{MARK} comment"
    tags.get_ifd(0x8825).update({1: "N", 2: (35.0, 41.0, 21.0), 29: f"{MARK} gps"})
    return tags


def xmp() -> bytes:
    return f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{MARK} xmp</x:xmpmeta>".encode()


def icc() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + MARK.encode()


def segment(code: int, body: bytes) -> bytes:
    return bytes([0xFF, code]) + struct.pack(">H", len(body) + 2) + body


def jpeg() -> bytes:
    """EXIF with GPS, a thumbnail, COM, XMP, IPTC and ICC, and bytes after the end."""
    out = BytesIO()
    gradient().save(out, "JPEG", exif=exif(), xmp=xmp(), icc_profile=icc(), comment=f"{MARK} com")
    thumbnail = b"JFXX\x00\x10" + b"\xff\xd8" + MARK.encode() + b"\xff\xd9"
    iptc = (
        b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x11\x1c\x02\x78\x00\x0c" + MARK.encode()
    )
    extra = segment(0xE0, thumbnail) + segment(0xED, iptc + b"\x00")
    return out.getvalue()[:2] + extra + out.getvalue()[2:] + MARK.encode()


def png() -> bytes:
    out, info = BytesIO(), PngInfo()
    info.add_text("Comment", f"{MARK} tEXt")
    info.add_text("Long", f"{MARK} zTXt", zip=True)
    info.add_itxt("Author", f"{MARK} iTXt", lang="fa")
    info.add(b"prVt", MARK.encode())
    gradient().save(out, "PNG", pnginfo=info, exif=exif(), icc_profile=icc())
    return out.getvalue() + MARK.encode()


def webp() -> bytes:
    out = BytesIO()
    gradient().save(out, "WEBP", exif=exif(), xmp=xmp(), icc_profile=icc())
    return out.getvalue()


HARMLESS = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
HARMLESS |= {"loop", "background"}
PLANTED = [("jpg", jpeg()), ("png", png()), ("webp", webp())]


@pytest.mark.parametrize(("extension", "body"), PLANTED)
def test_nothing_planted_comes_out(extension: str, body: bytes) -> None:
    rebuilt = rebuild(body)

    with Image.open(BytesIO(rebuilt.body)) as image:
        info = {str(name) for name in image.info}
        assert not image.getexif()
        assert info <= HARMLESS
    assert MARK.encode() in body
    assert rebuilt.extension == extension
    for trace in (MARK.encode(), b"Exif", b"ICC", b"xmp", b"Photoshop", b"JFXX", b"tEXt", b"iTXt"):
        assert trace not in rebuilt.body


@pytest.mark.parametrize(("extension", "body"), PLANTED)
def test_the_same_bytes_give_the_same_bytes(extension: str, body: bytes) -> None:
    assert rebuild(body) == rebuild(body)
    assert rebuild(body).extension == extension


def test_a_picture_stands_upright() -> None:
    tags, out = Image.Exif(), BytesIO()
    tags[0x0112] = 6
    gradient(40, 20).save(out, "JPEG", exif=tags)

    rebuilt = rebuild(out.getvalue())

    assert (rebuilt.width, rebuilt.height) == (20, 40)


def test_a_large_picture_is_made_small() -> None:
    out = BytesIO()
    gradient(3000, 1500).save(out, "JPEG")

    rebuilt = rebuild(out.getvalue())

    assert (rebuilt.width, rebuilt.height) == (MAX_SIDE, MAX_SIDE // 2)


def test_what_an_eraser_left_under_transparency_is_gone() -> None:
    image, out = gradient().convert("RGBA"), BytesIO()
    image.putalpha(0)
    image.save(out, "PNG")

    with Image.open(BytesIO(rebuild(out.getvalue()).body)) as rebuilt:
        assert rebuilt.convert("RGBA").getcolors() == [(64 * 48, (0, 0, 0, 0))]


def test_few_colours_make_a_palette_and_lose_nothing() -> None:
    image, out = Image.new("RGB", (50, 50), "white"), BytesIO()
    image.paste((200, 10, 10), (0, 0, 25, 25))
    image.save(out, "PNG")

    with Image.open(BytesIO(rebuild(out.getvalue()).body)) as rebuilt:
        assert rebuilt.mode == "P"
        assert rebuilt.convert("RGB").tobytes() == image.tobytes()


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "I;16", "CMYK"])
def test_every_kind_of_pixel_is_read(mode: str) -> None:
    image = Image.new("I;16", (9, 9), 40_000) if mode == "I;16" else gradient(9, 9).convert(mode)
    out = BytesIO()
    image.save(out, "JPEG" if mode == "CMYK" else "PNG")

    assert rebuild(out.getvalue()).width == 9


def test_an_animation_is_its_first_frame() -> None:
    out = BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=50)

    with Image.open(BytesIO(rebuild(out.getvalue()).body)) as rebuilt:
        red, green, _ = rebuilt.convert("RGB").getpixel((9, 9))  # type: ignore[misc]
        assert getattr(rebuilt, "n_frames", 1) == 1
        assert (red > 200, green < 60) == (True, True)


def bomb(width: int, height: int) -> bytes:
    """A PNG that promises `width` times `height` pixels and holds a few bytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\x00" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def saved(kind: str) -> bytes:
    out = BytesIO()
    gradient().save(out, kind)
    return out.getvalue()


BAD = [
    ("nothing", b""),
    ("text", b"<html>no picture</html>"),
    ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ("GIF", saved("GIF")),
    ("BMP", saved("BMP")),
    ("TIFF", saved("TIFF")),
    ("a cut JPEG", jpeg()[:-600]),
    ("a cut PNG", saved("PNG")[:-60]),
    ("a PNG of too many pixels", bomb(8000, 6000)),
    ("a PNG of far too many pixels", bomb(60_000, 60_000)),
]


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in BAD])
def test_what_is_no_sound_picture_is_refused_in_one_line(body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        rebuild(body)

    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # how Pillow tells of bent EXIF
@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([jpeg(), png(), webp()]),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_a_damaged_picture_is_rebuilt_or_refused(
    body: bytes, damage: list[tuple[int, int]]
) -> None:
    bent = bytearray(body)
    for place, octet in damage:
        bent[place % len(bent)] = octet

    try:
        outcome = rebuild(bytes(bent)).body
    except SourceError as error:
        outcome = str(error).encode()

    assert MARK.encode() not in outcome
