"""Five hundred hostile texts, cleaned, in a real Chromium: no script runs, no request is made."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request, sync_playwright

from feeds.incoming import Incoming
from feeds.intake import take
from tests.browser.test_pages import SWITCHES
from tests.kit.hostile import TEXTS, corpus
from tests.unit.feeds.test_in_intake import NOW

pytestmark = pytest.mark.needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        yield browser
        browser.close()


def cleaned(html: str) -> str:
    came = Incoming(kind="desk", key="a", title="x", html=html)
    return take(came, salt=b"s", default_language="en", now=NOW).article.html


def test_no_script_runs_and_nothing_is_asked(browser: Browser) -> None:
    asked: list[str] = []
    texts = corpus()
    page = browser.new_page()

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    parts = "".join(f"<article>{cleaned(one.html)}</article>" for one in texts)
    page.set_content(f"<!doctype html><meta charset=utf-8><body>{parts}")
    page.evaluate("document.querySelectorAll('*').forEach(one => one.click && one.tagName != 'A'"
                  " && one.click())")  # fmt: skip
    page.wait_for_load_state("networkidle")
    shown = page.evaluate("[...document.querySelectorAll('article')].map(one => one.innerText)")

    assert page.evaluate("window.ran") is None
    assert asked == []
    assert len(shown) == len(texts)
    assert [one.text for one, said in zip(texts, shown, strict=True) if one.text not in said] == []
    page.close()


def test_the_same_texts_do_run_where_nobody_cleans_them(browser: Browser) -> None:
    page = browser.new_page()
    page.route("**/*", lambda route: route.abort())

    page.set_content("".join(one.html for one in corpus()[:3]) + TEXTS[0])

    assert page.evaluate("window.ran") is not None
    page.close()
