"""A QR code: an address that a telephone can read from a screen or from paper."""

from io import StringIO

import segno
from markupsafe import Markup, escape

QUIET = 4
"""Empty modules around the code (ISO/IEC 18004)."""


def square(address: str, label: str) -> Markup:
    """The code as inline SVG; `label` tells people who do not see it what it is."""
    code = segno.make_qr(address, error="m")
    drawing: str = code.svg_inline(border=QUIET, omitsize=True, svgclass=None, lineclass=None)
    named = drawing.replace("<svg ", f'<svg role=img aria-label="{escape(label)}" ', 1)
    return Markup(named)  # noqa: S704 - segno's drawing, and an escaped label


def blocks(text: str) -> str:
    """The code in block elements, for a terminal."""
    drawing = StringIO()
    segno.make_qr(text, error="m").terminal(out=drawing, border=QUIET, compact=True)
    return drawing.getvalue()
