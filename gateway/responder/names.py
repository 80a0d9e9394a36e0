"""Names: what DNS tells of a name in text records, through one resolver."""

from collections.abc import Sequence
from typing import Protocol

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.rdatatype import TXT
from dns.resolver import NXDOMAIN, LRUCache

from gateway.responder.settings import address_and_port
from tamizdat.errors import ConfigError

SECONDS = 5.0
"""How long DNS may take in all."""

MOST_KNOWN = 2_000
"""Answers that are remembered, as long as they say themselves."""

MOST_RECORDS = 4


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
