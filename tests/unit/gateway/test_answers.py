"""Answers: what is said, in which language, how much of it, and how it is wrapped."""

import tomllib
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from importlib.resources import files
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from gateway.responder import answer
from gateway.responder.answer import Answer, Enclosed
from gateway.responder.envelope import enveloped, lined
from gateway.responder.own_key import Pair
from gateway.responder.phrases import LANGUAGES, phrases_of, understood
from gateway.responder.request import Wish, plain_word
from gateway.responder.settings import ResponderSettings, address_and_port, is_among

EN = phrases_of("en")
DAY = date(2026, 11, 26)


def words(language: str) -> dict[str, dict[str, str]]:
    text = files("gateway.responder").joinpath("words", f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language: str) -> None:
    own, english = words(language), words("en")

    assert own.keys() == english.keys()
    assert own["wishes"].keys() == english["wishes"].keys() == set(Wish)
    assert own["texts"].keys() == english["texts"].keys()
    for key, text in own["texts"].items():
        assert _names(text) == _names(english["texts"][key]), key


def _names(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_a_word_tells_the_language_of_the_newsroom_that_has_it() -> None:
    found = understood(("ru", "fa", "zh-Hans"))

    assert found["зеркала"] == (Wish.MIRRORS, "ru")
    assert found[plain_word("آینه‌ها")] == (Wish.MIRRORS, "fa")
    assert found["最新"] == (Wish.LATEST, "zh-Hans")
    assert found["latest"] == (Wish.LATEST, None)
    assert found["люстэркі"] == (Wish.MIRRORS, None)


def test_a_word_of_two_languages_tells_neither() -> None:
    assert understood(("ru", "be"))["файл"] == (Wish.BUNDLE, None)
    assert understood(("be",))["файл"] == (Wish.BUNDLE, "be")
    assert understood(("ru",))["файл"] == (Wish.BUNDLE, "ru")


def test_no_word_asks_for_two_things() -> None:
    wishes: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for wish, spelled in words(language)["wishes"].items():
            for word in spelled:
                wishes.setdefault(plain_word(word), set()).add(wish)

    assert {word: found for word, found in wishes.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("language", "phrases"), [("fa-AF", "fa"), ("zh-Hant", "zh"), ("tr", "en"), ("be", "be")]
)
def test_who_reads_a_language_without_phrases_gets_english_ones(
    language: str, phrases: str
) -> None:
    assert phrases_of(language).language == phrases


def test_articles_are_told_whole_as_long_as_they_fit() -> None:
    told = answer.telling(EN, ["a" * 100, "b" * 100, "c" * 100], 250)

    assert "a" * 100 in told
    assert "b" * 100 in told
    assert "c" * 100 not in told
    assert told.endswith("One mail holds no more than this. All of them in one file:\nbundle")


def test_where_all_fits_nothing_is_said_of_more() -> None:
    assert EN.texts["more"] not in answer.telling(EN, ["a", "b"], 1000)


def test_an_article_that_is_too_long_is_cut_at_a_paragraph() -> None:
    told = answer.telling(EN, ["Title\n\n" + "a" * 50 + "\n\n" + "b" * 500], 100)

    assert "a" * 50 in told
    assert "bbb" not in told
    assert EN.texts["rest"] in told


@given(text=some.text(min_size=1, max_size=300), most=some.integers(5, 200))
def test_what_is_told_is_never_much_longer_than_asked(text: str, most: int) -> None:
    told = answer.telling(EN, [text, text], most)

    extra = sum(len(one) for one in (*EN.texts.values(), answer.BETWEEN * 3, "bundle"))
    assert len(told.encode("utf-8", "surrogatepass")) <= most + extra


def test_without_articles_it_says_so() -> None:
    assert answer.telling(EN, [], 1000) == EN.texts["nothing"]


def test_without_mirrors_it_says_so() -> None:
    assert answer.pointing(EN, []) == EN.texts["no_mirrors"]


def posted(made: Answer) -> EmailMessage:
    found = enveloped(
        made,
        to="reader@mail.example",
        reply_to="<1@mail.example>",
        ours="news@paper.example",
        token="0" * 32,
        day=DAY,
    )
    return message_from_bytes(found.body, EmailMessage, policy=default)


def test_the_same_answer_is_the_same_bytes() -> None:
    file = Enclosed(name="41.html", media_type="text/html", lines=lined(b"x" * 1000))
    made = Answer(language="fa", subject="پرسش شما", text="سلام\n", enclosed=file)

    first = posted(made)

    assert first.as_bytes() == posted(made).as_bytes()
    assert first["Subject"] == "پرسش شما"
    (found,) = first.iter_attachments()
    assert found.get_filename() == "41.html"
    assert found.get_payload(decode=True) == b"x" * 1000
    body = first.get_body(("plain",))
    assert body is not None
    assert body.get_content() == "سلام\r\n"


def test_a_mail_without_an_id_is_answered_without_one() -> None:
    made = Answer(language="en", subject="s", text="t")
    found = enveloped(made, to="a@b.example", reply_to=None, ours="n@p.example", token="x", day=DAY)

    assert b"In-Reply-To" not in found.body
    assert found.wanted()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1", ("127.0.0.1", 53)),
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("::1", ("::1", 53)),
        ("[::1]", ("::1", 53)),
        ("[::1]:5353", ("::1", 5353)),
    ],
)
def test_a_dns_server_is_an_address_and_a_port(text: str, found: tuple[str, int]) -> None:
    assert address_and_port(text) == found


