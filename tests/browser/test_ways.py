"""A token on the page of ways, in a real Chromium: the same answers as the program gives."""

import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.poly1305 import Poly1305
from playwright.sync_api import Browser, Page, sync_playwright

from feeds.page import ways_page
from feeds.paper import Paper
from signing.hints import slots
from signing.token import Token, leaves
from tamizdat.wire import SPEC, Hints
from tests.kit.chromium import SWITCHES
from tests.vectors.street import day

pytestmark = pytest.mark.needs_chromium

PAPER = Paper(name="The Tideline", languages=("en", "fa"), channel="0" * 32)
TOKENS: list[Token] = [one for _, one in leaves(bytes(range(32)), "mail\0001", "")]
OTHERS: list[Token] = [one for _, one in leaves(bytes(range(32)), "mail\0002", "")]
NEXT = ("https://next.example/", "https://last.example/")
OWN = "https://leaf{}.example/"
WITHOUT_CRYPTO = "Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })"
HEX = "(hex) => Uint8Array.from((hex.match(/../g) || []), (two) => parseInt(two, 16))"
BLOCK = (
    "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
    "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
)
ODD = [bytes([2]) + bytes(15), bytes([1]) + bytes(15), bytes([4]) + bytes(15)]
EDGES = [
    b"",
    b"\xff" * 16,
    bytes([2]) + bytes(15),
    b"\xff" * 16 + b"\xf0" + b"\xff" * 15 + b"\x11" + bytes(15),
    b"\xff" * 16 + b"\xfb" + b"\xfe" * 15 + b"\x01" * 16,
    b"\xfd" + b"\xff" * 15,
]
"""Sums at the edges of 2^130 - 5 (RFC 8439 A.3, 7 to 11)."""


def with_key(answer: str) -> str:
    """A script that gives, for a key k and each text m, this answer; h reads digits."""
    return f"([k, all]) => {{ const h = {HEX}; return all.map((m) => {answer}); }}"


