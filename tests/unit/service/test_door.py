"""The door: who comes in is asked of nobody."""

import socket

import pytest

from service.door import NOBODY, Door, door
from tamizdat.errors import ConfigError

HOST = "127.0.0.1"


@pytest.fixture
def entry() -> Door:
    return door("serve.desk", f"{HOST}:0")


def test_whoever_comes_in_is_nobody(entry: Door) -> None:
    with entry, socket.create_connection(entry.getsockname()) as guest:
        inside, address = entry.accept()
        with inside:
            guest.sendall(b"hello")

            assert (address, inside.getpeername()) == (NOBODY, NOBODY)
            assert inside.recv(5) == b"hello"
            assert not inside.get_inheritable()


def test_a_door_at_which_nobody_waits_does_not_block(entry: Door) -> None:
    with entry:
        entry.settimeout(0)

        with pytest.raises(BlockingIOError):
            entry.accept()


def test_a_place_that_is_taken_is_refused_by_the_name_of_its_setting(entry: Door) -> None:
    with entry:
        where = f"{HOST}:{entry.getsockname()[1]}"

        with pytest.raises(ConfigError, match=rf"^serve\.desk: cannot listen at {where} \("):
            door("serve.desk", where)


def test_a_name_leads_to_a_door_on_loopback() -> None:
    with door("serve.desk", "localhost:0") as entry:
        assert entry.getsockname()[0] in {"127.0.0.1", "::1"}


def test_a_name_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(ConfigError, match="choose another"):
        door("serve.desk", "no such host:80")
