"""The reader's pages in a real Chromium: no violation of axe-core, no request, no overflow."""

import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.kit.newsroom import Made, made_newsroom

pytestmark = pytest.mark.needs_chromium

KINDS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"desk": 1280, "phone": 390}


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made_newsroom(tmp_path_factory.mktemp("paper"), languages=("en", "fa", "zh-Hans", "ru"))


def addresses(paper: Made) -> dict[str, str]:
    mirror = paper.mirrors["amber"]

    def article(language: str) -> str:
        return next(
            page.as_uri()
            for page in sorted((mirror / language).glob("2*/*.html"))
            if b"<img" in page.read_bytes()
        )

    return {
        "front": (mirror / "index.html").as_uri(),
        "front-fa": (mirror / "fa/index.html").as_uri(),
        "front-zh": (mirror / "zh-Hans/index.html").as_uri(),
        "article": article("en"),
        "article-fa": article("fa"),
        "section": next(mirror.glob("en/s-*/index.html")).as_uri(),
        "list": (mirror / "en/lists/1.html").as_uri(),
        "ways": (mirror / "ways.html").as_uri(),
        "bundles": (mirror / "bundles.html").as_uri(),
        "check": (mirror / "en/check.html").as_uri(),
        "safety-fa": (mirror / "fa/safety.html").as_uri(),
        "withdrawn": (mirror / "en/withdrawn.html").as_uri(),
        "single": paper.bundle("en", "html").as_uri(),
    }


PAGES = [
    "front",
    "front-fa",
    "front-zh",
    "article",
    "article-fa",
    "section",
    "list",
    "ways",
    "bundles",
    "check",
    "safety-fa",
    "withdrawn",
    "single",
]


KEPT = {
    "front-desk-light",
    "front-desk-dark",
    "front-phone-light",
    "front-fa-desk-light",
    "front-fa-phone-dark",
    "front-zh-phone-light",
    "article-desk-light",
    "article-fa-phone-dark",
    "bundles-desk-light",
    "check-desk-light",
    "ways-phone-light",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_asks_for_nothing(
    name: str, size: str, scheme: Any, browser: Browser, paper: Made
) -> None:
    context = browser.new_context(
        viewport={"width": SIZES[size], "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(addresses(paper)[name])
    found = Axe().run(page, options={"runOnly": KINDS})

    keep(page, f"{name}-{size}-{scheme}")
    assert found.violations_count == 0, found.generate_report()
    assert all(url.startswith(("file:", "data:")) for url in asked), asked
    assert not overflows(page)
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("name", ["front", "front-fa", "article", "article-fa"])
def test_nothing_sticks_out_sideways(name: str, width: int, browser: Browser, paper: Made) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})

    page.goto(addresses(paper)[name])

    assert not overflows(page)
    page.close()


def test_the_way_out_is_the_second_tab_stop_and_needs_no_script(
    browser: Browser, paper: Made
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(addresses(paper)["front"])

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")

    assert page.locator("a.exit:focus").count() == 1
    context.close()


def test_the_same_text_stands_without_scripts(browser: Browser, paper: Made) -> None:
    texts = []
    for enabled in (True, False):
        context = browser.new_context(java_script_enabled=enabled)
        page = context.new_page()
        page.goto(addresses(paper)["front"])
        texts.append(page.content())
        context.close()

    assert texts[0] == texts[1]


def test_a_persian_page_runs_from_right_to_left(browser: Browser, paper: Made) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    box = partial(_left, page)

    page.goto(addresses(paper)["front"])
    left_to_right = box("h1")
    page.goto(addresses(paper)["front-fa"])
    right_to_left = box("h1")

    assert left_to_right < 200
    assert right_to_left > 600
    page.close()


def overflows(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def keep(page: Page, name: str) -> None:
    """Save the picture where the maker of docs asked for it."""
    folder = os.environ.get("TAMIZDAT_PICTURES")
    if folder and name in KEPT:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page="-desk-" in name)


def _left(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"]