def file(addresses: dict[bytes, str]) -> bytes:
    salt = bytes(range(16))
    return Hints(
        spec=SPEC,
        channel="0" * 32,
        issued=day(0),
        version=1,
        root_version=1,
        shard=TOKENS[0].shard,
        salt=salt.hex(),
        slots=slots(addresses, salt),
        expires=day(7),
    ).encode()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def web(folder: Path) -> Iterator[str]:
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A mirror that bears the page of ways and a hint file."""
    folder = tmp_path_factory.mktemp("mirror")
    told = {one.key: OWN.format(number) for number, one in enumerate(TOKENS)}
    told[TOKENS[5].key] = ""
    told[TOKENS[6].key] = "javascript:alert(1)"
    (folder / "hints").mkdir()
    (folder / f"hints/{TOKENS[0].shard}.json").write_bytes(file(told))
    body = ways_page(PAPER, "https://here.example/", NEXT, tokens=True)
    (folder / "ways.html").write_bytes(body)
    with web(folder) as found:
        yield found + "ways.html"


@pytest.fixture(params=["", WITHOUT_CRYPTO], ids=["tls", "plain"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context()
    context.add_init_script(request.param)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.goto(address)
    yield opened
    context.close()
    assert [one for one in wrong if "404" not in one] == []


def asked(page: Page, text: str) -> list[str]:
    """What the page tells once a token was typed."""
    page.locator("#token input").fill(text)
    page.locator("#token button").click()
    page.locator("#token li").first.wait_for()
    return page.locator("#token li").all_inner_texts()


@pytest.mark.parametrize("number", [0, 77, 127])
def test_words_and_letters_find_three_addresses_the_group_s_own_first(
    page: Page, number: int
) -> None:
    token = TOKENS[number]
    wanted = [OWN.format(number), *NEXT]

    assert asked(page, token.words) == wanted
    page.locator("#token ul").evaluate("(list) => list.replaceChildren()")
    assert asked(page, token.letters.upper()) == wanted
    assert page.locator("#token a").first.get_attribute("href") == wanted[0]


def test_a_link_opens_itself_and_leaves_no_token_in_the_address(page: Page, address: str) -> None:
    page.goto("about:blank")
    page.goto(f"{address}#{TOKENS[9].letters}")

    page.locator("#token li").first.wait_for()

    assert page.locator("#token li").first.inner_text() == OWN.format(9)
    assert page.url == address


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("babab babab", "That is no token"),
        (TOKENS[0].words.replace(TOKENS[0].words[:5], "babab"), "That is no token"),
        ("a" * 36, "That is no token"),
        (OTHERS[0].words, "No address was found"),
        (TOKENS[5].words, "No address was found"),
        (TOKENS[6].words, "No address was found"),
    ],
)
def test_what_finds_nothing_is_told_in_a_sentence(page: Page, text: str, said: str) -> None:
    (told,) = asked(page, text)

    assert told.startswith(said)


def test_its_ciphers_answer_as_the_rfc_has_it(page: Page) -> None:
    key, nonce = bytes(range(32)).hex(), "000000090000004a00000000"
    script = f"([k, n]) => {{ const h = {HEX}; return hexOf(chacha(h(k), 1, h(n))); }}"

    assert page.evaluate(script, [key, nonce]) == BLOCK  # RFC 8439 2.3.2


def test_its_authenticator_answers_as_another_at_the_edges_and_by_chance(page: Page) -> None:
    chance = random.Random(5)  # noqa: S311 - chance, not a secret
    keys = [one + bytes(16) for one in ODD] + [one + b"\xff" * 16 for one in ODD]
    cases = [(key, edge) for key in keys for edge in EDGES]
    cases += [(chance.randbytes(32), chance.randbytes(size)) for size in range(70)]
    cases.append(
        (
            bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b"),
            b"Cryptographic Forum Research Group",
        )
    )
    each = "all.map(([k, m]) => hexOf(poly1305(h(k), h(m))))"
    script = f"(all) => {{ const h = {HEX}; return {each}; }}"

    told = page.evaluate(script, [[key.hex(), text.hex()] for key, text in cases])

    assert told == [Poly1305.generate_tag(key, text).hex() for key, text in cases]
    assert told[-1] == "a8061dc1305136c6c22b8baf0c0127a9"  # RFC 8439 2.5.2


def test_its_digests_are_those_of_everybody(page: Page) -> None:
    chance = random.Random(6)  # noqa: S311 - chance, not a secret
    texts = [chance.randbytes(size) for size in (*range(130), 1000)]
    key = chance.randbytes(16)
    script = with_key("[hexOf(sha256(h(m))), hexOf(hmac(h(k), h(m)))]")

    told = page.evaluate(script, [key.hex(), [one.hex() for one in texts]])

    assert told == [
        [hashlib.sha256(one).hexdigest(), hmac.digest(key, one, "sha256").hex()] for one in texts
    ]


def test_it_opens_what_is_sealed_and_nothing_that_was_changed(page: Page) -> None:
    chance = random.Random(7)  # noqa: S311 - chance, not a secret
    key = chance.randbytes(32)
    texts = [chance.randbytes(size) for size in (1, 15, 16, 63, 64, 65, 117, 200)]
    sealed = [ChaCha20Poly1305(key).encrypt(bytes(12), one, None) for one in texts]
    bent = [
        one[:at] + bytes([one[at] ^ 1]) + one[at + 1 :] for one in sealed for at in (0, -17, -2)
    ]
    script = with_key("[unsealed(h(k), h(m))].map((f) => f && hexOf(f))[0]")

    told = page.evaluate(script, [key.hex(), [one.hex() for one in (*sealed, *bent)]])

    assert told[: len(texts)] == [one.hex() for one in texts]
    assert set(told[len(texts) :]) == {None}


def test_it_asks_its_own_mirror_for_one_file_and_nobody_else(page: Page, address: str) -> None:
    asked_for: list[str] = []
    page.on("request", lambda one: asked_for.append(one.url))

    asked(page, TOKENS[0].words)

    assert asked_for == [address.replace("ways.html", f"hints/{TOKENS[0].shard}.json")]


def test_without_a_script_the_page_says_the_same_and_shows_no_field(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(address)

    assert not opened.locator("#token").is_visible()
    assert opened.get_by_text(NEXT[0]).count() == 2
    context.close()


def test_nobody_is_shut_out_of_the_field(page: Page) -> None:
    asked(page, TOKENS[0].words)

    found = Axe().run(page).response["violations"]

    assert json.dumps([one["id"] for one in found]) == "[]"
