"""A letter proves itself from a feed's entry alone, or does not."""

import base64
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from gateway.check import check
from gateway.letter import Text, letter, slips, text_of
from gateway.plain import plain
from gateway.slip import parted, sealed_slip
from gateway.words import BEGIN, END, MAX_CONTENT, digest_of, words_of
from tamizdat.article import SafeHtml
from tamizdat.errors import FormatError, SourceError
from tamizdat.letter import Entry, GatewayId, LetterState, SealedSlip
from tests.kit.post import SENDER, START, article, gate
from tests.unit.signing.paper import Newsroom

GATEWAY = GatewayId("gate")


def slip_for(*texts: Text, role: str = "release", channel: str | None = None) -> SealedSlip:
    root = Newsroom().root_body()
    body = slips(texts, channel=channel or root.channel, root_version=1, issued=START)[0].encode()
    pen = Newsroom().pen(role)
    return SealedSlip(body=body, signatures=(pen.sign(body),))


def text(number: int = 1, revision: int = 1) -> Text:
    return text_of(article(number, revision=revision), pictures=None, ways=("https://m.example/",))


def entry(made: Text, slip: SealedSlip) -> Entry:
    return Entry(id="theirs", title=made.title, html=made.with_block(slip))


def state(found: Entry) -> tuple[LetterState, str]:
    proved = check(found, gate(Newsroom()))
    assert proved is not None
    return proved.state, proved.detail


@pytest.mark.parametrize("number", range(4))
def test_a_letter_in_each_script_is_verified_from_its_bytes(number: int) -> None:
    made = text(number)
    body = letter(made, slip_for(made), GATEWAY, SENDER).body
    message = message_from_bytes(body, policy=default)
    part = message.get_body(("html",))
    assert part is not None

    found = Entry(id="x", title=str(message["Subject"]), html=part.get_content())

    assert state(found) == (LetterState.VERIFIED, "")


def test_two_makings_of_a_letter_are_the_same_bytes() -> None:
    made, again = text(), text()

    first = letter(made, slip_for(made), GATEWAY, SENDER)
    second = letter(again, slip_for(again), GATEWAY, SENDER)

    assert first == second
    assert b"\r\nDate: Sat, 14 Mar 2026 08:26:54 +0000\r\n" in first.body
    other = letter(made, slip_for(made), GatewayId("other"), SENDER)
    assert other.message_id != first.message_id


def test_a_title_cannot_put_a_header_into_a_letter() -> None:
    evil = replace(article(1), title="news\r\nBcc: someone@else.example")

    made = text_of(evil, pictures=None, ways=())
    message = message_from_bytes(letter(made, slip_for(made), GATEWAY, SENDER).body, policy=default)

    assert message["Bcc"] is None
    assert message["Subject"] == "news Bcc: someone@else.example"


HARMLESS: list[tuple[str, Callable[[str], str]]] = [
    ("a footer after the block", lambda html: html + '<p style="color:red">bye <img src="x"></p>'),
    ("folded white space", lambda html: html.replace("\n", "\r\n\t ")),
    ("a block broken by line ends", lambda html: html.replace("\n", "<br>\n", 20)),
    ("an outer element", lambda html: f'<div class="mail">{html}</div>'),
    ("links that open elsewhere", lambda html: html.replace("<a ", '<a target="_blank" ')),
    ("combined letters", lambda html: html.replace("e\u0301", "\u00e9")),
]


@pytest.mark.parametrize(("what", "change"), HARMLESS, ids=[what for what, _ in HARMLESS])
def test_what_no_reader_sees_does_not_matter(what: str, change: Callable[[str], str]) -> None:
    made = text()
    found = entry(made, slip_for(made))

    changed = replace(found, html=change(found.html))

    assert changed != found, what
    assert state(changed) == (LetterState.VERIFIED, "")


HARMFUL: list[tuple[str, Callable[[Entry], Entry], str]] = [
    ("a word", lambda e: replace(e, html=e.html.replace("world", "worlds", 1)), "8.4"),
    ("a header", lambda e: replace(e, html="<p>advertisement</p>" + e.html), "8.4"),
    ("the title", lambda e: replace(e, title=e.title + "!"), "8.4"),
    ("a link", lambda e: replace(e, html=e.html.replace("a=1", "a=2")), "8.4"),
    ("a link put in", lambda e: replace(e, html=e.html.replace("<b>", '<a href="y">', 1)), "8.4"),
    ("a picture", lambda e: replace(e, html='<img src="y">' + e.html), "8.4"),
    ("a hidden part", lambda e: replace(e, html=e.html.replace("<p", '<p style="x"', 1)), "8.3"),
    ("a script", lambda e: replace(e, html="<script>1</script>" + e.html), "8.3"),
    ("a comment", lambda e: replace(e, html="<!--> hi -->" + e.html), "8.3"),
    ("the revision", lambda e: replace(e, html=e.html.replace("revision 1", "revision 2")), "8.5"),
    ("its length", lambda e: replace(e, html="<p>x</p>" * 9 + e.html), "8.4"),
]


