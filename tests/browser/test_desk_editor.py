"""The editor in a real Chromium: pastes, pictures, previews; by keyboard, and on a phone."""

import os
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page, expect

from tamizdat.people import Role
from tests.kit.desk.running import Running, join
from tests.kit.desk.samples import BREAD, STRIKE
from tests.kit.images import jpeg
from tests.kit.pastes import SAMPLES

pytestmark = pytest.mark.needs_chromium

KINDS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"wide": 1440, "phone": 390}
KEPT = {"desk-paste-wide-light", "desk-preview-page-wide-light", "desk-behind-wide-light"}
CANARY = "CANARYCAMERA"
PHOTO = jpeg(3, told=CANARY)
FILE = FilePayload(name="IMG_2231.jpg", mimeType="image/jpeg", buffer=PHOTO)
WAYS = ("page", "text", "feed", "letter", "turned", "phone")
DOCUMENT = "".join(one.html for one in SAMPLES if one.name in {"a page", "Word: a comment"})
expect.set_options(timeout=30_000)

GIVE = """({kind, html, photo}) => {
  const data = new DataTransfer(), surface = document.querySelector('#surface')
  if (html) data.setData('text/html', html)
  if (photo) {
    const bytes = Uint8Array.from(atob(photo), (one) => one.charCodeAt(0))
    data.items.add(new File([bytes], 'IMG_2231.jpg', {type: 'image/jpeg'}))
  }
  const {left, top} = surface.getBoundingClientRect()
  const about = {bubbles: true, cancelable: true, clientX: left + 20, clientY: top + 20}
  surface.dispatchEvent(kind === 'drop'
    ? new DragEvent('drop', {...about, dataTransfer: data})
    : new ClipboardEvent('paste', {...about, clipboardData: data}))
}"""
"""Pastes or drops something on the text, as a browser does it."""


def give(page: Page, kind: str = "paste", html: str = "", photo: bytes = b"") -> None:
    page.evaluate(GIVE, {"kind": kind, "html": html, "photo": b64encode(photo).decode()})


def opened(browser: Browser, desk: Running, path: str, **more: Any) -> Page:
    page = join(browser.new_context(**more), desk, Role.EDITOR)
    page.goto(desk.base + path)
    return page


def names_camera(bodies: Sequence[bytes]) -> list[bytes]:
    return [body for body in bodies if CANARY.encode() in body]


def test_what_went_is_told_under_the_text_and_the_paste_can_be_taken_back(
    browser: Browser, desk: Running
) -> None:
    page = opened(browser, desk, f"/stories/{BREAD}")
    page.click("#surface p")
    give(page, html=DOCUMENT)
    told = page.locator("#told")
    expect(told.locator("p")).to_have_text("Pasted. Left out:")
    expect(page.locator("#surface")).to_contain_text("The clerk left.")

    words = told.locator("li").all_inner_texts()
    told.locator("button").click()

    assert words[0] == "1 comment by Anna Petrova"
    assert "tracking in 1 link" in words
    expect(page.locator("#surface")).to_have_text("x")
    page.context.close()


def test_typing_on_after_a_paste_leaves_its_undoing_to_the_keyboard(
    browser: Browser, desk: Running
) -> None:
    page = opened(browser, desk, f"/stories/{BREAD}")
    page.click("#surface p")
    give(page, html="<p>pasted</p>")
    expect(page.locator("#told button")).to_be_visible()

    page.keyboard.type(" and typed")

    expect(page.locator("#told button")).to_be_hidden()
    expect(page.locator("#surface")).to_contain_text("pasted and typed")
    page.context.close()


def test_what_cannot_be_taken_changes_nothing(browser: Browser, desk: Running) -> None:
    page = opened(browser, desk, f"/stories/{BREAD}")
    page.click("#surface p")

    give(page, html="<div>" * 300 + "x")

    expect(page.locator("#told p")).to_contain_text("Nothing was added")
    expect(page.locator("#surface")).to_have_text("x")
    page.context.close()


def test_a_text_of_one_s_own_is_cut_and_pasted_with_its_pictures(
    browser: Browser, desk: Running
) -> None:
    page = opened(browser, desk, f"/stories/{BREAD}")
    page.click("#surface p")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    page.keyboard.press("ArrowRight")

    page.keyboard.press("Control+v")

    expect(page.locator("#surface")).to_have_text("xx")
    page.context.close()


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_picture_is_made_anew_at_once_and_asks_what_it_shows(
    kind: str, browser: Browser, desk: Running
) -> None:
    page = opened(browser, desk, f"/stories/{BREAD}")
    page.click("#surface p")
    give(page, kind, photo=PHOTO)
    expect(page.locator("#pictures input")).to_be_focused()

    page.keyboard.type("A harbour")
    shown = page.locator("#surface img").get_attribute("src") or ""
    page.keyboard.press("Control+s")
    expect(page.locator("#saved")).to_contain_text("Saved.")

    story = desk.room.newsdesk.stories[BREAD]
    assert shown.startswith("data:image/jpeg")
    assert 'alt="A harbour"' in story.html
    assert len(story.pictures) == 1
    assert names_camera([*desk.room.newsdesk.pictures.values(), shown.encode()]) == []
    page.context.close()


