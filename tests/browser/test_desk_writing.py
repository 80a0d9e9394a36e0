"""Writing at the desk in a real Chromium: without a script, and on the page itself with one."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tamizdat.people import Role
from tamizdat.state import StoryState
from tests.kit.desk.board import NOW
from tests.kit.desk.room import PASSWORD
from tests.kit.desk.running import Running, join
from tests.kit.desk.samples import BREAD, DATA, STRIKE
from tests.kit.desk.stories import PICTURE_NAME

pytestmark = pytest.mark.needs_chromium

PASTED = """<html><head><title>Doc</title><style>p{color:red}</style></head><body>
<h1 class=MsoTitle style="color:red">Heading</h1><div><p style="margin:0">Plain <b>strong</b>
<span style="font:9px x">small</span><script>window.ran = true</script>
<img src="https://tracker.example/x.gif"><img src=x onerror="window.ran = true"></p></div></body>"""


def test_a_story_goes_from_first_words_to_withdrawal_without_a_script(
    browser: Browser, desk: Running
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = join(context, desk, Role.EDITOR)
    page.click("text=New story >> nth=0")
    page.fill("#title", "Ferries stand still")
    page.fill("#text", "The **crews** wait.")
    page.click("text=Save and look")
    expect(page.locator("#surface strong")).to_have_text("crews")
    page.click("text=Release now")
    expect(page.locator("article")).to_contain_text("The crews wait.")
    story = desk.room.newsdesk.stories[next(reversed(desk.room.newsdesk.stories))]

    page.click("summary:has-text('Withdraw now')")
    page.fill("#word", "ferries")
    page.click("text=Withdraw everywhere")

    expect(page.locator("h1")).to_have_text("Withdrawn")
    assert story.card.state is StoryState.OUT
    assert desk.room.newsdesk.stories[story.card.id].card.state is StoryState.WITHDRAWN
    context.close()


def test_signing_out_and_in_works_without_a_script(browser: Browser, desk: Running) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = join(context, desk)

    page.click(".who summary")
    page.click("text=Sign out everywhere")
    page.fill("#name", "heron 0")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")

    expect(page.locator("h1")).to_have_text("The desk")
    context.close()


def test_every_board_action_works_without_a_script(browser: Browser, desk: Running) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = join(context, desk)
    page.goto(f"{desk.base}/board")
    page.click('[data-cell="dune/IR"]')
    page.click("text=Look again")
    expect(page.locator("#beside .said")).to_have_text("4 vantages looked at dune.")
    page.click("summary:has-text('False alarm')")
    page.fill("#reason", "our own test")
    page.click("text=Close incident 213")
    expect(page.locator(".said")).to_have_text("Incident 213 was closed.")

    page.goto(f"{desk.base}/board/cell/dune/IR")
    page.click("text=Rotate")
    page.click("text=Rotate now")

    expect(page.locator("#beside .said")).to_have_text("heron took over for dune.")
    kinds = [asked[0] for asked in desk.room.operations.asked]
    assert kinds == ["look", "false alarm", "plan", "rotate"]
    context.close()


def test_what_is_typed_is_saved_by_itself_and_kept_nowhere_in_the_browser(
    browser: Browser, desk: Running
) -> None:
    context = browser.new_context()
    page = join(context, desk, Role.EDITOR)
    page.clock.install()
    page.goto(f"{desk.base}/stories/{STRIKE}")
    page.click("#surface p >> nth=0")
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    page.keyboard.type("CANARY ")
    expect(page.locator("#saved")).to_have_text("Not saved yet")

    page.clock.fast_forward(3500)
    expect(page.locator("#saved")).to_contain_text("Saved.")

    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    story = desk.room.newsdesk.stories[STRIKE]
    assert "CANARY" in story.html
    assert 'src="picture:0"' in story.html
    assert "CANARY" not in kept
    context.close()


def test_what_is_pasted_loses_what_does_not_belong(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk, Role.EDITOR)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{desk.base}/stories/new")
    page.fill("#title", "Pasted")
    page.click("#surface")

    page.evaluate(
        """(html) => {
             const data = new DataTransfer()
             data.setData('text/html', html)
             const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true,
                                                        cancelable: true})
             document.querySelector('#surface').dispatchEvent(event)
           }""",
        PASTED,
    )

    surface = page.locator("#surface")
    expect(surface.locator("h2")).to_have_text("Heading")
    expect(surface.locator("b, strong")).to_have_text("strong")
    expect(surface.locator("script, style, img, span, [style], [class]")).to_have_count(0)
    assert not page.evaluate("window.ran")
    assert not [url for url in asked if not url.startswith((desk.base, "data:"))]
    context.close()


def test_a_new_story_is_saved_by_a_key_and_goes_on_at_its_address(
    browser: Browser, desk: Running
) -> None:
    context = browser.new_context()
    page = join(context, desk, Role.EDITOR)
    page.keyboard.press("n")
    page.wait_for_url(f"{desk.base}/stories/new")
    page.click("label:has-text('فارسی')")
    page.fill("#title", "قطار")
    page.click("#surface")
    page.keyboard.type("سلام")
    direction = page.evaluate("getComputedStyle(document.querySelector('#surface')).direction")

    page.keyboard.press("Control+s")
    page.wait_for_selector("text=being written")

    story = desk.room.newsdesk.stories[next(reversed(desk.room.newsdesk.stories))]
    assert (story.card.language, direction) == ("fa", "rtl")
    assert "سلام" in story.html
    context.close()


def test_releasing_takes_what_stands_on_the_surface(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk, Role.EDITOR)
    page.goto(f"{desk.base}/stories/{STRIKE}")
    page.click("#surface p >> nth=0")
    page.keyboard.type("Fresh words. ")

    page.click("text=Release now")

    expect(page.locator("article")).to_contain_text("Fresh words.")
    assert desk.room.newsdesk.stories[STRIKE].card.state is StoryState.OUT
    context.close()


def test_what_cannot_be_saved_stays_on_the_page(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk, Role.EDITOR)
    page.goto(f"{desk.base}/stories/{STRIKE}")
    page.click("#surface p >> nth=0")
    page.keyboard.type("Kept words. ")
    desk.room.people.sessions.clear()

    page.keyboard.press("Control+s")

    expect(page.locator("#saved")).to_contain_text("Not saved: sign in in another tab")
    expect(page.locator("#surface")).to_contain_text("Kept words.")
    context.close()


def test_a_withdrawal_takes_two_actions(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk, Role.EDITOR)
    page.goto(f"{desk.base}/stories/{DATA}")

    page.click("summary:has-text('Withdraw now')")
    page.focus("#word")
    page.keyboard.type("mobile")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("Withdrawn")
    context.close()


def test_saving_over_somebody_else_takes_a_second_word(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk, Role.EDITOR)
    page.clock.install()
    page.goto(f"{desk.base}/stories/{STRIKE}")
    other = desk.room.newsdesk
    theirs = replace(other.stories[STRIKE].card, at=NOW + timedelta(minutes=1), title="Theirs")
    other.stories[STRIKE] = replace(other.stories[STRIKE], card=theirs)
    page.click("#surface p >> nth=0")
    page.keyboard.type("Mine. ")

    page.clock.fast_forward(3500)
    expect(page.locator("#saved")).to_contain_text("Somebody else saved this meanwhile")
    page.keyboard.type("Still mine. ")
    page.clock.fast_forward(20_000)
    before = other.stories[STRIKE]
    page.keyboard.press("Control+s")

    expect(page.locator("#saved")).to_contain_text("Saved.")
    assert before.card.title == "Theirs"
    assert "Still mine." in other.stories[STRIKE].html
    context.close()


def test_a_picture_that_was_pasted_is_sent_once(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk, Role.EDITOR)
    page.clock.install()
    page.goto(f"{desk.base}/stories/{BREAD}")
    page.click("#surface p >> nth=0")
    page.evaluate(
        """async (address) => {
             const blob = await (await fetch(address)).blob()
             const data = new DataTransfer()
             data.items.add(new File([blob], 'IMG_2231.png', {type: 'image/png'}))
             const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true,
                                                        cancelable: true})
             document.querySelector('#surface').dispatchEvent(event)
           }""",
        f"/pictures/{PICTURE_NAME}",
    )
    expect(page.locator("#pictures input")).to_be_focused()
    page.keyboard.type("A harbour")
    expect(page.locator("#surface img")).to_have_attribute("alt", "A harbour")

    page.clock.fast_forward(3500)
    expect(page.locator("#surface img")).to_have_attribute("src", re.compile("^/pictures/"))
    page.click("#surface p >> nth=0")
    page.keyboard.type("More. ")
    page.clock.fast_forward(3500)
    expect(page.locator("#saved")).to_contain_text("Saved.")

    first, *_, last = desk.room.newsdesk.typed
    assert "data:image/png" in first.text
    assert "data:" not in last.text
    assert 'src="picture:0"' in desk.room.newsdesk.stories[BREAD].html
    context.close()
