"""Five hundred hostile texts, cleaned, in a real Chromium: no script runs, no request is made."""

from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from feeds.incoming import Incoming, no_pictures
from feeds.intake import take
from feeds.pasting import paste
from tamizdat.people import Role
from tests.kit.desk.room import Room
from tests.kit.desk.running import Running, join, running
from tests.kit.desk.samples import STRIKE
from tests.kit.hostile import SPY, TEXTS, corpus
from tests.kit.pastes import SECRET, pastes
from tests.unit.feeds.test_in_intake import NOW

pytestmark = pytest.mark.needs_chromium

PASTE = """async (htmls) => {
  const surface = document.querySelector('#surface'), told = document.querySelector('#told')
  const pasted = (html) => new Promise((done) => {
    const watch = new MutationObserver(() => {
      if (!/^(Pasted|Noth)/.test(told.innerText)) return
      watch.disconnect()
      done(surface.innerText)
    })
    watch.observe(told, {childList: true, subtree: true, characterData: true, attributes: true})
    surface.innerHTML = ''
    const data = new DataTransfer()
    data.setData('text/html', html)
    surface.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true,
                                                       cancelable: true}))
  })
  const shown = []
  for (const html of htmls) shown.push(await pasted(html))
  return shown
}"""
"""Pastes each into an empty text, and gives what stands there then."""


@pytest.fixture(scope="module")
def desk() -> Iterator[Running]:
    with running(Room()) as made:
        yield made


def cleaned(html: str) -> str:
    came = Incoming(kind="desk", key="a", title="x", html=html)
    return take(came, salt=b"s", default_language="en", now=NOW).article.html


def sheet(context: BrowserContext, desk: Running, asked: list[str]) -> Page:
    """An empty sheet, and every request that the page makes."""
    page = join(context, desk, Role.EDITOR)
    page.goto(f"{desk.base}/stories/new")
    page.on("request", lambda request: asked.append(request.url))
    return page


def elsewhere(asked: Sequence[str], desk: Running) -> list[str]:
    return [url for url in asked if not url.startswith((desk.base, "data:image/"))]


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


def test_five_hundred_pastes_ask_nobody_but_the_desk(browser: Browser, desk: Running) -> None:
    context, asked, texts = browser.new_context(), list[str](), pastes()
    page = sheet(context, desk, asked)

    shown = page.evaluate(PASTE, [one.html for one in texts])
    page.wait_for_load_state("networkidle")

    assert page.evaluate("window.ran") is None
    assert elsewhere(asked, desk) == []
    assert [one.html for one, said in zip(texts, shown, strict=True) if one.text not in said] == []
    assert [said for said in shown if SECRET in said] == []
    context.close()


def test_what_a_keyboard_pastes_goes_the_same_way(browser: Browser, desk: Running) -> None:
    context, asked = browser.new_context(), list[str]()
    page, texts = sheet(context, desk, asked), pastes()[:5]

    for one in texts:
        page.evaluate(
            """(html) => { document.oncopy = (event) => {
                 event.clipboardData.setData('text/html', html)
                 event.preventDefault()
               } }""",
            one.html,
        )
        page.focus("#title")
        page.keyboard.press("Control+c")
        page.focus("#surface")
        page.keyboard.press("Control+End")
        page.keyboard.press("Control+v")
        expect(page.locator("#surface")).to_contain_text(one.text)

    assert page.evaluate("window.ran") is None
    assert elsewhere(asked, desk) == []
    expect(page.locator("#surface")).not_to_contain_text(SECRET)
    context.close()


@pytest.mark.parametrize("way", ["page", "text", "feed", "letter", "turned", "phone"])
def test_previews_of_five_hundred_pastes_ask_nobody_but_the_desk(
    browser: Browser, desk: Running, way: str
) -> None:
    context, asked, texts = browser.new_context(), list[str](), pastes()
    page = sheet(context, desk, asked)
    html = "".join(paste(one.html, language="en", pictures=no_pictures).html for one in texts)
    desk.room.newsdesk.add(STRIKE, "Pasted", f"<div>{html}</div>", state="writing")

    page.goto(f"{desk.base}/stories/{STRIKE}/preview?as={way}")
    page.wait_for_load_state("networkidle")
    frame = page.frames[-1]
    shown = frame.locator("body").inner_text()

    assert elsewhere(asked, desk) == []
    assert [one.text for one in texts if one.text not in shown] == []
    assert SECRET not in shown
    assert frame.evaluate("window.ran") is None
    context.close()


def test_no_script_can_run_in_a_frame_and_no_link_leads_out_of_it(
    browser: Browser, desk: Running
) -> None:
    context, asked = browser.new_context(), list[str]()
    page = sheet(context, desk, asked)
    desk.room.newsdesk.add(STRIKE, "Linked", f'<p><a href="{SPY}">go</a></p>', state="writing")
    page.goto(f"{desk.base}/stories/{STRIKE}/preview?as=feed")

    with page.expect_console_message(lambda told: "frame-src" in told.text):
        page.frames[-1].click("text=go")

    assert elsewhere(asked, desk) == []
    context.close()
