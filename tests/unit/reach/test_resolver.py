"""The resolver against servers on loopback."""

from pathlib import Path

import pytest

from reach.resolver import MAX_REPLIES, Found, Server, look_up, system_server
from tests.kit.lab.packets import dns_reply
from tests.kit.strangers import HOST, free_port, naming, zone

FAST = 5.0
LATE = 0.05


async def asked(port: int, name: str = "news.example") -> Found:
    server = Server(address=HOST, port=port)
    return await look_up(name, "A", server, timeout=FAST, late=LATE)


async def test_an_address_is_found() -> None:
    async with naming(zone({"news.example": "192.0.2.1"})) as port:
        found = await asked(port)

    assert found.code is None
    assert found.lookup.addresses == ("192.0.2.1",)


async def test_the_second_reply_is_kept_and_the_first_is_believed() -> None:
    def both(query: bytes) -> tuple[bytes, ...]:
        return dns_reply(query, 0, "10.1.1.1"), dns_reply(query, 0, "192.0.2.1")

    async with naming(both) as port:
        found = await asked(port)

    assert [reply.addresses for reply in found.lookup.replies] == [("10.1.1.1",), ("192.0.2.1",)]
    assert found.lookup.addresses == ("10.1.1.1",)


async def test_a_flood_of_replies_is_cut() -> None:
    async with naming(lambda query: (dns_reply(query, 0, "192.0.2.1"),) * 50) as port:
        found = await asked(port)

    assert len(found.lookup.replies) == MAX_REPLIES


@pytest.mark.parametrize(
    ("rcode", "code"),
    [
        (0, "dns_no_answer"),
        (2, "dns_servfail_error"),
        (3, "dns_nxdomain_error"),
        (4, "dns_server_misbehaving"),
        (5, "dns_refused_error"),
    ],
)
async def test_a_refusal_has_oonis_name(rcode: int, code: str) -> None:
    async with naming(lambda query: (dns_reply(query, rcode, None),)) as port:
        found = await asked(port)

    assert found.code == code


async def test_silence_is_a_timeout() -> None:
    async with naming(lambda _: ()) as port:
        server = Server(address=HOST, port=port)
        found = await look_up("news.example", "A", server, timeout=0.05, late=LATE)

    assert found.code == "generic_timeout_error"


async def test_an_answer_to_another_question_is_left_alone() -> None:
    def forged(query: bytes) -> tuple[bytes, ...]:
        wrong = bytes([query[0] ^ 1]) + query[1:]
        return dns_reply(wrong, 0, "10.1.1.1"), dns_reply(query, 0, "192.0.2.1")

    async with naming(forged) as port:
        found = await asked(port)

    assert found.lookup.addresses == ("192.0.2.1",)


async def test_nobody_there_is_refused() -> None:
    assert (await asked(free_port())).code == "connection_refused"


async def test_a_bad_name_asks_nobody() -> None:
    found = await asked(free_port(), "a..b")

    assert found.code == "dns_non_recoverable_failure"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.1", Server(address="192.0.2.1")),
        ("192.0.2.1:5353", Server(address="192.0.2.1", port=5353)),
        ("[::1]:53", Server(address="::1")),
        ("2001:db8::1", Server(address="2001:db8::1")),
    ],
)
def test_a_server_is_read_from_text(text: str, server: Server) -> None:
    assert Server.parse(text) == server


def test_the_systems_first_server_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# mine\nsearch example\nnameserver 192.0.2.9\nnameserver 192.0.2.10\n")

    assert system_server(file) == Server(address="192.0.2.9")
    assert system_server(tmp_path / "none") == Server(address="127.0.0.1")
