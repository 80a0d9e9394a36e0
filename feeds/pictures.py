"""A picture, rebuilt from its pixels: nothing else of the file that came in survives."""

import logging
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageOps

from tamizdat.errors import SourceError

# Pillow logs the camera, place and words that it finds in a picture.
logging.getLogger("PIL").setLevel(logging.ERROR)

MAX_BYTES = 50 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 1200
"""The longer side of what comes out, in pixels."""

_EXTENSIONS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp"}
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """Pixels in a new file; `width` and `height` are in pixels."""

    body: bytes
    extension: str
    width: int
    height: int


def rebuild(body: bytes) -> Rebuilt:
    """The picture in `body` (JPEG, PNG, WebP), upright, sRGB, at most 1200 pixels wide and high.

    The same bytes always give the same bytes. Of an animation, the first frame stays. Raises
    SourceError for anything else, and for what is larger than MAX_BYTES or MAX_PIXELS.
    """
    if len(body) > MAX_BYTES:
        raise SourceError(f"picture is over {MAX_BYTES // 1024**2} MB: make it smaller")
    try:
        with Image.open(BytesIO(body), formats=("JPEG", "PNG", "WEBP")) as image:
            extension = _EXTENSIONS[image.format or ""]
            pixels = _pixels(image)
        return Rebuilt(
            body=_encoded(pixels, extension),
            extension=extension,
            width=pixels.width,
            height=pixels.height,
        )
    except _BROKEN as error:
        raise SourceError("picture is no sound JPEG, PNG or WebP: save it anew") from error


def as_rebuilt(body: bytes) -> Rebuilt:
    """A picture that `rebuild` made before, told again by its bytes."""
    try:
        with Image.open(BytesIO(body), formats=("JPEG", "PNG", "WEBP")) as image:
            return Rebuilt(
                body=body,
                extension=_EXTENSIONS[image.format or ""],
                width=image.width,
                height=image.height,
            )
    except _BROKEN as error:
        raise SourceError("picture is damaged here: bring it in again") from error


def _pixels(image: Image.Image) -> Image.Image:
    """A new image that has the look of `image` and none of its chunks, profiles or comments."""
    if image.width * image.height > MAX_PIXELS:
        raise SourceError(f"picture has over {MAX_PIXELS // 10**6} megapixels: make it smaller")
    image.draft(None, (MAX_SIDE, MAX_SIDE))
    upright = _standard(ImageOps.exif_transpose(image))
    upright.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return Image.frombytes(upright.mode, upright.size, _unhidden(upright).tobytes())


def _standard(image: Image.Image) -> Image.Image:
    """`image` in sRGB, as L, RGB or RGBA."""
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if mode == "RGB" and image.mode in {"1", "L"}:
        mode = "L"
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and image.mode in {"RGB", "RGBA", "CMYK"}:
        image = _managed(image, profile)
    return image.convert(mode)


def _managed(image: Image.Image, profile: bytes) -> Image.Image:
    """`image` in sRGB by its own profile; as it is, where the profile is unsound."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        managed = ImageCms.profileToProfile(image, source, _srgb(), outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return image
    return managed or image


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _unhidden(image: Image.Image) -> Image.Image:
    """`image` without the colours under wholly transparent pixels: an eraser leaves them there."""
    if image.mode != "RGBA":
        return image
    seen = image.getchannel("A").point(lambda alpha: 255 if alpha else 0)
    return Image.composite(image, Image.new("RGBA", image.size), seen)


def _encoded(image: Image.Image, extension: str) -> bytes:
    out = BytesIO()
    if extension == "jpg":
        options: dict[str, Any] = {"quality": 72, "optimize": True, "progressive": True}
        image.convert("L" if image.mode == "L" else "RGB").save(out, "JPEG", **options)
    elif extension == "png":
        _palette(image).save(out, "PNG", optimize=True)
    else:
        image.save(out, "WEBP", quality=60, method=4)
    return out.getvalue()


def _palette(image: Image.Image) -> Image.Image:
    """`image` with a palette where that loses nothing."""
    if image.mode != "RGB" or image.getcolors(256) is None:
        return image
    small = image.convert("P", palette=Image.Palette.ADAPTIVE, colors=256)
    return small if small.convert("RGB").tobytes() == image.tobytes() else image