@pytest.mark.parametrize(("what", "change", "clause"), HARMFUL, ids=[row[0] for row in HARMFUL])
def test_what_a_reader_would_see_or_follow_makes_it_altered(
    what: str, change: Callable[[Entry], Entry], clause: str
) -> None:
    made = text(1)
    found = entry(made, slip_for(made))

    changed = change(found)

    assert changed != found, what
    assert state(changed) == (LetterState.ALTERED, clause)


def test_words_moved_into_a_link_are_not_the_same_words() -> None:
    shown = words_of('<p><a href="x">a</a> b</p>', "letter")

    moved = words_of('<p><a href="x> b">a</a></p>', "letter")

    assert shown != moved


def test_a_slip_of_another_role_or_channel_proves_nothing() -> None:
    # formats 8.5
    made = text()

    by_timestamp = entry(made, slip_for(made, role="timestamp"))
    foreign = entry(made, slip_for(made, channel="f" * 32))

    assert state(by_timestamp) == (LetterState.ALTERED, "2.10")
    assert state(foreign) == (LetterState.ALTERED, "6.3")


def test_a_slip_for_other_articles_proves_nothing() -> None:
    # formats 8.5
    made, other = text(1), text(2)

    assert state(entry(made, slip_for(other))) == (LetterState.ALTERED, "8.5")


def test_an_older_revision_is_no_proof_of_a_newer() -> None:
    # formats 8.5
    old, new = text(1, 1), text(1, 2)

    assert state(entry(new, slip_for(old))) == (LetterState.ALTERED, "8.5")


def test_one_slip_vouches_for_twenty_and_no_more() -> None:
    # formats 8.5
    texts = [text(number) for number in range(41)]

    made = slips(texts, channel="0" * 32, root_version=1, issued=START)

    assert [len(one.articles) for one in made] == [20, 20, 1]
    assert max(len(one.encode()) for one in made) <= 4096


def test_a_block_in_another_spelling_is_refused() -> None:
    # formats 8.6
    made = text()
    found = parted(made.with_block(slip_for(made)))
    assert found is not None
    odd = replace(found.claim, encoded=found.claim.encoded.rstrip("=") + "====")
    bare = replace(found.claim, encoded=base64.b64encode(b"{}\n").decode())

    for claim in (odd, bare):
        with pytest.raises(FormatError, match=r"8\.6"):
            sealed_slip(claim, "letter")


@pytest.mark.parametrize(
    "html", ["<p>x</p>", BEGIN, f"{BEGIN} {END}", f"{END}{BEGIN}", f"{BEGIN} a b c d e f {END}"]
)
def test_an_entry_without_a_block_claims_nothing(html: str) -> None:
    # formats 8.7
    assert check(Entry(id="x", title="x", html=html), gate(Newsroom())) is None


def test_endless_content_is_not_looked_at() -> None:
    # formats 8.3
    made = text()
    found = entry(made, slip_for(made))

    assert check(replace(found, html="x" * MAX_CONTENT + found.html), gate(Newsroom())) is None


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["<a ", "<a href='", "</a", "<a b=c ", "<", "<!--", "<a href=x>"])
def test_hostile_content_takes_no_time(piece: str) -> None:
    # formats 8.3
    html = piece * (MAX_CONTENT // len(piece)) + "<!"

    with pytest.raises(FormatError, match=r"8\.3"):
        words_of(html, "letter")


def test_an_article_that_quotes_a_block_cannot_go_by_mail() -> None:
    quoting = replace(article(1), html=SafeHtml(f"<p>{BEGIN}</p>"))

    with pytest.raises(SourceError, match="quotes"):
        text_of(quoting, pictures=None, ways=())


def test_the_title_and_the_words_are_kept_apart() -> None:
    assert digest_of("a b", "c") != digest_of("a", "b c")


def test_plain_text_keeps_paragraphs_and_addresses() -> None:
    html = '<p>a <b>b</b></p><ul><li><a href="https://x.example">c</a></ul><pre>d\n  e</pre>'

    assert plain(html) == "a b\n\n- c <https://x.example>\n\nd\ne"


TITLES = [
    "Городской совет девять недель скрывал данные о воде",
    'Paper, "quoted" \\ and =?utf-8?q?not?= a word',
    "a " * 90,
    "сло во " * 25,
    "نوشته‌ی " * 24,
]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_comes_through_a_letter_as_it_was(title: str) -> None:
    made = text_of(replace(article(1), title=title), pictures=None, ways=())

    body = letter(made, slip_for(made), GATEWAY, replace(SENDER, name=title[:20])).body
    message = message_from_bytes(body, policy=default)

    assert str(message["Subject"]) == made.title
    assert message["From"].addresses[0].display_name == " ".join(title[:20].split())
    assert message["From"].addresses[0].addr_spec == SENDER.address
    assert max(len(line) for line in body.splitlines()) <= 200
    assert body.isascii()
