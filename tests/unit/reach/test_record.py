"""A record: numbers and texts that no measurement of ours holds are refused, not computed with."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from reach.record import decode, encode
from tamizdat.errors import SourceError
from tests.kit.sights import GOOD, sight

SEEN = sight(*GOOD)
LOOKUP, DIAL, HANDSHAKE, EXCHANGE, CHECK = range(5)


def seen(step: int, **fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda told: told["steps"][step]["seen"].update(fields)


def step(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda told: told["steps"][0].update(fields)


ABSURD = [
    seen(EXCHANGE, body_length=10**400),
    seen(EXCHANGE, body_length=-1),
    seen(EXCHANGE, stalled_at=2**53),
    seen(EXCHANGE, wire=1.5),
    seen(EXCHANGE, seconds=-0.1),
    seen(EXCHANGE, seconds=1e300),
    seen(DIAL, port=65536),
    seen(HANDSHAKE, port=-1),
    seen(CHECK, edition=10**30),
    seen(CHECK, detail="x" * 501),
    step(t0=-1.0),
    step(t=1e9),
    step(t="soon"),
    lambda told: told["steps"][LOOKUP]["seen"]["replies"][0].update(after=-1.0),
]


def test_a_record_is_read_as_it_was_written() -> None:
    assert decode(encode(SEEN), "here") == SEEN


@pytest.mark.parametrize("change", ABSURD)
def test_an_absurd_number_or_text_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    told = json.loads(encode(SEEN))
    change(told)

    with pytest.raises(SourceError, match="is no measurement of ours"):
        decode(json.dumps(told).encode(), "here")
