"""You, the people and the log in a real Chromium: axe-core, on a phone, and with no script."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tamizdat.article import ArticleId
from tamizdat.deeds import Deed, What
from tamizdat.people import Role
from tests.browser.test_desk import SIZES, violations
from tests.kit.desk.board import NOW
from tests.kit.desk.room import PASSWORD
from tests.kit.desk.running import Running, join
from tests.kit.desk.samples import STRIKE

pytestmark = pytest.mark.needs_chromium

PAGES = {"you": "/you", "people": "/people", "log": "/log"}
DONE = [
    Deed(at=NOW, what=What.APPROVED, person=2, article=ArticleId(STRIKE)),
    Deed(at=NOW, what=What.RELEASED, article=ArticleId(STRIKE)),
    Deed(at=NOW, what=What.SLOWED, about=1),
    Deed(at=NOW, what=What.REMOVED, person=0, about=7),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_pages_are_accessible_and_fit(
    size: str, scheme: Any, browser: Browser, desk: Running
) -> None:
    context = browser.new_context(
        viewport={"width": SIZES[size], "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    for deed in DONE:
        desk.call(desk.room.deeds.note(deed))
    join(browser.new_context(), desk, Role.EDITOR)
    page = join(context, desk)
    faults: list[str] = []

    for name, path in PAGES.items():
        page.goto(desk.base + path)
        page.wait_for_function("document.documentElement.classList.contains('on')")
        page.evaluate("document.querySelectorAll('details.inline').forEach(one => one.open = true)")
        faults += violations(page, name)

    assert not faults, "\n".join(faults)
    context.close()


def test_somebody_is_removed_without_a_script_in_two_clicks(
    browser: Browser, desk: Running
) -> None:
    leaving = join(browser.new_context(java_script_enabled=False), desk, Role.EDITOR)
    page = join(browser.new_context(java_script_enabled=False), desk)

    page.goto(f"{desk.base}/people")
    page.click("summary:has-text('Remove person 1')")
    page.click("text=Yes, remove person 1")

    expect(page.locator(".said")).to_contain_text("Person 1 is removed: 1 session ended.")
    leaving.goto(f"{desk.base}/")
    expect(leaving.locator("h1")).to_have_text("Sign in")


def test_a_second_password_is_set_without_a_script(browser: Browser, desk: Running) -> None:
    page = join(browser.new_context(java_script_enabled=False), desk, Role.EDITOR)

    page.click("summary:has-text('editor')")
    page.click("text=You and your sessions")
    page.fill("#password", PASSWORD)
    page.fill("#second", "the words of a bad day")
    page.fill("#again", "the words of a bad day")
    page.click("text=Set the second password")

    expect(page.locator(".said")).to_contain_text("Set.")
