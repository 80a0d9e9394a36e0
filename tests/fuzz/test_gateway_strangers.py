"""What strangers send by mail, and what foreign gateways answer, never gets past its door."""

from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.cleaner import clean
from gateway.check import check
from gateway.foreign import parse
from gateway.slip import parted
from gateway.taking import Refused, Taken, take
from gateway.words import BEGIN, END, words_of
from tamizdat.errors import FormatError, SourceError
from tamizdat.letter import Entry, LetterState
from tests.kit.post import START, gate
from tests.unit.gateway.test_letter_check import entry, slip_for, text
from tests.unit.signing.paper import Newsroom

NAMES = [b"Subject", b"From", b"Date", b"Message-ID", b"Content-Type", b"Auto-Submitted", b"To"]
VALUES = st.binary(max_size=60) | st.sampled_from(
    [
        b"=?utf-8?b?8J+?=",
        b"<<<>",
        b"multipart/mixed; boundary=x",
        b"text/html; charset=nonsense",
        b"text/plain; charset*0*=x''%",
        b"a@[, b;:",
        b"Mon, 99 Foo 99999 99:99:99 +9999",
    ]
)
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6)
HTML = st.text(
    st.sampled_from("<>&/='\"! -abp \x00\x02\x03") | st.characters(), max_size=60
) | st.sampled_from([BEGIN, END, "<a href='x", "<!--", "<![CDATA[", "<?x", "</p", "&#x110000;"])
LETTER = entry(text(), slip_for(text()))


@settings(max_examples=300, deadline=None)
@given(HEADERS, st.binary(max_size=200))
def test_any_letter_is_taken_or_refused(headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    letter = b"".join(b"%s: %s\r\n" % pair for pair in headers) + b"\r\n" + body

    found = take(letter, clean, START)

    assert isinstance(found, Taken | Refused)
    if isinstance(found, Taken):
        assert "@" not in found.content.author
        assert found.content.published <= START


@settings(max_examples=300, deadline=None)
@given(st.lists(HTML, max_size=6).map("".join))
def test_any_html_has_words_or_is_refused(html: str) -> None:
    try:
        words = words_of(html, "letter")
    except FormatError:
        words = ""
    assert words == words.strip()
    parted(html)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(LETTER.html) - 1), HTML.filter(bool))
def test_what_is_put_into_a_letter_is_never_verified_with_other_words(at: int, put: str) -> None:
    before, after = LETTER.html[:at], LETTER.html[at:]
    changed = before + put + after

    proved = check(Entry(id="x", title=LETTER.title, html=changed), gate(Newsroom()))

    if proved and proved.state is LetterState.VERIFIED:
        found = parted(changed)
        ours = parted(LETTER.html)
        assert found
        assert ours
        assert words_of(found.before, "x") == words_of(ours.before, "x")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda t: f"<rss>{t}</rss>".encode()))
def test_any_feed_is_read_or_refused(body: bytes) -> None:
    try:
        page = parse(body)
    except SourceError:
        return
    assert page.entries == ()
