from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing import shamir, shares, words
from tamizdat.errors import SigningError

PASSPHRASE = "lusab babad gutih tugad"
VECTOR = "fahap bahaf kabof latoj linuj zazov vibap duzum ruhut"
SETS = st.integers(2, 5).flatmap(lambda k: st.tuples(st.just(k), st.integers(k, 7)))


def counting(length: int) -> bytes:
    return bytes(range(1, length + 1))


PRODUCTS = [
    # one, other, product: FIPS 197, 4.2 and 4.2.1
    (0x57, 0x83, 0xC1),
    (0x57, 0x13, 0xFE),
    (0x57, 0x02, 0xAE),
    (0x57, 0x04, 0x47),
    (0x57, 0x08, 0x8E),
    (0x57, 0x10, 0x07),
    (0x57, 0x00, 0x00),
]


@pytest.mark.parametrize(("one", "other", "product"), PRODUCTS)
def test_products_are_those_of_the_standard(one: int, other: int, product: int) -> None:
    assert shamir.times(one, other) == product
    assert shamir.times(other, one) == product


def test_each_number_but_zero_has_an_inverse() -> None:
    assert all(shamir.times(one, shamir.inverse(one)) == 1 for one in range(1, 256))
    assert shamir.inverse(0x53) == 0xCA


def test_points_are_those_that_a_person_computes() -> None:
    # f(x) = 0x42 + x, and g(x) = 0x57 + 2x + 3x^2
    line = shamir.split(b"\x42", 2, 3, lambda _: b"\x01")
    coefficients = iter([b"\x02", b"\x03"])
    curve = shamir.split(b"\x57", 3, 3, lambda _: next(coefficients))

    assert line == {1: b"\x43", 2: b"\x40", 3: b"\x41"}
    assert curve == {1: b"\x56", 2: b"\x5f", 3: b"\x5e"}


@given(st.binary(min_size=1, max_size=40), SETS)
def test_enough_points_give_the_secret_again(secret: bytes, of: tuple[int, int]) -> None:
    points = shamir.split(secret, *of)

    for some in combinations(points, of[0]):
        assert shamir.join({x: points[x] for x in some}) == secret
    assert shamir.join(points) == secret


@given(st.integers(0, 255), st.integers(0, 255))
def test_one_point_of_two_fits_every_secret(point: int, secret: int) -> None:
    slope = point ^ secret

    points = shamir.split(bytes([secret]), 2, 2, lambda _: bytes([slope]))

    assert points[1] == bytes([point])


@pytest.mark.parametrize(("needed", "count"), [(1, 3), (4, 3), (2, 16)])
def test_a_set_that_makes_no_sense_is_refused(needed: int, count: int) -> None:
    with pytest.raises(SigningError, match="at least 2"):
        shamir.split(b"secret", needed, count)


@pytest.mark.parametrize("points", [{1: b"a", 2: b"bc"}, {0: b"a", 1: b"b"}, {}])
def test_points_of_different_secrets_are_refused(points: dict[int, bytes]) -> None:
    with pytest.raises(SigningError, match="not of one secret"):
        shamir.join(points)


def test_a_share_is_written_in_these_words() -> None:
    first, *_ = shares.split("a pass", 2, 3, counting)

    assert first.words == VECTOR
    assert shares.share(VECTOR) == first


@given(st.text(min_size=1, max_size=40), SETS)
def test_a_passphrase_comes_back_from_paper(passphrase: str, of: tuple[int, int]) -> None:
    made = shares.split(passphrase, *of)
    read = [shares.share(one.words.upper().replace(" ", "\n  ")) for one in made]

    assert shares.joined(read[-of[0] :]) == passphrase


@given(st.integers(0), st.integers(0, 2**16 - 1))
def test_a_wrong_word_is_noticed(at: int, number: int) -> None:
    printed = shares.split(PASSPHRASE, 2, 3)[0].words.split()
    at %= len(printed)
    other = words.written(number.to_bytes(2))
    wrong = [*printed[:at], other, *printed[at + 1 :]] if other != printed[at] else printed[1:]

    with pytest.raises(SigningError, match="not complete"):
        shares.share(" ".join(wrong))


def test_what_is_no_share_is_refused() -> None:
    short = words.written(b"\0\0")
    body = bytes([0x21, 9, 1, 2, 3, 4])

    with pytest.raises(SigningError, match="none of ours"):
        shares.share("correct horse")
    with pytest.raises(SigningError, match="not complete"):
        shares.share(short)
    with pytest.raises(SigningError, match=r"is not complete$"):
        shares.share(words.written(body + shares._check(body)))


def test_too_few_shares_and_strange_ones_are_refused() -> None:
    one, two, three = shares.split(PASSPHRASE, 3, 3)
    other = shares.split("another passphrase", 3, 3)
    false = shares.Share(needed=3, number=3, mark=one.mark, point=b"x" * len(one.point))

    with pytest.raises(SigningError, match="3 different shares are needed, these are 2"):
        shares.joined([one, two, two])
    with pytest.raises(SigningError, match="not of one set"):
        shares.joined([one, two, other[2]])
    with pytest.raises(SigningError, match="give nothing"):
        shares.joined([one, two, false])
    assert shares.joined([three, one, two]) == PASSPHRASE


@pytest.mark.parametrize("passphrase", ["", "x" * 201])
def test_a_passphrase_of_a_wrong_length_is_not_split(passphrase: str) -> None:
    with pytest.raises(SigningError, match="up to 200"):
        shares.split(passphrase, 2, 3)
