"""A resolver that sees everything: one question over UDP, every reply within the patience.

A censor that injects answers cannot stop the true one: it comes second. So the socket stays open
for a moment after the first reply.
"""

import asyncio
import ipaddress
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from reach import dns_wire
from reach.failures import named
from tamizdat.measurement import Lookup, Reply

PORT = 53
MAX_REPLIES = 8
"""More replies to one question are not kept."""

_SYSTEM = Path("/etc/resolv.conf")
_MAX_SYSTEM = 64 * 1024
_RCODES = {2: "dns_servfail_error", 3: "dns_nxdomain_error", 5: "dns_refused_error"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A DNS server."""

    address: str
    port: int = PORT

    @classmethod
    def parse(cls, text: str) -> "Server":
        """`address`, `address:port` or `[address]:port`; ValueError for anything else."""
        if text.startswith("["):
            address, _, port = text[1:].partition("]:")
        elif text.count(":") == 1:
            address, _, port = text.partition(":")
        else:
            address, port = text, ""
        return cls(address=str(ipaddress.ip_address(address)), port=int(port or PORT))

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else self._plain()

    def _plain(self) -> str:
        return f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A lookup, and the name of its failure, None where there are addresses."""

    lookup: Lookup
    code: str | None


def system_server(path: Path = _SYSTEM) -> Server:
    """The server that this machine's programs ask first; its own address where none is named."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            lines = file.read(_MAX_SYSTEM).splitlines()
    except OSError:
        lines = []
    for line in lines:
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver" and "%" not in words[1]:
            return Server.parse(words[1]) if ":" not in words[1] else Server(address=words[1])
    return Server(address="127.0.0.1")


async def look_up(name: str, kind: str, server: Server, *, timeout: float, late: float) -> Found:
    """Ask `server` for `name`; waits `timeout` seconds for a first reply, `late` for others."""
    try:
        query = dns_wire.question(name, kind, secrets.randbelow(1 << 16))
    except (ValueError, UnicodeError):
        return _found(name, kind, server, (), "dns_non_recoverable_failure")
    loop = asyncio.get_running_loop()
    replies = _Replies(query)
    try:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: replies, remote_addr=(server.address, server.port)
        )
    except OSError as error:
        return _found(name, kind, server, (), named(error))
    try:
        replies.began = loop.time()
        transport.sendto(query)
        async with asyncio.timeout(timeout):
            await replies.first.wait()
        if replies.error is None:
            await _patiently(replies.full, late)
    except TimeoutError:
        return _found(name, kind, server, (), "generic_timeout_error")
    finally:
        transport.close()
    if not replies.kept and replies.error is not None:
        return _found(name, kind, server, (), named(replies.error))
    kept = tuple(replies.kept)
    return _found(name, kind, server, kept, _code(kept[0]))


async def _patiently(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _found(
    name: str, kind: str, server: Server, replies: tuple[Reply, ...], code: str | None
) -> Found:
    lookup = Lookup(name=name, kind=kind, server=str(server), replies=replies)
    return Found(lookup=lookup, code=code)


def _code(reply: Reply) -> str | None:
    if reply.rcode:
        return _RCODES.get(reply.rcode, "dns_server_misbehaving")
    return None if reply.addresses else "dns_no_answer"


@dataclass
class _Replies(asyncio.DatagramProtocol):
    """What comes back on one socket."""

    query: bytes
    kept: list[Reply] = field(default_factory=list)
    first: asyncio.Event = field(default_factory=asyncio.Event)
    full: asyncio.Event = field(default_factory=asyncio.Event)
    error: OSError | None = None
    began: float = 0.0

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """Keep an answer to our question; what is none is left alone, as a resolver would."""
        del addr
        found = dns_wire.answer(data, self.query)
        if found is None or len(self.kept) >= MAX_REPLIES:
            return
        after = asyncio.get_running_loop().time() - self.began
        self.kept.append(Reply(addresses=found.addresses, rcode=found.rcode, after=after))
        self.first.set()
        if len(self.kept) == MAX_REPLIES:
            self.full.set()

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there (ICMP)."""
        if isinstance(exc, OSError) and not self.kept:
            self.error = exc
            self.first.set()
