"""`tamizdat ways`: what a reader with a token is told, and what refuses them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from signing.token import read as token_in
from tests.kit.orchard import PUBLIC, on_the_web, planted
from tests.kit.printshop import PrintShop
from tests.kit.program import Answer, inside
from tests.kit.standby import twin

NOBODY = "http://127.0.0.1:9/"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PrintShop:
    return asyncio.run(planted(tmp_path_factory.mktemp("orchard") / "room"))


@pytest.fixture
def shop(made: PrintShop, tmp_path: Path) -> Iterator[PrintShop]:
    """The newsroom, its mirrors on the web in a thread of their own."""
    copied = twin(made, tmp_path / "room")
    loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), asyncio.Event()

    async def show() -> None:
        async with on_the_web(copied):
            ready.set()
            await stop.wait()

    thread = Thread(target=lambda: loop.run_until_complete(show()))
    thread.start()
    asyncio.run_coroutine_threadsafe(ready.wait(), loop).result(timeout=30)
    yield copied
    loop.call_soon_threadsafe(stop.set)
    thread.join(timeout=30)
    loop.close()


def given(shop: PrintShop, *more: str) -> Answer:
    answer = inside("-C", shop.folder, "ways", "give", "mail", *more, "--json")
    assert answer.code == 0, answer.err
    return answer


def base(shop: PrintShop, name: str) -> str:
    """The address of a mirror in the config."""
    config = (shop.folder / "tamizdat.toml").read_text()
    return next(line for line in config.split('"') if line.endswith(f"/{name}/"))


def asked(shop: PrintShop, *words: str | Path) -> Answer:
    return inside("ways", *words, "--root", shop.root)


def test_words_letters_and_a_link_find_the_same_mirrors(shop: PrintShop) -> None:
    amber = base(shop, "amber")
    token = given(shop, "--link", f"{amber}ways.html").json

    told = [
        asked(shop, *token["words"].split(), "--from", amber),
        asked(shop, token["words"], "--from", amber),
        asked(shop, token["letters"], "--from", amber),
        asked(shop, token["link"]),
    ]

    assert {one.code for one in told} == {0}
    assert {one.out for one in told} == {f"{base(shop, 'oak')}\n{base(shop, 'birch')}\n"}
    assert token_in(token["letters"]) == token_in(token["words"])


def test_one_mirror_that_answers_is_enough(shop: PrintShop) -> None:
    token = given(shop).json["letters"]
    folder = shop.mirror("birch")

    answer = asked(shop, token, "--from", NOBODY, "--from", folder, "--json")

    assert answer.code == 0
    assert answer.json["mirrors"][0] == base(shop, "oak")
    assert answer.json["fresh"] is True
    assert NOBODY in answer.err


def test_what_was_found_can_be_read_at_once(shop: PrintShop, tmp_path: Path) -> None:
    token, to = given(shop).json["letters"], tmp_path / "paper"

    answer = asked(shop, token, "--from", base(shop, "birch"), "--to", to, "--json")
    verified = inside("verify", to, "--root", shop.root, "--json")

    assert (answer.code, answer.json["edition"]) == (0, 1)
    assert verified.json["authentic"] is True


def test_a_token_that_nobody_gave_finds_nothing(shop: PrintShop) -> None:
    token = given(shop).json["letters"]
    (shop.mirror("amber") / f"hints/{token_in(token).shard}.json").unlink()

    answer = asked(shop, token, "--from", base(shop, "amber"))

    assert (answer.code, answer.out) == (1, "")
    assert "has no hints for this token" in answer.err


def test_a_hint_file_that_was_changed_is_refused(shop: PrintShop) -> None:
    token = given(shop).json["letters"]
    path = shop.mirror("amber") / f"hints/{token_in(token).shard}.json"
    path.write_bytes(path.read_bytes().replace(b'"version":', b'"version":1', 1))

    answer = asked(shop, token, "--from", base(shop, "amber"))

    assert (answer.code, answer.out) == (1, "")
    assert "formats 2.2" in answer.err


def test_a_mirror_of_another_newsroom_is_refused(shop: PrintShop) -> None:
    token = given(shop).json["letters"]

    answer = inside("ways", token, "--from", base(shop, "amber"), "--root", "0" * 64)

    assert (answer.code, answer.out) == (1, "")
    assert "formats 6.2" in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("babab", "--from", NOBODY), "11 words, or 36 letters"),
        (("a" * 36, "--from", NOBODY), "was misread"),
        ((), "Usage"),
    ],
)
def test_what_is_no_token_is_a_wrong_use(
    shop: PrintShop, words: tuple[str, ...], said: str
) -> None:
    answer = inside("ways", *words, *(("--root", shop.root) if words else ()))

    assert answer.code == 2
    assert said in answer.out + answer.err


def test_a_token_without_any_mirror_asks_for_one(shop: PrintShop) -> None:
    answer = asked(shop, given(shop).json["letters"])

    assert answer.code == 2
    assert "--from" in answer.err


def test_a_token_comes_as_words_letters_link_and_picture(shop: PrintShop, tmp_path: Path) -> None:
    link, picture = "https://paper.example/ways.html", tmp_path / "token.svg"

    answer = inside("-C", shop.folder, "ways", "give", "mail", "--link", link, "--qr", picture)
    words, letters, address = answer.out.splitlines()

    assert token_in(words) == token_in(letters) == token_in(address)
    assert address == f"{link}#{letters}"
    assert picture.read_text().startswith("<svg ")


def test_a_token_is_drawn_on_a_terminal(shop: PrintShop) -> None:
    answer = inside("-C", shop.folder, "ways", "give", "mail", "--qr", "-")

    assert len(answer.out.splitlines()) == 2
    assert "▀" in answer.err or "▄" in answer.err or "█" in answer.err


def test_the_status_tells_counts_odds_and_canaries_and_no_token(shop: PrintShop) -> None:
    letters = given(shop).json["letters"]

    told = inside("-C", shop.folder, "ways", "status", "--json")
    shown = inside("-C", shop.folder, "ways", "status")

    (mail,) = told.json["channels"]
    assert (mail["channel"], mail["groups"], mail["with_a_mirror"]) == ("mail", 1, 1)
    assert (mail["handed_out"], mail["mirrors"], mail["spares"]) == (1, 2, 2)
    assert (mail["starving"], mail["named"], mail["lost"]) == (False, False, 0)
    assert told.json["canaries"]["watched"] == 1
    assert told.json["canaries"]["lacking"] == []
    assert letters not in told.out + shown.out
    assert shown.code == 0
    assert not [name for name in PUBLIC if name in told.out]
