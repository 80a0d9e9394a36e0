"""What pages are looked at with: Chromium, and a desk in memory that has stories."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.kit.chromium import SWITCHES
from tests.kit.desk.room import Room
from tests.kit.desk.running import Running, running
from tests.kit.desk.samples import fill_newsdesk


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def desk() -> Iterator[Running]:
    room = Room(beat=0.2)
    fill_newsdesk(room.newsdesk)
    with running(room) as made:
        yield made
