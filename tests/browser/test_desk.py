"""The desk and the board in a real Chromium: axe-core, keys, news, and all of it scriptless."""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tamizdat.verdict import Board
from tests.kit.desk.board import cell, view, with_cell
from tests.kit.desk.room import Room
from tests.kit.desk.running import Running, join, running
from tests.kit.desk.samples import DATA, PERSIAN, STRIKE, WARD

pytestmark = pytest.mark.needs_chromium

KINDS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"wide": 1440, "phone": 390}

PAGES = {
    "desk": "/",
    "desk-story": f"/stories/{STRIKE}",
    "desk-out": f"/stories/{DATA}",
    "desk-farsi": f"/stories/{PERSIAN}",
    "desk-new": "/stories/new",
    "desk-withdrawn": f"/stories/{WARD}",
    "board": "/board",
    "board-evidence": "/board/cell/dune/IR",
    "board-rotate": "/board/cell/dune/IR/rotate",
    "board-incidents": "/incidents",
    "desk-keys": "/keys",
}
KEPT = {
    "desk-sign-in-wide-light",
    "desk-story-wide-light",
    "desk-story-phone-dark",
    "desk-out-wide-light",
    "board-evidence-wide-light",
    "board-evidence-wide-dark",
    "board-evidence-phone-light",
    "board-incidents-wide-light",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_are_accessible_fit_and_ask_nobody_else(
    size: str, scheme: Any, browser: Browser, desk: Running
) -> None:
    context = browser.new_context(
        viewport={"width": SIZES[size], "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    faults: list[str] = []
    outside = context.new_page()
    outside.goto(f"{desk.base}/sign-in")
    faults += violations(outside, "sign-in")
    keep(outside, f"desk-sign-in-{size}-{scheme}")
    page = join(context, desk)

    for name, path in PAGES.items():
        page.goto(desk.base + path)
        page.wait_for_function("document.documentElement.classList.contains('on')")
        faults += violations(page, name)
        keep(page, f"{name}-{size}-{scheme}")

    assert not faults, "\n".join(faults)
    assert all(url.startswith((desk.base, "data:")) for url in asked), asked
    context.close()


@pytest.mark.parametrize("path", ["/", f"/stories/{STRIKE}", f"/stories/{DATA}", "/board"])
def test_our_own_rules_break_nothing(path: str, browser: Browser, desk: Running) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = join(context, desk)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    page.goto(desk.base + path)
    page.wait_for_selector("#live:not(.stale)")

    assert not said
    context.close()


def test_a_browser_tells_the_origin_of_our_forms_and_nothing_to_others(
    browser: Browser, desk: Running
) -> None:
    context = browser.new_context()
    page = join(context, desk)
    page.goto(f"{desk.base}/board/cell/dune/IR")

    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.click("text=Look again")

    headers = sent.value.all_headers()
    assert (headers["origin"], headers["sec-fetch-site"]) == (desk.base, "same-origin")
    assert page.evaluate("document.querySelector('meta[name=referrer]').content") == "same-origin"
    context.close()


def test_a_cell_that_turns_shows_within_a_second(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk)
    page.goto(f"{desk.base}/board")
    page.wait_for_selector("#live:not(.stale)")
    page.evaluate("window.same = true")

    desk.show(with_cell(view(), cell("birch", "IR", Board.BLOCKED, "TLS")))

    turned = page.locator('[data-cell="birch/IR"].b')
    expect(turned).to_have_text("TLS", timeout=1000)
    expect(turned).to_have_attribute("aria-label", "birch, Iran: blocked, TLS")
    expect(page.locator("#say")).to_have_text("Iran: birch blocked, TLS")
    assert page.evaluate("window.same")
    context.close()


def test_only_one_sentence_is_said_in_ten_seconds(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk)
    page.clock.install()
    page.goto(f"{desk.base}/board")
    page.wait_for_selector("#live:not(.stale)")
    made = with_cell(view(), cell("birch", "IR", Board.BLOCKED, "TLS"))
    desk.show(made)
    expect(page.locator("#say")).to_have_text("Iran: birch blocked, TLS")

    made = with_cell(made, cell("birch", "CU", Board.BLOCKED, "DNS"))
    desk.show(made)
    desk.show(with_cell(made, cell("birch", "BY", Board.SLOW, "9.0s")))
    expect(page.locator('[data-cell="birch/BY"].s')).to_be_visible()
    expect(page.locator("#say")).to_have_text("Iran: birch blocked, TLS")
    page.clock.fast_forward(11_000)

    expect(page.locator("#say")).to_have_text("2 changes. Cuba: birch blocked, DNS")
    context.close()


def test_a_board_without_news_says_since_when(browser: Browser) -> None:
    with running(Room(beat=300)) as desk:
        context = browser.new_context()
        page = join(context, desk)
        page.clock.install()
        page.goto(f"{desk.base}/board")
        page.wait_for_selector("#live:not(.stale)")

        page.clock.fast_forward(16_000)

        expect(page.locator("#live")).to_have_class("stale lost")
        expect(page.locator("#live")).to_contain_text("no news since")
        context.close()


def test_the_matrix_has_one_tab_stop_and_arrows(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk)
    page.goto(f"{desk.base}/board")
    page.wait_for_function("document.querySelector('td > a[tabindex]')")
    at = "document.activeElement.dataset.cell"

    stops = page.evaluate("document.querySelectorAll('td > a[tabindex=\"0\"]').length")
    page.focus('[data-cell="dune/BY"]')
    moves = []
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "b", "b"):
        page.keyboard.press(key)
        moves.append(page.evaluate(at))
    page.keyboard.press("Tab")

    assert stops == 1
    assert moves == ["dune/IR", "cedar/IR", "cedar/CU", "fjord/CU", "fjord/TM", "onion/CN"]
    assert page.evaluate(at) is None
    context.close()


def test_enter_brings_the_evidence_and_keys_act_on_a_cell_only(
    browser: Browser, desk: Running
) -> None:
    context = browser.new_context()
    page = join(context, desk)
    page.goto(f"{desk.base}/board")
    page.wait_for_function("document.querySelector('td > a[tabindex]')")

    page.keyboard.press("r")
    page.keyboard.press("t")
    page.focus('[data-cell="dune/IR"]')
    page.keyboard.press("Enter")
    expect(page.locator("#beside h2")).to_have_text("dune in Iran")
    expect(page.locator('[data-cell="dune/IR"]')).to_have_attribute("aria-current", "true")
    page.keyboard.press("f")
    expect(page.locator("#reason")).to_be_focused()
    quiet = list(desk.room.operations.asked)
    page.focus('[data-cell="dune/IR"]')
    page.keyboard.press("r")

    expect(page.locator("h1")).to_have_text("Rotate dune")
    assert not quiet
    assert desk.room.operations.asked == [("plan",)]
    context.close()


def test_single_keys_can_be_switched_off(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk)
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    page.uncheck("#single-keys")
    page.click("dialog button")

    page.keyboard.press("n")
    page.keyboard.press("?")

    expect(page.locator("dialog")).to_be_hidden()
    assert page.url == f"{desk.base}/"
    context.close()


def test_states_differ_by_shape_alone(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk)
    page.goto(f"{desk.base}/board")

    shapes = page.evaluate(
        """[...document.querySelectorAll('.key i')].map((i) => {
             const s = getComputedStyle(i)
             return [s.clipPath, s.borderRadius, s.borderStyle, s.backgroundImage !== 'none',
                     s.backgroundColor === 'rgba(0, 0, 0, 0)'].join()
           })"""
    )

    assert len(shapes) == 7
    assert len(set(shapes)) == 7
    context.close()


def test_an_arrival_grows_without_reloading(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk)
    page.goto(f"{desk.base}/stories/{DATA}")
    page.wait_for_selector("#live:not(.stale)")

    desk.arrive(3)
    expect(page.locator("#arrival li.o", has_text="cedar")).to_have_count(1)
    expect(page.locator("#arrival li.wait", has_text="dune")).to_have_count(1)
    desk.arrive(12)

    expect(page.locator("#arrival")).to_contain_text("12 of 12")
    expect(page.locator("#arrival li.wait", has_text="dune")).to_have_count(0)
    context.close()


def test_a_new_story_appears_on_the_shelf_of_others(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk)
    page.wait_for_selector("#live:not(.stale)")

    desk.room.newsdesk.add("h" * 13, "Ferries stand still", "<p>x</p>", state="writing")
    desk.tell_stories_changed()

    expect(page.locator("#cards")).to_contain_text("Ferries stand still")
    context.close()


def violations(page: Page, name: str) -> list[str]:
    """What axe-core finds, and whether something sticks out sideways."""
    found = Axe().run(page, options={"runOnly": KINDS})
    faults = [f"{name}: {found.generate_report()}"] if found.violations_count else []
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append(f"{name}: sticks out sideways")
    return faults


def keep(page: Page, name: str) -> None:
    """Save the picture where the maker of docs asked for it."""
    folder = os.environ.get("TAMIZDAT_PICTURES")
    if folder and name in KEPT:
        Path(folder).mkdir(parents=True, exist_ok=True)
        shot = Image.open(BytesIO(page.screenshot(full_page="-wide-" in name))).convert("RGB")
        shot.quantize(256, dither=Image.Dither.NONE).save(f"{folder}/{name}.png", optimize=True)
