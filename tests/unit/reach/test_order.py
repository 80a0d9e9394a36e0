"""An order: what it may say, and that nothing else is obeyed."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reach.order import MAX_ORDER, Order, decode, encode
from tamizdat.errors import SourceError
from tests.kit.orders import AIM, order, other

WHOLE = replace(order(AIM, other("birch")), authorities="-----BEGIN CERTIFICATE-----\n")


def test_an_order_is_read_as_it_was_given_and_is_one_line() -> None:
    line = encode(WHOLE)

    assert decode(line + b"\n") == WHOLE
    assert b"\n" not in line


Change = Callable[[dict[str, Any]], object]


def top(**fields: object) -> Change:
    return lambda told: told.update(fields)


def first(**fields: object) -> Change:
    return lambda told: told["aims"][0].update(fields)


def there(**fields: object) -> Change:
    return lambda told: told["vantage"].update(fields)


def proof(**fields: object) -> Change:
    return lambda told: told["proof"].update(fields)


def patience(**fields: object) -> Change:
    return lambda told: told["patience"].update(fields)


def secret(told: dict[str, Any]) -> None:
    told["aims"] = [
        {**told["aims"][0], "mirror": f"m{n}", "exposure": "secret", "decoy": None, "group": "own"}
        for n in range(6)
    ]


REFUSED: list[Change] = [
    top(version=2),
    top(version="1"),
    top(unheard="of"),
    top(aims=[]),
    top(at="yesterday"),
    top(authorities=""),
    top(authorities="ü"),
    lambda told: told.pop("proof"),
    lambda told: told.update(aims=told["aims"] * 2),
    lambda told: told.update(aims=told["aims"] * 101),
    first(base="ftp://news.example/"),
    first(base="https://user@news.example/"),
    first(base="https://news.example/\r\nHost: x"),
    first(base="https://news.example:99999/"),
    first(base="https://näws.example/"),
    first(addresses=["news.example"]),
    first(addresses=["192.0.2.1"] * 17),
    first(decoy="no name"),
    first(decoy="."),
    first(canaries=["https://canary.example/"] * 5),
    first(canaries=["file:///etc/passwd"]),
    first(exposure="everybody"),
    first(exposure="secret"),
    first(exposure="group", group="other"),
    first(key="of ours"),
    there(country="Iran"),
    there(network="64500"),
    there(resolver="dns.example"),
    there(kind="spy"),
    secret,
    proof(roots=[]),
    proof(editions=[[8, "0" * 64], [7, "0" * 64]]),
    proof(editions=[[7, "0" * 64], [7, "0" * 64]]),
    proof(editions=[[0, "0" * 64]]),
    proof(editions=[[7, "x"]]),
    lambda told: told["proof"]["roots"][0].update(sha256="0" * 64),
    lambda told: told["proof"]["roots"][0].update(body="not base64!"),
    patience(whole=0),
    patience(whole=3601),
    patience(tcp="long"),
]


@pytest.mark.parametrize("change", REFUSED)
def test_whatever_else_it_says_is_refused_in_one_line(change: Change) -> None:
    told = json.loads(encode(order()))
    change(told)

    with pytest.raises(SourceError, match=r"^order: [^\n]{1,290}$"):
        decode(json.dumps(told).encode())


def test_an_order_that_is_too_long_is_not_read() -> None:
    with pytest.raises(SourceError, match="is over"):
        decode(b" " * (MAX_ORDER + 1))


def test_numbers_that_are_none_are_refused() -> None:
    line = encode(order()).replace(b'"whole":240.0', b'"whole":NaN')

    with pytest.raises(SourceError):
        decode(line)


def read(line: bytes) -> Order | None:
    """The order, None where it is refused; anything else is a bug."""
    try:
        return decode(line)
    except SourceError:
        return None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)
PLACES: list[tuple[str | int, ...]] = [
    ("vantage",),
    ("vantage", "resolver"),
    ("vantage", "groups"),
    ("aims",),
    ("aims", 0),
    ("aims", 0, "base"),
    ("aims", 0, "decoy"),
    ("aims", 0, "addresses"),
    ("proof", "roots"),
    ("proof", "roots", 0, "signatures"),
    ("proof", "editions"),
    ("patience",),
    ("at",),
    ("authorities",),
    ("version",),
]


@given(place=st.sampled_from(PLACES), value=JSON)
def test_any_value_anywhere_is_an_order_or_a_refusal(
    place: tuple[str | int, ...], value: object
) -> None:
    told: Any = json.loads(encode(order()))
    inner = told
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value

    found = read(json.dumps(told).encode())

    assert found is None or read(encode(found)) == found


@given(cut=st.integers(min_value=0), noise=st.binary(max_size=12))
def test_a_damaged_line_is_an_order_or_a_refusal(cut: int, noise: bytes) -> None:
    line = encode(order())
    at = cut % len(line)

    found = read(line[:at] + noise + line[at + len(noise) :])

    assert found is None or read(encode(found)) == found