def test_a_picture_is_picked_named_and_taken_out_by_keyboard_alone_on_a_phone(
    browser: Browser, desk: Running
) -> None:
    page = opened(browser, desk, f"/stories/{BREAD}", viewport={"width": 390, "height": 844})
    # Long before the key: Chromium may take a key in before it knows that we ask for the dialog
    page.on("filechooser", lambda chosen: chosen.set_files([FILE]))
    expect(page.locator("#surface")).to_be_editable()
    page.focus("#surface")
    for _ in range(2):  # back over Source
        page.keyboard.press("Shift+Tab")
    expect(page.locator("button:has-text('Picture')")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#pictures input")).to_be_focused()
    page.keyboard.type("A pier")
    expect(page.locator("#surface img")).to_have_attribute("alt", "A pier")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#surface img")).to_have_count(0)
    expect(page.locator("#pictures")).to_be_hidden()
    page.context.close()


def test_a_picture_comes_along_without_a_script(browser: Browser, desk: Running) -> None:
    page = opened(browser, desk, f"/stories/{BREAD}", java_script_enabled=False)
    page.set_input_files("#picture", [FILE])
    page.fill("#alt", "A pier")

    page.click("button:has-text('Save') >> nth=0")

    expect(page.locator("#surface img")).to_have_attribute("alt", "A pier")
    page.context.close()


def test_a_paste_is_saved_by_itself_and_kept_nowhere_in_the_browser(
    browser: Browser, desk: Running
) -> None:
    page = opened(browser, desk, f"/stories/{BREAD}")
    page.clock.install()
    page.goto(f"{desk.base}/stories/{BREAD}")
    page.click("#surface p")
    give(page, html=f"<p>{CANARY}</p>")
    expect(page.locator("#surface")).to_contain_text(CANARY)

    page.clock.fast_forward(5000)
    expect(page.locator("#saved")).to_contain_text("Saved.")

    kept = page.evaluate(
        "(async () => JSON.stringify([localStorage, sessionStorage, document.cookie, history.state,"
        " (await indexedDB.databases()).length, await caches.keys()]))()"
    )
    assert CANARY in desk.room.newsdesk.stories[BREAD].html
    assert kept == '[{},{},"",null,0,[]]'
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_preview_shows_what_was_just_typed(scripts: Any, browser: Browser, desk: Running) -> None:
    page = opened(browser, desk, f"/stories/{STRIKE}", java_script_enabled=scripts)
    page.fill("#title", "Judges wait")

    page.click("text=Preview")

    expect(page.locator("h1")).to_contain_text("Judges wait")
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("Judges wait")
    page.click("text=Small phone")
    expect(page.frame_locator("iframe >> nth=1").locator("h1")).to_have_text("Judges wait")
    page.context.close()


def test_going_to_another_language_saves_first_and_tells_who_is_behind(
    browser: Browser, desk: Running
) -> None:
    page = opened(browser, desk, f"/stories/{STRIKE}")
    page.click("#tongues button:has-text('فارسی')")
    expect(page.locator(".said >> nth=0")).to_contain_text("write over them")
    page.click("#tongues a:has-text('English')")
    page.click("#surface p >> nth=0")
    page.keyboard.type("Fresh words. ")

    page.click("#tongues a:has-text('فارسی')")

    behind = page.locator("#tongues [aria-current] .behind")
    expect(behind).to_have_text("1 change behind")
    expect(behind.locator("i.sh")).to_be_visible()
    expect(page.locator(".lag ins")).to_contain_text("Fresh words")
    page.click("text=It says the same again")
    expect(page.locator(".lag")).to_have_count(0)
    expect(page.locator("#tongues .behind")).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_story_that_is_behind_is_accessible_and_fits(
    size: str, scheme: Any, browser: Browser, desk: Running
) -> None:
    view = {"width": SIZES[size], "height": 900}
    page = opened(
        browser, desk, f"/stories/{STRIKE}", viewport=view, color_scheme=scheme, bypass_csp=True
    )
    page.click("#tongues button:has-text('Русский')")
    page.click("#tongues a:has-text('English')")
    page.click("#surface p >> nth=0")
    page.keyboard.type("Fresh words. ")
    page.click("#tongues a:has-text('Русский')")
    expect(page.locator(".lag")).to_be_visible()

    faults = violations(page, "behind")
    keep(page, f"desk-behind-{size}-{scheme}")

    assert not faults, "\n".join(faults)
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_are_accessible_and_fit(
    size: str, scheme: Any, browser: Browser, desk: Running
) -> None:
    view = {"width": SIZES[size], "height": 900}
    page = opened(
        browser, desk, f"/stories/{STRIKE}", viewport=view, color_scheme=scheme, bypass_csp=True
    )
    page.click("#surface p >> nth=0")
    give(page, html=DOCUMENT)
    expect(page.locator("#told p")).to_contain_text("Pasted")
    faults = violations(page, "paste")
    keep(page, f"desk-paste-{size}-{scheme}")

    page.keyboard.press("Control+s")
    expect(page.locator("#saved")).to_contain_text("Saved.")
    for way in WAYS:
        page.goto(f"{desk.base}/stories/{STRIKE}/preview?as={way}")
        expect(page.frame_locator("iframe >> nth=0").locator("h1").first).to_be_visible()
        faults += violations(page, way)
        keep(page, f"desk-preview-{way}-{size}-{scheme}")

    assert not faults, "\n".join(faults)
    page.context.close()


def violations(page: Page, name: str) -> list[str]:
    """What axe-core finds outside of frames, and whether something sticks out sideways."""
    found = Axe().run(page, options={"runOnly": KINDS, "iframes": False})
    told = [
        f"{name}: {one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*told, *([f"{name}: sticks out"] if wide else [])]


def keep(page: Page, name: str) -> None:
    """Save the picture where the maker of docs asked for it."""
    folder = os.environ.get("TAMIZDAT_PICTURES")
    if folder and (name in KEPT or os.environ.get("TAMIZDAT_PICTURES_ALL")):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page="-preview-" not in name)
