"""What the roof decides: withdrawals, languages, tried signatures, corrections."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.cleaner import clean
from service.fading import fading
from service.gathering import live_languages
from service.stories.correcting import Change, apply
from service.stories.second_person import ALONE, decide
from service.tried import Tried, Triple
from tamizdat.article import SafeHtml
from tamizdat.digest import Digest, digest
from tamizdat.errors import ConfigError
from tests.unit.mirror.paper import Paper
from tests.unit.mirror.room import PIECES
from tests.unit.tamizdat.test_article import ARTICLE

WITHDRAWALS = [
    # made within the hour, who waits, who asks, allowed
    (0, None, "a", True),
    (ALONE - 1, None, "a", True),
    (ALONE, None, "a", False),
    (ALONE, "a", "a", False),
    (ALONE, "a", "b", True),
    (0, "a", "a", True),
]


@pytest.mark.parametrize(("made", "waiting", "person", "allowed"), WITHDRAWALS)
def test_the_fourth_withdrawal_within_an_hour_waits(
    made: int, waiting: str | None, person: str, *, allowed: bool
) -> None:
    decision = decide(made_within_the_hour=made, waiting_for=waiting, person=person)  # formats 5.4

    assert decision.allowed is allowed
    assert bool(decision.reason) is not allowed


@pytest.mark.parametrize("waiting", [None, "mira", "oto"])
def test_a_withdrawal_by_somebody_who_was_forced_always_waits(waiting: str | None) -> None:
    decision = decide(made_within_the_hour=0, waiting_for=waiting, person="mira", frozen=True)

    assert not decision.allowed
    assert decision.reason == "withdrawals wait for a second person"


LANGUAGES = [
    (("en", "fa"), {("fa", ""): 3, ("fa", "town"): 2}, ("fa",)),
    (("en", "fa"), {("zh", ""): 1, ("fa", ""): 3, ("en", ""): 1}, ("en", "fa", "zh")),
    (("en", "fa"), {}, ("en",)),
]


@pytest.mark.parametrize(("wanted", "lengths", "live"), LANGUAGES)
def test_languages_with_articles_come_in_the_configs_order(
    wanted: tuple[str, ...], lengths: dict[tuple[str, str], int], live: tuple[str, ...]
) -> None:
    assert live_languages(wanted, lengths) == live


DAY = timedelta(days=1)
ISSUED = datetime(2026, 11, 23, tzinfo=UTC)
FADING = [
    # days after the issue, of a life of four days; whether it is signed anew
    (0, False),
    (1.9, False),
    (2, True),
    (9, True),
    (-0.9, False),
    (-1.1, True),
]


@pytest.mark.parametrize(("days", "anew"), FADING)
def test_what_ends_is_signed_anew_at_half_its_time(days: float, *, anew: bool) -> None:
    assert fading(ISSUED, ISSUED + 4 * DAY, ISSUED + days * DAY) is anew


def test_a_target_tells_which_digests_it_wants() -> None:
    paper = Paper()
    paper.publish(PIECES)
    target = paper.target()

    assert Triple.of(target).digests == (
        target.overlay.here.sha256,
        target.withdrawn.sha256,
        target.pointer.sealed.sha256,
    )


def triple(name: str) -> Triple:
    return Triple((digest(b"h" + name.encode()), digest(b"w"), digest(b"p" + name.encode())))


def test_what_was_tried_survives_the_ledger() -> None:
    tried = Tried(placed=triple("1"), others=(triple("2"), triple("3")))

    assert Tried.read(tried.write()) == tried
    assert Tried.read(()) == Tried(placed=None)
    assert Tried.read(Tried(placed=None, others=(triple("1"),)).write()).others == (triple("1"),)


def test_an_attempt_is_noted_once() -> None:
    tried = Tried(placed=triple("1")).with_attempt(triple("2")).with_attempt(triple("2"))

    assert tried.attempted == (triple("2"),)
    assert tried.with_attempt(triple("1")) == tried
    assert Tried.read(tried.write()) == tried


def test_what_lay_there_before_and_is_tried_again_is_an_attempt() -> None:
    before = Tried(placed=triple("1"), others=(triple("2"),))

    tried = before.with_attempt(triple("2")).with_attempt(triple("3"))

    assert (tried.others, tried.attempted) == ((), (triple("2"), triple("3")))
    assert Tried.read(tried.doubted().write()).attempted == tried.attempted
    assert tried.placed_now(triple("3")).others == (triple("1"), triple("2"))


def test_what_lay_there_before_stays_noted_for_one_pass() -> None:
    tried = Tried(placed=triple("1")).with_attempt(triple("2")).placed_now(triple("2"))

    assert tried == Tried(placed=triple("2"), others=(triple("1"),))
    assert Tried(placed=None).with_attempt(triple("1")).placed_now(triple("1")).others == ()


@given(st.lists(st.sampled_from("12345"), max_size=6))
def test_no_signature_that_is_needed_is_ever_stray(names: list[str]) -> None:
    tried = Tried(placed=triple("1"), others=tuple(triple(name) for name in names))

    stray = set(tried.stray(triple("5").signatures))

    assert not stray & triple("1").signatures
    assert not stray & triple("5").signatures
    assert (
        stray
        == {s for name in names if name not in "15" for s in triple(name).signatures}
        - triple("1").signatures
    )


def test_a_correction_replaces_words_everywhere() -> None:
    article = replace(ARTICLE, title="In 1998", html=SafeHtml("<p>1998, 1998</p>"), summary="1998")

    made = apply(article, Change(file=None, title=None, replace=("1998=1989",), reason=""))

    assert (made.title, made.html, made.summary) == ("In 1989", "<p>1989, 1989</p>", "1989")


def test_a_correction_cannot_bring_markup_in() -> None:
    article = replace(ARTICLE, html=SafeHtml("<p>word</p>"))

    made = apply(
        article, Change(file=None, title=None, replace=("word=<script>x</script>",), reason="")
    )

    assert made.html == "<p>&lt;script&gt;x&lt;/script&gt;</p>"


def test_a_correction_leaves_tags_and_addresses_alone() -> None:
    html = clean('<p>Tom &amp; Jerry <a href="https://p.example/a">p</a></p>')
    article = replace(ARTICLE, html=html)

    made = apply(
        article, Change(file=None, title=None, replace=("Tom & Jerry=p", "p=q"), reason="")
    )

    assert made.html == html.replace("Tom &amp; Jerry", "q").replace(">p</a>", ">q</a>")
    for pair in ("href=x", "example=x"):
        with pytest.raises(ConfigError, match="stands neither"):
            apply(article, Change(file=None, title=None, replace=(pair,), reason=""))


def test_a_correction_leaves_a_text() -> None:
    article = replace(ARTICLE, html=SafeHtml("<p>word</p>"))

    with pytest.raises(ConfigError, match="would leave no text"):
        apply(article, Change(file=None, title=None, replace=("word=",), reason=""))


@pytest.mark.parametrize("pair", ["word", "=new", "absent=new"])
def test_a_replacement_that_cannot_be_done_is_refused(pair: str) -> None:
    with pytest.raises(ConfigError, match="--replace"):
        apply(ARTICLE, Change(file=None, title=None, replace=(pair,), reason=""))


def test_a_triple_names_its_signatures() -> None:
    named = triple("1").signatures

    assert {path.partition(".")[0] for path in named} == {"here", "withdrawn", "latest"}
    assert Digest("x") not in named


def test_a_doubted_mirror_keeps_what_was_tried_and_trusts_nothing() -> None:
    placed = Tried(placed=triple("1"), others=(triple("2"),)).doubted()

    assert placed.placed is None
    assert {triple("1"), triple("2")} <= set(placed.others)
    assert placed.doubted() == placed
