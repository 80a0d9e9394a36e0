"""Four eyes and clocks in a real Chromium: few clicks, with and without a script, by keyboard."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tamizdat.article import ArticleId
from tamizdat.people import Role
from tamizdat.progress import Policy
from tamizdat.state import StoryState
from tests.kit.desk.approving import version
from tests.kit.desk.room import Room
from tests.kit.desk.running import Running, join, running
from tests.kit.desk.samples import STRIKE, fill_newsdesk

pytestmark = pytest.mark.needs_chromium

KINDS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"wide": 1440, "phone": 390}
LATER = "2026-11-24T08:00"
expect.set_options(timeout=30_000)
KEPT = {"desk-approve-wide-light", "desk-approve-phone-dark"}


@pytest.fixture
def desk() -> Iterator[Running]:
    room = Room(beat=0.2)
    fill_newsdesk(room.newsdesk)
    room.approving.rules = Policy(approvals=1, allowed=frozenset(range(1, 10)))
    with running(room) as made:
        yield made


class Counted:
    """A page that counts what somebody presses."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, what: str) -> None:
        self.clicks += 1
        self.page.click(what)


def state(desk: Running, story: ArticleId) -> StoryState:
    return desk.room.newsdesk.stories[story].card.state


def newest(desk: Running) -> ArticleId:
    return next(reversed(desk.room.newsdesk.stories))


def ask(context: BrowserContext, desk: Running, due: str = "") -> Page:
    """Somebody opens the strike story and asks for approval."""
    page = join(context, desk, Role.EDITOR)
    page.goto(f"{desk.base}/stories/{STRIKE}")
    if due:
        page.click("summary:has-text('At a set time')")
        page.fill("#due", due)
    page.click("text=Send for approval")
    expect(page.locator(".said")).to_contain_text("It waits for approval")
    return page


@pytest.mark.parametrize("scripts", [True, False])
def test_three_clicks_of_the_author_and_one_of_the_approver(
    scripts: bool,  # noqa: FBT001 - a parameter
    browser: Browser,
    desk: Running,
) -> None:
    writing = browser.new_context(java_script_enabled=scripts)
    author = Counted(join(writing, desk, Role.EDITOR))
    reading = browser.new_context(java_script_enabled=scripts)
    approver = Counted(join(reading, desk, Role.EDITOR))

    author.click("text=New story >> nth=0")
    author.page.fill("#title", "Ferries stand still")
    if scripts:
        author.page.locator("#surface").press_sequentially("The crews wait.")
    else:
        author.page.fill("#text", "The crews wait.")
    author.click("text=Save and look")
    author.click("text=Send for approval")
    expect(author.page.locator(".said")).to_contain_text("It waits for approval")
    before = state(desk, newest(desk))
    approver.page.goto(desk.base)
    approver.click("text=Approve and send out")
    expect(approver.page.locator(".said")).to_contain_text("Released")

    assert (author.clicks, approver.clicks) == (3, 1)
    assert before is StoryState.WAITING
    assert state(desk, newest(desk)) is StoryState.OUT
    writing.close()
    reading.close()


