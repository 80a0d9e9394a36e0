"""A key theft on the board in a real Chromium: above all else, never folded away, told aloud."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect, sync_playwright

from tests.kit.chromium import SWITCHES
from tests.kit.desk.board import view
from tests.kit.desk.room import Room
from tests.kit.desk.running import Running, join, running
from tests.kit.desk.thefts import KEY, stolen

pytestmark = pytest.mark.needs_chromium

KINDS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
PICTURES = os.environ.get("TAMIZDAT_PICTURES")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        yield made
        made.close()


@pytest.fixture
def desk() -> Iterator[Running]:
    with running(Room(beat=0.2)) as made:
        yield made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_theft_stands_above_everything_and_all_can_read_it(
    width: int, scheme: Any, browser: Browser, desk: Running
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = join(context, desk)
    page.goto(f"{desk.base}/board")
    page.wait_for_selector("#live:not(.stale)")
    shown_before = page.locator("#p-thefts").is_visible()

    desk.show(stolen())

    told = page.locator("#p-thefts")
    expect(told).to_contain_text("Key theft")
    expect(told).to_contain_text("e/41/manifest.json")
    expect(told).to_contain_text(KEY)
    expect(told).to_contain_text("and 1 more")
    expect(page.locator("#say")).to_contain_text("Key theft")
    assert not shown_before
    place, numbers = told.bounding_box(), page.locator("#p-numbers").bounding_box()
    assert place is not None
    assert numbers is not None
    matrix = page.locator(".mx").bounding_box()
    assert matrix is not None
    assert place["y"] + place["height"] <= numbers["y"]
    assert matrix["y"] - numbers["y"] - numbers["height"] <= 40
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    faults = Axe().run(page, options={"runOnly": KINDS}).response["violations"]
    assert not faults, faults
    if PICTURES and (width, scheme) == (1440, "light"):
        page.screenshot(path=str(Path(PICTURES) / "board-theft-wide-light.png"), full_page=True)
    context.close()


def test_it_stays_until_somebody_closed_it_and_stands_on_the_page_of_incidents(
    browser: Browser, desk: Running
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = join(context, desk)
    desk.show(stolen())

    page.goto(f"{desk.base}/incidents")
    on_incidents = page.locator(".stolen").inner_text()
    page.goto(f"{desk.base}/board")
    expect(page.locator("#p-thefts")).to_be_visible()
    page.wait_for_selector("#live:not(.stale)")
    desk.show(view())

    expect(page.locator("#p-thefts")).to_be_hidden()
    assert "e/41/manifest.json" in on_incidents
    assert "a number that we gave to other bytes" in on_incidents
    context.close()
