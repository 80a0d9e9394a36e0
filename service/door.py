"""A door: a listening socket that never learns who comes in.

An address that the program is never told cannot be found in its memory, in a core, or in a swap
file. Python asks the kernel for it at each `accept`, and asyncio once more by `getpeername`; both
are answered here with `NOBODY`.
"""

import ctypes
import os
import socket

from gateway.hosting import host_and_port
from tamizdat.errors import ConfigError

NOBODY = ("", 0)
"""What stands where programs keep the address of whoever came in."""

WAITING = 100
"""Connections that may wait for us to take them in."""


class Door(socket.socket):
    """A socket that takes connections in without asking the kernel from where."""

    def accept(self) -> tuple["Door", tuple[str, int]]:
        """The next connection, and nobody's address; BlockingIOError where none waits."""
        number = _accept(self.fileno(), None, None, socket.SOCK_CLOEXEC)
        if number < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return Door(self.family, self.type, self.proto, fileno=number), NOBODY

    def getpeername(self) -> tuple[str, int]:
        """Nobody's address."""
        return NOBODY


def door(key: str, where: str) -> Door:
    """A door at `where`, `host:port` (port 0 takes one that is free).

    ConfigError, which names the setting `key`, where it cannot be had.
    """
    host, port = host_and_port(where)
    try:
        return _bound(host, port)
    except OSError as error:
        raise ConfigError(
            f"{key}: cannot listen at {where} ({error.strerror}): choose another"
        ) from None


def _bound(host: str, port: int) -> Door:
    passive = socket.AI_PASSIVE
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=passive)
    family, kind, proto, _, address = min(found, key=lambda one: one[0])  # IPv4 before IPv6
    made = Door(family, kind, proto)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(WAITING)
    except OSError:
        made.close()
        raise
    return made


_accept = ctypes.CDLL(None, use_errno=True).accept4
_accept.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_accept.restype = ctypes.c_int
