"""Names: what DNS tells of a name in text records, through one resolver."""

import ipaddress
from collections.abc import Sequence
from typing import Protocol

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.rdatatype import TXT
from dns.resolver import NXDOMAIN, LRUCache

from tamizdat.errors import ConfigError

SECONDS = 5.0
"""How long DNS may take in all."""

MOST_KNOWN = 2_000
"""Answers that are remembered, as long as they say themselves."""

MOST_RECORDS = 4
PORT = 53


class Texts(Protocol):
    """Asks for text records."""

    async def texts(self, name: str) -> Sequence[bytes] | None:
        """Those of `name`, none where there are none; None where nobody answers."""
        ...


class Names:
    """A resolver: `server` is `address` or `address:port`, None for this machine's own."""

    def __init__(self, server: str | None) -> None:
        try:
            self._resolver = Resolver(configure=server is None)
        except (DNSException, OSError):
            raise ConfigError(
                "responder.resolver: this machine names no DNS server: name one there"
            ) from None
        if server is not None:
            address, port = address_and_port(server)
            self._resolver.nameservers = [address]
            self._resolver.port = port
        self._resolver.lifetime = SECONDS
        self._resolver.cache = LRUCache(MOST_KNOWN)

    async def texts(self, name: str) -> Sequence[bytes] | None:
        """Those of `name`, none where there are none; None where nobody answers."""
        try:
            found = await self._resolver.resolve(
                f"{name}.", TXT, raise_on_no_answer=False, search=False
            )
        except NXDOMAIN:
            return ()
        except (DNSException, OSError):
            return None
        records = found.rrset or ()
        return [b"".join(one.strings) for _, one in zip(range(MOST_RECORDS), records, strict=False)]


def address_and_port(server: str) -> tuple[str, int]:
    """A DNS server in two; ValueError where it is none."""
    address, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
    if server.startswith("["):
        address, _, port = server[1:].partition("]")
        port = port.removeprefix(":")
    number = int(port or PORT)
    if not 0 < number < 1 << 16:
        raise ValueError("must name a port from 1 to 65535")
    return str(ipaddress.ip_address(address)), number
