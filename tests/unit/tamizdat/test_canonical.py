import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamizdat.canonical import MAX_DEPTH, MAX_INTEGER, Json, decode, encode
from tamizdat.errors import FormatError

leaves = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text()
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), leaves))
def test_what_was_encoded_is_decoded_to_the_same(value: dict[str, Json]) -> None:
    assert decode(encode(value), "x") == value


def test_there_is_one_spelling() -> None:
    odd = 'a"\\/\n\x1f\x7f'

    assert encode({"b": 1, "a": ["é", True, None]}) == '{"a":["é",true,null],"b":1}\n'.encode()
    assert encode({odd: -1}) == b'{"a\\"\\\\/\\n\\u001f\x7f":-1}\n'  # formats 1.1
    assert encode({"\U0001f600": 1, "\uffff": 2}) == '{"\uffff":2,"\U0001f600":1}\n'.encode()


def test_a_text_that_is_wrong_in_many_ways_is_refused_by_one_of_them() -> None:
    with pytest.raises(FormatError) as caught:
        decode(b'{"a":1.5,"a":9007199254740992', "x")

    assert caught.value.clause in {"1.2", "1.3", "1.4", "1.6"}  # formats 1.9


REFUSED = [
    # what is wrong               bytes                          clause
    ("not UTF-8", b'{"a":"\xff"}', "1.2"),
    ("not JSON", b'{"a":', "1.2"),
    ("no object", b"[1]", "1.2"),
    ("a key twice", b'{"a":1,"a":1}', "1.3"),
    ("a key twice, deep", b'{"a":{"b":1,"b":2}}', "1.3"),
    ("a fraction", b'{"a":1.0}', "1.4"),
    ("an exponent", b'{"a":1e3}', "1.4"),
    ("not a number", b'{"a":NaN}', "1.4"),
    ("infinity", b'{"a":-Infinity}', "1.4"),
    ("too deep", b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}", "1.5"),
    ("far too deep", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "1.5"),
    ("2^53", b'{"a":9007199254740992}', "1.6"),
    ("-2^53", b'{"a":-9007199254740992}', "1.6"),
    ("a very long number", b'{"a":' + b"9" * 10_000 + b"}", "1.6"),
]


@pytest.mark.parametrize(("what", "body", "clause"), REFUSED)
def test_bytes_that_break_a_clause_are_refused(what: str, body: bytes, clause: str) -> None:
    with pytest.raises(FormatError) as caught:  # formats 1.2 to 1.6
        decode(body, what)

    assert caught.value.clause == clause
    assert str(caught.value).startswith(what)


@pytest.mark.parametrize("value", [1.5, 2**53, -(2**53), [[[[[[[[1]]]]]]]]])
def test_a_writer_cannot_write_what_a_reader_would_refuse(value: Json) -> None:
    with pytest.raises(ValueError, match=r"fraction|2\^53|deep"):
        encode({"a": value})
