"""A deed and its chain: what is spelled comes back, and what was touched shows."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tamizdat.article import ArticleId
from tamizdat.closing import DRAFT, MARK, OPEN
from tamizdat.deeds import BEGINNING, Deed, Link, What, decode, encode, follow, linked
from tamizdat.digest import Digest
from tamizdat.errors import FormatError, SourceError

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
DEED = Deed(at=NOW, what=What.RELEASED, person=2, article=ArticleId("abcdefghijklm"))


def chain(count: int) -> list[Link]:
    """Rows as they lie in a log."""
    links: list[Link] = []
    for number in range(1, count + 1):
        body = encode(replace(DEED, person=number))
        before = links[-1].sha256 if links else BEGINNING
        links.append(Link(number=number, body=body, sha256=linked(before, number, body)))
    return links


@pytest.mark.parametrize(
    "deed",
    [DEED, Deed(at=NOW, what=What.SLOWED, about=3), Deed(at=NOW, what=What.BYLINE, person=0)],
)
def test_a_deed_comes_back_as_it_was(deed: Deed) -> None:
    assert decode(encode(deed)) == deed


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}\n",
        b'{"about":null,"article":null,"at":"x","person":1,"what":"released"}\n',
        b'{"about":null,"article":null,"at":1,"person":true,"what":"released"}\n',
        b'{"about":null,"article":null,"at":1,"person":1,"what":"sold"}\n',
    ],
)
def test_what_is_no_deed_is_refused(body: bytes) -> None:
    with pytest.raises((FormatError, SourceError)):
        decode(body)


def test_a_deed_is_told_in_utc() -> None:
    with pytest.raises(ValueError, match="UTC"):
        Deed(at=datetime(2026, 11, 26), what=What.JOINED)  # noqa: DTZ001 - on purpose


def test_a_whole_chain_is_whole() -> None:
    links = chain(3)

    checked = follow(links)

    assert (checked.count, checked.last, checked.broken) == (3, links[-1].sha256, None)
    assert follow([]).last == BEGINNING


def test_each_way_to_touch_a_chain_shows_where() -> None:
    links = chain(3)
    forged = replace(links[1], body=encode(replace(DEED, person=9)))
    moved = replace(links[2], number=2)
    reforged = replace(forged, sha256=linked(links[0].sha256, 2, forged.body))

    assert follow([links[0], forged, links[2]]).broken == 2
    assert follow([links[0], moved]).broken == 2
    assert follow(links[1:]).broken == 1
    assert follow([links[0], reforged, links[2]]).broken == 3


def test_rows_cut_off_the_end_show_beside_what_was_seen() -> None:
    links = chain(3)

    assert follow(links, seen=links[-1].sha256).broken is None
    assert follow(links, seen=links[0].sha256).broken is None
    assert follow(links[:2], seen=links[-1].sha256).broken == 3
    assert follow(links, seen=Digest("f" * 64)).broken == 4


def test_without_a_key_all_lies_open_and_what_is_closed_says_so() -> None:
    assert OPEN.open(OPEN.close(b"text", DRAFT), DRAFT) == b"text"
    with pytest.raises(SourceError, match=r"desk\.sealed"):
        OPEN.open(MARK + b"closed", DRAFT)
