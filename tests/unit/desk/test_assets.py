"""Our style and our script: how large, and whether colours can be told apart and read."""

import re

import pytest

from desk.assets import EDITOR, SCRIPT, SCRIPT_LIMIT, STYLE, Asset
from desk.gate import HEADERS, patience
from desk.rules import is_public

CSS = STYLE.body.decode()
JS = SCRIPT.body.decode()
WRITING = EDITOR.body.decode()
STATES = [
    ("o", "of"),
    ("s", "sf"),
    ("q", "qf"),
    ("qh", "qf"),
    ("b", "bf"),
    ("t", "tf"),
    ("d", "df"),
]
TEXTS = [("card", "ink"), ("card", "mute"), ("paper", "mute"), ("card", "link"), ("card", "b"),
         ("paper", "b"), ("hair", "mute"), ("card", "n")]  # fmt: skip


def tokens(scheme: str) -> dict[str, str]:
    """The colours of a scheme by name."""
    light, _, rest = CSS.partition("@media(prefers-color-scheme:dark)")
    dark = rest.partition("}}")[0]
    colours = dict(re.findall(r"--([a-z]+):(#[0-9a-f]{3,6})", light))
    return colours | dict(
        re.findall(r"--([a-z]+):(#[0-9a-f]{3,6})", dark if scheme == "dark" else "")
    )


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("script", [SCRIPT, EDITOR], ids=["desk", "editor"])
def test_a_script_stays_small(script: Asset) -> None:
    assert len(script.body) < SCRIPT_LIMIT


def test_the_editor_s_script_keeps_nothing_and_never_reads_what_is_pasted() -> None:
    kept = r"localStorage|sessionStorage|indexedDB|caches\.|document\.cookie|pushState"
    ran = r"\beval\b|\bFunction\b|DOMParser|createContextualFragment|document\.write"

    assert not re.search(f"{kept}|{ran}", WRITING)
    assert re.findall(r"replaceState\((\w+)", WRITING) == ["null"]
    assert re.findall(r"innerHTML = ([\w.]+)", WRITING) == ["back.cautions"]


def test_the_script_keeps_nothing_of_a_story_and_runs_no_text() -> None:
    assert re.findall(r"localStorage\.(\w+)", JS) == ["keys", "keys"]
    assert not re.search(r"\beval\b|\bFunction\b|document\.cookie|sessionStorage|indexedDB", JS)


def test_nothing_is_asked_from_elsewhere() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    assert not re.findall(r"""['"`]https?://(?!')""", JS + WRITING)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ground", "text"), STATES + TEXTS)
def test_text_can_be_read(ground: str, text: str, scheme: str) -> None:
    colours = tokens(scheme)

    assert contrast(colours[ground], colours[text]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_what_is_filled_in_can_be_seen(scheme: str) -> None:
    colours = tokens(scheme)

    assert contrast(colours["card"], colours["edge"]) >= 3


def test_the_address_of_an_asset_changes_with_its_bytes() -> None:
    assert re.fullmatch(r"/assets/[0-9a-f]{16}/desk\.css", STYLE.path)
    assert SCRIPT.path.split("/")[2] != STYLE.path.split("/")[2]


def test_the_policy_lets_nothing_foreign_in() -> None:
    policy = HEADERS["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    ("method", "path", "seconds"),
    [
        ("GET", "/board/events", None),
        ("GET", "/board", 30),
        ("POST", "/board/cell/x/IR/look", 150),
        ("POST", "/stories/new", 600),
        ("GET", "/stories/new", 30),
    ],
)
def test_every_request_has_its_time(method: str, path: str, seconds: float | None) -> None:
    assert patience(method, path) == seconds


@pytest.mark.parametrize("path", ["/", "/board", "/sign-in/x", "/joined", "/stories/new", "/keys"])
def test_pages_inside_are_closed(path: str) -> None:
    assert not is_public("GET", path)