def test_the_author_is_not_asked_to_approve(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = ask(context, desk)

    expect(page.locator(".side")).to_contain_text("somebody else approves it")
    expect(page.locator("text=Approve and send out")).to_have_count(0)
    page.goto(desk.base)
    expect(page.locator("h1")).to_have_text("The desk")
    context.close()


def test_a_clock_is_set_stopped_and_held_without_a_script(browser: Browser, desk: Running) -> None:
    writing = browser.new_context(java_script_enabled=False)
    author = ask(writing, desk, LATER)
    expect(author.locator(".said")).to_contain_text("Tue 24 Nov 08:00 UTC")
    reading = browser.new_context(java_script_enabled=False)
    approver = join(reading, desk, Role.EDITOR)
    approver.goto(desk.base)
    approver.click("text=Approve: it goes out at its time")
    expect(approver.locator(".said")).to_contain_text("On a clock")
    clocked = state(desk, STRIKE)

    approver.click("text=Hold it")
    expect(approver.locator("#cards h2").first).to_contain_text("Held")
    held = state(desk, STRIKE)
    approver.click("text=Stop the clock")
    expect(approver.locator(".said")).to_contain_text("Nothing goes out by itself")

    assert (clocked, held) == (StoryState.CLOCK, StoryState.HELD)
    assert state(desk, STRIKE) is StoryState.WRITING
    writing.close()
    reading.close()


def test_an_emptied_clock_is_no_clock_and_a_past_one_is_refused(
    browser: Browser, desk: Running
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = ask(context, desk, LATER)

    page.fill("#due", "2026-11-01T08:00")
    page.click("text=Set this time")
    expect(page.locator(".said")).to_contain_text("has passed: choose a later time")
    page.fill("#due", "")
    page.click("text=Set this time")

    expect(page.locator(".said")).to_contain_text("It waits for approval.")
    assert desk.room.newsdesk.stories[STRIKE].card.progress.due is None
    context.close()


def test_a_zone_is_named_once_and_kept_for_this_person(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = ask(context, desk)

    page.fill("#due", LATER)
    page.fill("#zone", "Asia/Tehran")
    page.click("text=Set this time")

    expect(page.locator("#zone")).to_have_value("Asia/Tehran")
    expect(page.locator("#due")).to_have_value(LATER)
    expect(page.locator(".side")).to_contain_text("(Asia/Tehran), Tue 24 Nov 04:30 UTC")
    expect(page.locator("#cards [aria-current]")).to_contain_text("for Tue 24 Nov 08:00")
    context.close()


def test_a_change_meanwhile_is_read_again_before_it_is_approved(
    browser: Browser, desk: Running
) -> None:
    writing, reading = browser.new_context(), browser.new_context()
    author = ask(writing, desk)
    approver = join(reading, desk, Role.EDITOR)
    approver.goto(f"{desk.base}/stories/{STRIKE}")

    author.click("text=Change the text")
    expect(author.locator(".side")).to_contain_text("voids its approvals")
    author.fill("#title", "Judges reopen a case")
    author.click("text=Send for approval")
    expect(author.locator(".said")).to_contain_text("It waits")
    approver.click("text=Approve and send out")

    expect(approver.locator(".said")).to_contain_text("was changed since you read it")
    assert state(desk, STRIKE) is StoryState.WAITING
    writing.close()
    reading.close()


def test_an_approver_works_by_keyboard_alone(browser: Browser, desk: Running) -> None:
    writing = browser.new_context()
    ask(writing, desk)
    reading = browser.new_context()
    page = join(reading, desk, Role.EDITOR)
    page.goto(desk.base)

    names = []
    for _ in range(60):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.textContent.trim()"))
        if names[-1].startswith("Approve"):
            break
    page.keyboard.press("Enter")

    expect(page.locator(".said")).to_contain_text("Released")
    writing.close()
    reading.close()


def test_typing_on_and_on_is_saved_while_it_goes_on(browser: Browser, desk: Running) -> None:
    context = browser.new_context()
    page = join(context, desk, Role.EDITOR)
    page.clock.install()
    page.goto(f"{desk.base}/stories/new")
    page.fill("#title", "Typed")
    page.click("#surface")
    for number in range(5):
        page.keyboard.type(f"word{number} ")
        page.clock.fast_forward(1000)

    expect(page.locator("#saved")).to_contain_text("Saved.")
    page.wait_for_url(f"{desk.base}/stories/{newest(desk)}")

    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert "word1" in desk.room.newsdesk.stories[newest(desk)].html
    assert "word1" not in kept
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_are_accessible_and_fit(
    size: str, scheme: Any, browser: Browser, desk: Running
) -> None:
    writing = browser.new_context()
    ask(writing, desk, LATER)
    story = desk.room.newsdesk.stories[STRIKE]
    earlier = replace(version(story), title="Judges reopen the case of the strike")
    first = "Relatives were told, and two hearings have taken place. A clerk describes how."
    paragraphs = (first, *earlier.paragraphs[1:])
    desk.room.approving.before[STRIKE] = replace(earlier, paragraphs=paragraphs)
    context = browser.new_context(
        viewport={"width": SIZES[size], "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = join(context, desk, Role.EDITOR)
    pages = {"approve": f"/stories/{STRIKE}", "edit": f"/stories/{STRIKE}/edit"}
    faults: list[str] = []

    for name, path in pages.items():
        page.goto(desk.base + path)
        page.wait_for_function("document.documentElement.classList.contains('on')")
        faults += violations(page, name)
        keep(page, f"desk-{name}-{size}-{scheme}")

    assert not faults, "\n".join(faults)
    writing.close()
    context.close()


def violations(page: Page, name: str) -> list[str]:
    """What axe-core finds, and whether something sticks out sideways."""
    found = Axe().run(page, options={"runOnly": KINDS})
    told = [
        f"{name}: {one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*told, *([f"{name}: sticks out"] if wide else [])]


def keep(page: Page, name: str) -> None:
    folder = os.environ.get("TAMIZDAT_PICTURES")
    if folder and (name in KEPT or os.environ.get("TAMIZDAT_PICTURES_ALL")):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page="-wide-" in name)
