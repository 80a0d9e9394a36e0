"""Hints: a token opens one slot of one shard, and the file tells nothing else."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from signing import hints
from signing.token import LEAVES, Token, leaves, read, token
from tamizdat import canonical
from tamizdat.errors import FormatError, SigningError
from tamizdat.wire import SPEC, Hints

MASTER, SALT = bytes(range(32)), bytes(range(16))
GROVE, PREFIX = "mail\x002026-11", "010"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@cache
def tokens() -> Mapping[str, Token]:
    return dict(leaves(MASTER, GROVE, PREFIX))


def addresses(mirrors: int) -> dict[bytes, str]:
    """Each leaf's mirror, where the shard has so many groups."""
    return {
        one.key: f"https://m{number * mirrors // LEAVES}.example/"
        for number, one in enumerate(tokens().values())
    }


def file(slots: str, salt: bytes = SALT) -> Hints:
    first = next(iter(tokens().values()))
    return Hints(
        spec=SPEC,
        channel="0" * 32,
        issued=NOON,
        version=1,
        root_version=1,
        shard=first.shard,
        salt=salt.hex(),
        slots=slots,
        expires=NOON,
    )


def test_each_token_opens_the_mirror_of_its_group() -> None:
    found = {
        bits: hints.opened(file(hints.slots(addresses(4), SALT)), one)
        for bits, one in tokens().items()
    }

    assert set(found.values()) == {f"https://m{n}.example/" for n in range(4)}
    assert found["0100000000"] == "https://m0.example/"
    assert found["0101111111"] == "https://m3.example/"


def test_a_token_opens_nothing_in_a_file_of_other_leaves() -> None:
    others = {one.key: "https://m.example/" for _, one in leaves(MASTER, "web\x002026-11", PREFIX)}

    assert hints.opened(file(hints.slots(others, SALT)), tokens()["0100000000"]) is None


def test_the_file_has_one_size_however_groups_are_divided() -> None:
    bodies = [file(hints.slots(addresses(n), SALT)).encode() for n in (1, 2, 64, 128)]

    assert len({len(body) for body in bodies}) == 1
    assert 12_000 < len(bodies[0]) < 25_000


def test_slots_of_one_group_have_nothing_in_common_that_can_be_seen() -> None:
    body = base64.b64decode(hints.slots(addresses(1), SALT))
    slots = [body[at : at + 141] for at in range(0, len(body), 141)]

    assert len(slots) == LEAVES
    assert len({slot[:8] for slot in slots}) == LEAVES
    assert len({slot[8:] for slot in slots}) == LEAVES
    assert slots == sorted(slots)


def test_another_salt_changes_every_slot() -> None:
    first, second = (base64.b64decode(hints.slots(addresses(4), bytes([n]) * 16)) for n in range(2))
    slots = [{body[at : at + 8] for at in range(0, len(body), 141)} for body in (first, second)]

    assert not slots[0] & slots[1]


def test_a_slot_that_was_changed_opens_nothing() -> None:
    one = tokens()["0100000000"]
    body = bytearray(base64.b64decode(hints.slots(addresses(4), SALT)))
    for at in range(100, len(body), 141):
        body[at] ^= 1

    assert hints.opened(file(base64.b64encode(body).decode()), one) is None


@pytest.mark.parametrize(
    "plain", [b"\x75" + b"m" * 116, b"\x01m" + b"x" * 115, b"\x01\xff" + bytes(115)]
)
def test_a_slot_that_holds_no_address_is_refused(plain: bytes) -> None:
    one = tokens()["0100000000"]
    key, tag = (
        hmac.digest(one.key, b"tamizdat hint " + use + SALT, "sha256") for use in (b"slot", b"tag")
    )
    slot = tag[:8] + ChaCha20Poly1305(key).encrypt(bytes(12), plain, None)

    with pytest.raises(FormatError, match="holds no address"):
        hints.opened(file(base64.b64encode(slot * LEAVES).decode()), one)


@pytest.mark.parametrize(
    ("field", "value"),
    [("slots", "AAAA"), ("slots", "=" * 24064), ("salt", "0" * 31), ("shard", "0" * 9)],
)
def test_a_hint_file_of_another_shape_is_refused(field: str, value: str) -> None:  # formats 10.1
    good = file(hints.slots(addresses(4), SALT))
    bad = canonical.encode({**good.plain(), field: value})

    assert Hints.parse(good.encode(), "hints/x.json") == good
    with pytest.raises(FormatError, match=r"10\.1"):
        Hints.parse(bad, "hints/x.json")


def test_another_shard_is_refused() -> None:  # formats 10.5
    other = replace(file(hints.slots(addresses(4), SALT)), shard="00000000")

    with pytest.raises(FormatError, match=r"10\.5"):
        hints.opened(other, tokens()["0100000000"])


def test_an_address_that_no_slot_holds_is_refused() -> None:
    long = dict.fromkeys(addresses(1), "https://" + "m" * 110)

    with pytest.raises(SigningError, match="over 116 characters"):
        hints.slots(long, SALT)


def test_a_shard_without_a_leaf_is_refused() -> None:
    with pytest.raises(SigningError, match="128 slots, not 1"):
        hints.slots({bytes(16): "https://m.example/"}, SALT)


@given(st.integers(0, LEAVES - 1))
def test_a_token_is_read_back_as_words_letters_and_link(number: int) -> None:
    one = list(tokens().values())[number]

    assert read(one.words) == read(one.letters) == one
    assert read(f" https://paper.example/ways.html#{one.letters}\n") == one
    assert read(one.words.upper().replace(" ", "\n")) == one
    assert read("-".join((one.letters[:18], one.letters[18:]))) == one


def test_a_token_is_eleven_words_or_thirty_six_letters() -> None:
    one = tokens()["0100000000"]

    assert len(one.words.split()) == 11
    assert len(one.letters) == 36


@pytest.mark.parametrize("text", ["", "babab", "babab " * 10, "a" * 35, "1" * 36, "a" * 37])
def test_what_is_no_token_is_refused(text: str) -> None:  # formats 10.4
    with pytest.raises(FormatError, match=r"10\.4"):
        read(text)


@given(st.integers(0, 35), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_letter_that_was_misread_is_noticed(at: int, letter: str) -> None:
    letters = tokens()["0100000000"].letters
    wrong = letters[:at] + letter + letters[at + 1 :]

    told = _read(wrong)

    assert (told is None) == (wrong != letters)


def test_leaves_of_one_shard_share_its_name_and_no_key() -> None:
    found = list(tokens().values())
    other = token(MASTER, GROVE, "0110000000")

    assert len({one.shard for one in found}) == 1
    assert len({one.key for one in found}) == LEAVES
    assert other.shard != found[0].shard
    assert token(bytes(32), GROVE, "0100000000").key != found[0].key


def _read(text: str) -> Token | None:
    try:
        return read(text)
    except FormatError:
        return None
