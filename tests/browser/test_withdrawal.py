"""Withdrawing in a real Chromium: two actions, gone from where readers look, and what remains."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.kit.chromium import SWITCHES
from tests.kit.demo.grounds import loopback_site
from tests.kit.demo.plain import plain
from tests.kit.editor import PASSWORD
from tests.kit.program import Answer, inside
from tests.kit.showing import shown
from tests.kit.stage.paper import founded, with_gateway
from tests.kit.stage.running import Running

expect.set_options(timeout=30_000)

pytestmark = [pytest.mark.needs_chromium, pytest.mark.timeout(600)]
TEXT = "The lamps on the north pier were unscrewed before the first boat left for the islands."
PROMISED = 60.0


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        yield made
        await made.close()


async def proved(folder: Path, end: float) -> tuple[list[str], Answer]:
    """Where the text stands at once, and the check's answer as soon as it stands nowhere.

    Our own gateway looks every other second for what was withdrawn: `end` is when it is too late.
    """
    remains: list[str] | None = None
    while True:
        proof = await asyncio.to_thread(inside, "-C", folder, "withdrawn", "check", "--json")
        if remains is None:
            remains = [one["place"] for one in proof.json["places"] if one["stands"]]
        if proof.code == 0 or time.monotonic() > end:
            return remains, proof


async def test_two_actions_take_a_story_back_and_the_page_says_what_remains(
    browser: Browser, tmp_path: Path
) -> None:
    kept = tmp_path / "ground"
    kept.mkdir()
    async with plain(kept) as here:
        site = loopback_site()
        paper = await asyncio.to_thread(lambda: with_gateway(founded(tmp_path, site)))
        port = int(site.bases["amber"].split(":")[2].split("/")[0])
        async with shown({name: paper.mirrors / name for name in site.bases}, port):
            running = await Running.start(here, paper)
            page = await browser.new_page()
            await page.goto(f"{running.desk}/join/{running.join}")
            await page.fill("[name=name]", "heron")
            await page.fill("[name=password]", PASSWORD)
            await page.fill("[name=again]", PASSWORD)
            await page.click("button[type=submit]")
            await page.goto(f"{running.desk}/stories/new")
            await page.fill("#title", "Lamps of the pier")
            await page.click("#surface")
            await page.keyboard.type(TEXT)
            await page.click(".side button[type=submit]")
            await page.click("text=Release now")
            await expect(page.locator("#arrival")).to_contain_text("released", timeout=30_000)
            await expect(page.locator("#arrival li.wait")).to_have_count(0, timeout=60_000)
            before = await asyncio.to_thread(inside, "-C", paper.folder, "withdrawn", "check")

            began = time.monotonic()
            await page.click("summary:has-text('Withdraw now')")
            await page.fill("#word", "lamps")
            await page.keyboard.press("Enter")
            await expect(page.locator("h1")).to_have_text("Withdrawn")
            await expect(page.locator("#arrival li.wait")).to_have_count(0, timeout=60_000)
            gone = time.monotonic() - began
            remains = await page.locator(".unrecalled li").all_inner_texts()
            at_once, proof = await proved(paper.folder, began + PROMISED)
            assert (await running.stop())[0] == 0

    print(f"gone after {gone:.1f} s")  # noqa: T201
    assert before.code == 0
    assert gone < PROMISED
    assert remains == ["1 letter to post", "Bundles that readers took: html, text, zip"]
    assert set(at_once) <= {"here: state/post"}
    assert proof.code == 0, proof
    assert proof.json["gone"]
    assert list(proof.json["not_recalled"].values()) == [remains]
