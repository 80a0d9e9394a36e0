import re
from importlib.resources import files
from itertools import product

import pytest

from feeds.style import Kind, minified, style

KINDS: tuple[Kind, ...] = ("article", "rich", "front", "list", "notice", "single")
LEAST = 4.5
"""WCAG 2.2, 1.4.3: contrast of text."""


def _sheet() -> str:
    return files("feeds").joinpath("assets", "sheet.css").read_text("utf-8")


def _palettes() -> list[dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", _sheet(), re.DOTALL)
    return [dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})\b", block)) for block in blocks]


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _tinted(paper: str) -> str:
    tint, share = (0xB0, 0x90, 0x4A), 0x1A / 255
    parts = [int(paper[at : at + 2], 16) for at in (1, 3, 5)]
    mixed = (round(p + share * (t - p)) for p, t in zip(parts, tint, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark"])
def test_every_ink_can_be_read_on_paper_and_on_its_tint(palette: dict[str, str]) -> None:
    inks = [palette[name] for name in ("ink", "mute", "link", "mark")]
    papers = [palette["paper"], _tinted(palette["paper"])]

    contrasts = [_contrast(ink, paper) for ink, paper in product(inks, papers)]

    assert min(contrasts) >= LEAST


def test_the_tint_is_the_one_that_was_measured() -> None:
    room = files("feeds").joinpath("assets")
    tints = [
        tint
        for part in room.iterdir()
        for tint in re.findall(r"background: (#[0-9a-f]{8})", part.read_text("utf-8"))
    ]

    assert set(tints) == {"#b0904a1a"}


def test_minifying_keeps_what_spaces_mean() -> None:
    css = "/* note */ .a b , i:not(.c) { margin: 1rem auto; width: calc(1em + 2px) }"

    assert minified(css) == ".a b,i:not(.c){margin:1rem auto;width:calc(1em + 2px)}"


def test_minifying_names_tokens_by_one_letter() -> None:
    assert minified(":root { --paper: #fff } a { color: var(--paper) }") == (
        ":root{--a:#fff}a{color:var(--a)}"
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "fa", "zh-Hans"])
def test_a_style_defines_every_token_that_it_uses(kind: Kind, language: str) -> None:
    text = style(kind, language).text

    used = set(re.findall(r"var\((--[a-z]+)\)", text))

    assert used <= set(re.findall(r"(--[a-z]+):", text))
    assert text.count("{") == text.count("}")
    assert "/*" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_rules_know_start_and_end_not_left_and_right(kind: Kind) -> None:
    text = style(kind, "fa").text

    assert not re.search(
        r"(?:margin|padding|border)-(?:left|right)|text-align:(?:left|right)", text
    )
    assert not re.search(r"[;{](?:left|right):", text)
