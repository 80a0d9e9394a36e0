"""The page that proves a file passed by hand, in a real Chromium, opened from a file."""

import base64
import json
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from signing.browser_page import page as made_page
from tamizdat.digest import Digest
from tamizdat.moment import moment
from tests.kit.newsroom import Made, made_newsroom, tamizdat
from tests.vectors import book
from tests.vectors.press import BASES, html, sign, slip_fields, spelled
from tests.vectors.recipe import attach

pytestmark = pytest.mark.needs_chromium

KINDS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
ROOT = BASES["html"].root_id()
NAME = "The Tideline"
FLIPS = 200
EDITION = 2 * 1024 * 1024
PATIENCE_MS = 2000
TOLD = ("verdict", "clause", "why", "age", "edition", "issued", "expires")
WITHOUT_CRYPTO = "Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })"
ASK = """async (cases) => {
  const answers = [];
  for (const [file, root, at] of cases) {
    answers.push(await check(Uint8Array.from(atob(file), (one) => one.charCodeAt(0)), root, at));
  }
  return answers;
}"""
FLIP = """async ([root, at, places]) => {
  const file = new Uint8Array(await document.getElementById("file").kept.arrayBuffer());
  const answers = [];
  for (const [place, bit] of places) {
    file[place] ^= 1 << bit;
    const start = performance.now();
    const { verdict } = await check(file, root, at);
    answers.push([verdict, performance.now() - start]);
    file[place] ^= 1 << bit;
  }
  return answers;
}"""
LANGUAGES = ["ar", "be", "en", "es", "fa", "ru", "sv", "uk", "zh-Hans"]
WORDS = {
    "ar": "أصلي",
    "be": "Сапраўдны",
    "en": "Genuine",
    "es": "Auténtico",
    "fa": "اصل است",
    "ru": "Подлинный",
    "sv": "Äkta",
    "uk": "Справжній",
    "zh-Hans": "真实",
}
PICTURES = {
    ("en", 1280, "light", "genuine"): "verifier-genuine-desk-light",
    ("fa", 390, "dark", "genuine"): "verifier-fa-phone-dark",
    ("en", 1280, "dark", "false"): "verifier-forged-desk-dark",
    ("ru", 390, "light", "unknown"): "verifier-ru-unknown-phone-light",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("stick")
    (place / "verify.html").write_bytes(made_page(Digest(ROOT), NAME, "en"))
    (place / "genuine.html").write_bytes(html().file())
    (place / "false.zip").write_bytes(BASES["zip"].file().replace(b"index", b"inbox"))
    (place / "unknown.html").write_bytes(b"<p>a page saved in a browser</p>\n")
    return place


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = made_newsroom(tmp_path_factory.mktemp("paper"))
    done = tamizdat("-C", made.folder, "key", "verifier", made.folder / "verify.html", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["root"] == made.root
    return made


@pytest.fixture(params=["WebCrypto", "without WebCrypto"])
def context(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(240_000)
    if request.param == "without WebCrypto":
        context.add_init_script(WITHOUT_CRYPTO)
    yield context
    context.close()


def opened(context: BrowserContext, folder: Path) -> Page:
    page = context.new_page()
    page.goto((folder / "verify.html").as_uri())
    return page


def asked(page: Page, cases: Sequence[tuple[dict[str, Any], bytes, str]]) -> list[dict[str, Any]]:
    questions = [
        [base64.b64encode(file).decode(), root, moment(case["at"]).timestamp()]
        for case, file, root in cases
    ]
    answers: list[dict[str, Any]] = page.evaluate(ASK, questions)
    return [
        {"name": case["name"]} | {name: answer.get(name) or None for name in TOLD}
        for (case, _, _), answer in zip(cases, answers, strict=True)
    ]


def test_every_vector_gets_its_verdict(context: BrowserContext, folder: Path) -> None:
    page = opened(context, folder)
    wanted = [
        {"name": case["name"]} | {name: case.get(name) for name in TOLD}
        for case, _, _ in book.read()
    ]

    found = asked(page, book.read())

    assert found == wanted


def test_every_flipped_bit_of_an_edition_is_noticed_in_time(
    context: BrowserContext, folder: Path
) -> None:
    body = random.Random(5).randbytes(EDITION).replace(b"\n<!--", b"") + b"\n"  # noqa: S311
    slip = sign(spelled(slip_fields(body, "html")), "release")
    file = attach("html", body, _trailer(slip.entry()))
    (folder / "large.html").write_bytes(file)
    dice = random.Random(6)  # noqa: S311 - the same places each time
    places = [(dice.randrange(len(file)), dice.randrange(8)) for _ in range(FLIPS)]
    page = opened(context, folder)
    page.evaluate(
        "document.getElementById('file').addEventListener('change', (event) => {"
        "event.target.kept = event.target.files[0] }, true)"
    )

    page.set_input_files("#file", folder / "large.html")
    page.wait_for_selector("#answer.genuine")
    answers = page.evaluate(FLIP, [ROOT, moment("2026-11-21T12:00:00Z").timestamp(), places])

    assert [verdict for verdict, _ in answers if verdict == "genuine"] == []
    slow = [place for place, (_, taken) in zip(places, answers, strict=True) if taken > PATIENCE_MS]
    again = page.evaluate(FLIP, [ROOT, moment("2026-11-21T12:00:00Z").timestamp(), slow])
    assert [taken for _, taken in again if taken > PATIENCE_MS] == []  # a pause is not met twice


def _trailer(slip: dict[str, Any]) -> bytes:
    fields = {"slip": slip["text"], "signatures": slip["signatures"]}
    return spelled(fields | {"roots": [root.entry() for root in html().roots]}).encode()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["en", "fa", "ru"])
@pytest.mark.parametrize("verdict", ["genuine", "false", "unknown"])
def test_an_answer_is_accessible_and_asks_for_nothing(
    verdict: str, language: str, width: int, scheme: Any, browser: Browser, folder: Path
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        locale=language,
        bypass_csp=True,
    )
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    address = (folder / "verify.html").as_uri()

    page.goto(address)
    page.set_input_files("#file", next(folder.glob(f"{verdict}.*")))
    page.wait_for_selector(f"#answer.{verdict}")
    found = Axe().run(page, options={"runOnly": KINDS})

    keep(page, PICTURES.get((language, width, scheme, verdict)))
    assert found.violations_count == 0, found.generate_report()
    assert requests == [address]
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_is_answered_in_their_language(
    language: str, browser: Browser, folder: Path
) -> None:
    context = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
    page = opened(context, folder)

    page.set_input_files("#file", folder / "genuine.html")
    page.wait_for_selector("#answer.genuine")

    assert page.get_attribute("html", "lang") == language
    assert page.inner_text("#answer h2") == WORDS[language]
    assert NAME in page.inner_text("#answer")
    context.close()


@pytest.mark.parametrize("kind", ["zip", "html", "text"])
def test_the_page_of_a_newsroom_takes_what_it_published(
    kind: str, browser: Browser, paper: Made
) -> None:
    context = browser.new_context(locale="en")
    page = opened(context, paper.folder)

    page.set_input_files("#file", paper.bundle("en", kind))
    page.wait_for_selector("#answer.genuine")

    assert page.locator("#answer dd").first.inner_text() == "1"
    assert "today" in page.inner_text("#answer")
    context.close()


def test_persian_runs_from_right_to_left_and_the_root_does_not(
    browser: Browser, folder: Path
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = opened(context, folder)

    page.click("button[lang=fa]")

    title = page.locator("h1").evaluate("one => getComputedStyle(one).direction")
    root = page.locator("ol").evaluate("one => getComputedStyle(one).direction")
    assert (title, root) == ("rtl", "ltr")
    context.close()


def test_a_hostile_name_stays_a_text(browser: Browser, tmp_path: Path) -> None:
    name = "</script><img src=x onerror=alert(1)>{name}$&"
    (tmp_path / "verify.html").write_bytes(made_page(Digest(ROOT), name, "en"))
    (tmp_path / "copy.html").write_bytes(html().file())
    context = browser.new_context()
    page = opened(context, tmp_path)

    page.set_input_files("#file", tmp_path / "copy.html")
    page.wait_for_selector("#answer.genuine")

    assert page.locator("img").count() == 0
    assert page.inner_text("header bdi") == name
    assert page.title().endswith(name)
    context.close()


def test_without_scripts_it_says_what_it_needs(browser: Browser, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = opened(context, folder)

    assert "JavaScript" in page.inner_text("noscript")
    assert page.locator("ol li").count() == 12
    context.close()


def test_a_file_that_is_too_large_is_not_read(browser: Browser, folder: Path) -> None:
    context = browser.new_context()
    page = opened(context, folder)
    with (folder / "huge.bin").open("wb") as file:
        file.truncate(65 * 1024 * 1024)

    page.set_input_files("#file", folder / "huge.bin")
    page.wait_for_selector("#answer.unknown")

    assert "3.12" in page.inner_text("#answer")
    context.close()


def keep(page: Page, name: str | None) -> None:
    """Save the picture where the maker of docs asked for it."""
    folder = os.environ.get("TAMIZDAT_PICTURES")
    if folder and name:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
