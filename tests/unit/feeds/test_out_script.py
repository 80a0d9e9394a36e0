"""The one script on a page of ours: allowed by its hash, there only where tokens are."""

import base64
import hashlib
import re

from feeds.page import ways_page
from feeds.script import opener
from tests.unit.feeds import press

HINTS = ('https://a.example/"><b>', "https://b.example/")


def page() -> str:
    return ways_page(press.paper(), "https://here.example/", HINTS, tokens=True).decode()


def test_a_browser_runs_it_and_no_other() -> None:
    (text,) = re.findall(r"<script>(.*?)</script>", page(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    assert f"script-src 'sha256-{digest}';connect-src 'self';" in page()
    assert text == opener().text
    assert "</" not in text
    assert not re.search(r"\beval\b|innerHTML|Function\(|\bimport\b", text)


def test_it_is_small_and_bears_no_remarks() -> None:
    assert len(opener().text.encode()) < 8000
    assert "//" not in opener().text.replace("https?:\\/\\/", "")


def test_the_addresses_beside_it_are_escaped() -> None:
    assert "<b>" not in page()
    assert "https://a.example/" in page()


def test_where_nothing_is_handed_out_no_script_is_there() -> None:
    body = ways_page(press.paper(), "https://here.example/", HINTS).decode()

    assert "<script" not in body
    assert "script-src" not in body
