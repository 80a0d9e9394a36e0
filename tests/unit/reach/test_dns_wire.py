"""DNS on the wire: what a server may say, and what it may not make us believe."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reach.dns_wire import MAX_RECORDS, Answer, answer, question
from tests.kit.lab.packets import dns_reply

QUERY = question("news.example", "A", 7)


def test_an_address_is_read() -> None:
    assert answer(dns_reply(QUERY, 0, "192.0.2.1"), QUERY) == Answer(
        rcode=0, addresses=("192.0.2.1",)
    )


def test_an_alias_before_the_address_is_passed_over() -> None:
    alias = b"\xc0\x0c" + struct.pack("!HHIH", 5, 1, 60, 2) + b"\xc0\x0c"
    told = dns_reply(QUERY, 0, "192.0.2.1")
    message = told[:6] + b"\0\2" + told[8 : len(QUERY)] + alias + told[len(QUERY) :]

    assert answer(message, QUERY) == Answer(rcode=0, addresses=("192.0.2.1",))


def test_ipv6_is_read() -> None:
    query = question("news.example", "AAAA", 9)
    record = b"\xc0\x0c" + struct.pack("!HHIH", 28, 1, 60, 16) + bytes(15) + b"\1"
    message = query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0) + query[12:] + record

    assert answer(message, query) == Answer(rcode=0, addresses=("::1",))


@pytest.mark.parametrize(
    "message",
    [
        b"",
        QUERY,  # a question
        b"\0\x08" + dns_reply(QUERY, 0, "192.0.2.1")[2:],  # another number
        dns_reply(question("other.example", "A", 7), 0, "192.0.2.1"),  # another name
        dns_reply(QUERY, 0, "192.0.2.1")[:-1],  # cut short
        dns_reply(QUERY, 0, "192.0.2.1") + bytes(5000),  # too long
    ],
)
def test_what_is_no_answer_to_the_question_is_none(message: bytes) -> None:
    assert answer(message, QUERY) is None


def test_a_flood_of_records_is_read_so_far_and_no_further() -> None:
    told = dns_reply(QUERY, 0, "192.0.2.1")
    record = told[len(QUERY) :]
    many = b"".join(record[:-1] + bytes([n]) for n in range(200))
    message = told[:6] + struct.pack("!H", 200) + told[8 : len(QUERY)] + many

    found = answer(message, QUERY)

    assert found is not None
    assert len(found.addresses) == MAX_RECORDS


@pytest.mark.parametrize("name", ["", "a..b", "x" * 64, ".".join(["abcd"] * 60)])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises((ValueError, UnicodeError)):
        question(name, "A", 1)


@given(st.binary(max_size=300))
def test_no_datagram_breaks_the_reader(noise: bytes) -> None:
    found = answer(QUERY[:2] + noise, QUERY)

    assert found is None or len(found.addresses) <= MAX_RECORDS


@given(st.data())
def test_no_damaged_answer_breaks_the_reader(data: st.DataObject) -> None:
    told = bytearray(dns_reply(QUERY, 0, "192.0.2.1"))
    at = data.draw(st.integers(0, len(told) - 1))
    told[at] = data.draw(st.integers(0, 255))

    found = answer(bytes(told), QUERY)

    assert found is None or all(address.count(".") == 3 for address in found.addresses)
