"""The page that proves a file in any browser: one file, small, and with nothing from elsewhere."""

import base64
import hashlib
import json
import re
import tomllib
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from signing import words
from signing.browser_page import MAX_PAGE, TONGUES, page
from tamizdat.digest import digest

ROOT = digest(b"root")
LONGEST_NAME = "\U0001f4f0" * 80


def text(name: str = "The Tideline", first: str = "en") -> str:
    return page(ROOT, name, first).decode()


def element(name: str, whole: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", whole, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("name", ["The Tideline", LONGEST_NAME, '"' * 80, "<" * 80])
def test_the_page_is_small_whatever_the_newsroom_is_called(name: str) -> None:
    assert len(page(ROOT, name, "en")) <= MAX_PAGE


def test_the_policy_lets_in_its_own_script_and_style_only() -> None:
    whole = text()

    hashes = [
        base64.b64encode(hashlib.sha256(element(name, whole).encode()).digest()).decode()
        for name in ("script", "style")
    ]

    policy = (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert f'content="{policy}"' in whole


def test_nothing_is_fetched_and_nothing_is_young() -> None:
    whole = text()

    assert not re.search(r"\bsrc=|\bhref=|url\(|@import|fetch\(|XMLHttpRequest", whole)
    assert not re.search(r"BigInt|\d+n\b|\?\.|\?\?", element("script", whole))


def test_the_root_is_there_in_words_and_in_digits() -> None:
    listed = re.findall("<li>([a-z]+)", text())

    assert " ".join(listed) == words.spelled(ROOT)
    assert f'"root":"{ROOT}"' in text()


def test_every_language_says_everything() -> None:
    sources = files("signing") / "browser" / "words"
    loaded = [tomllib.loads((sources / f"{one}.toml").read_text()) for one in TONGUES]

    assert {tuple(one) for one in loaded} == {tuple(loaded[0])}
    assert all(value for one in loaded for value in one.values())
    assert all("{name}" in one["signed"] and "{name}" in one["other"] for one in loaded)


@pytest.mark.parametrize(
    ("first", "told"), [("en", "en"), ("fa", "fa"), ("zh-Hant", "zh-Hans"), ("sw", "en")]
)
def test_a_reader_of_no_language_of_ours_gets_the_newsrooms_or_english(
    first: str, told: str
) -> None:
    assert f'"first":"{told}"' in text(first=first)


class Reader(HTMLParser):
    """Collects the names of elements, and what the newsroom's element holds."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.told = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(dict(attrs).get("id") or tag)

    def handle_data(self, data: str) -> None:
        self.told += data if self.names[-1:] == ["newsroom"] else ""


def test_a_hostile_name_ends_no_element() -> None:
    name = '</script></title><img src=x onerror="alert(1)"><!--$policy'
    reader = Reader()

    reader.feed(text(name))

    assert "img" not in reader.names
    assert json.loads(reader.told)["name"] == name


def test_the_page_is_the_same_each_time() -> None:
    assert page(ROOT, "The Tideline", "en") == page(ROOT, "The Tideline", "en")
