"""A bundle's trailer is as long as its body announces, however long the signatures come out."""

import pytest

from feeds.bundle import zip_body
from service.bundling import Form, signed
from service.newsroom import Keys
from signing import passport
from tamizdat.edition import Signature
from tamizdat.padding import padme
from tamizdat.wire import Root
from tests.unit.signing.paper import START, Newsroom
from tests.unit.signing.pens import Pen

SIZES = range(7000, 11000, 20)
"""Around ten thousand bytes a body's length has now four digits, now five."""

EDITIONS = (1, 10, 100)
"""With the number of digits base64 fills its last group, or begins another."""


class Hasty:
    """A pen whose clock stands still: the same bytes get the same signature."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen

    async def sign(self, body: bytes) -> tuple[Signature, ...]:
        return (self._pen.sign(body),)


class Ragged(Hasty):
    """A pen whose signatures are now and then four letters shorter, as the bytes will have it."""

    async def sign(self, body: bytes) -> tuple[Signature, ...]:
        (made,) = await super().sign(body)
        short = sum(body) % 16 == 0
        armor = made.armor[:-4] if short else made.armor
        return (Signature(fingerprint=made.fingerprint, armor=armor),)


async def keys(signer: type[Hasty]) -> Keys:
    paper = await Newsroom().found()
    release = signer(paper.pen("release"))
    return Keys(
        roots=tuple(paper.roots),
        root=Root.parse(paper.roots[0].body, "root/1.json"),
        root_id=paper.root_id,
        words="",
        release=release,
        timestamp=release,
        mirrors=release,
    )


def form(size: int) -> Form:
    members = [("a.jpg", bytes(size))]
    return Form(
        kind="zip",
        make=lambda length, wider: zip_body(members, length, wider),
        files=1,
        unpacked=size,
    )


@pytest.mark.parametrize("signer", [Hasty, Ragged])
async def test_two_lengths_never_take_turns_for_ever(signer: type[Hasty]) -> None:
    # formats 7.2
    held = await keys(signer)

    files = [
        await signed(held, form(size), "zh-Hans", edition, START)
        for size in SIZES
        for edition in EDITIONS
    ]

    assert all(passport.split(file, "bundle").form == "zip" for file in files)
    assert all(len(file) == padme(len(file)) for file in files)  # formats 7.5


@pytest.mark.parametrize("letters", range(80, 110))
async def test_a_body_that_just_crosses_a_thousand_bytes_is_padded_more(letters: int) -> None:
    # formats 7.2: the trailer tells the body's length, in three digits or in four
    held = await keys(Hasty)

    file = await signed(held, form(600), "x" * letters, 1, START)

    assert passport.split(file, "bundle").form == "zip"
    assert len(file) == padme(len(file))