@pytest.mark.parametrize("text", ["dns.example", "127.0.0.1:0", "127.0.0.1:x", "", "[::1]:70000"])
def test_what_is_no_dns_server_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValidationError, match="must be the address of a DNS server"):
        ResponderSettings(address="news@paper.example", resolver=text)


@pytest.mark.parametrize(
    "address", ["news", "News@paper.example", "a b@paper.example", "n@localhost"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        ResponderSettings(address=address)


def test_a_domain_is_among_others_with_all_below_it() -> None:
    assert is_among("a.mail.example", ("mail.example",))
    assert is_among("mail.example", ("mail.example",))
    assert not is_among("gmail.example", ("mail.example",))


def test_help_tells_every_wish_in_every_voice() -> None:
    voices = [phrases_of("en"), phrases_of("fa")]

    told = answer.helping(voices, ["en", "fa"], 3)

    for voice in voices:
        assert all(voice.word(wish) in told for wish in (Wish.MIRRORS, Wish.LATEST, Wish.BUNDLE))
        assert voice.texts["kept"] in told
    assert "en, fa" in told


def test_what_is_too_large_is_told_with_a_way_to_ask_if_there_is_one() -> None:
    assert answer.too_large(EN, 299_001, 500_000).endswith("Write this to get it:\nbundle 300")
    assert "more than we send by mail" in answer.too_large(EN, 600_000, 500_000)


def test_parts_that_say_nothing_are_left_out() -> None:
    assert answer.joined("a", "", "b") == f"a{answer.BETWEEN}b\n"
    assert answer.pointing(EN, ["https://a.example/"]).endswith("https://a.example/")


def test_an_answer_of_ours_is_signed_with_all_its_fields() -> None:
    made = Answer(language="en", subject="s", text="t")
    sent = enveloped(
        made, to="a@b.example", reply_to="<1@b.example>", ours="n@p.example", token="x", day=DAY
    )

    signed = sent.signed_by(Pair.made(DAY), "p.example")

    read = message_from_bytes(signed.body, EmailMessage, policy=default)
    fields = str(read.get_all("DKIM-Signature", [])[0]).replace(" ", "")
    for name in ("from:from:to", "in-reply-to", "auto-submitted", "content-language"):
        assert name in fields


@pytest.mark.parametrize("settings", [{}, {"answers": 9, "domain_answers": 10, "all_answers": 11}])
def test_limits_are_those_of_the_config(settings: dict[str, int]) -> None:
    found = ResponderSettings(address="news@paper.example", **settings)  # type: ignore[arg-type]

    assert found.limits.asker == settings.get("answers", 3)
    assert found.domain == "paper.example"
