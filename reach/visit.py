"""A visit: one site, reached at known addresses for one purpose, each step noted."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from reach.connection import Connection
from reach.exchange import Answered, Request, get
from reach.failures import CERTIFICATE
from reach.layers import Layers
from tamizdat.errors import BackendError
from tamizdat.measurement import Handshake, Purpose
from tamizdat.ports import Fetch

MAX_ADDRESSES = 4
"""Of the addresses of a name, so many are tried."""

TRIES = 3
"""How often a file is asked for that stalled on its way."""

_OK = 200
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An address in the web, taken apart. `path` begins and ends with `/`."""

    secure: bool
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, base: str) -> "Site":
        """The site at `base`; ValueError where that is no plain http or https address."""
        parts = urlsplit(base)
        if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.query:
            raise ValueError(f"{base[:80]!r} is no http or https address")
        path = parts.path if parts.path.endswith("/") else parts.path + "/"
        port = parts.port or _PORTS[parts.scheme]
        return cls(secure=parts.scheme == "https", host=parts.hostname, port=port, path=path)

    def header(self, host: str) -> str:
        """What the Host header says for `host` at this port."""
        spelled = f"[{host}]" if ":" in host else host
        standard = self.port == _PORTS["https" if self.secure else "http"]
        return spelled if standard else f"{spelled}:{self.port}"

    def request(self, address: str, path: str, limit: int) -> Request:
        """What to ask the server at `address` for the file at `path`."""
        return Request(
            address=address,
            port=self.port,
            host=self.header(self.host),
            path=self.path + path,
            secure=self.secure,
            limit=limit,
        )


class Visit:
    """Fetches files of one site. `address` is the one that took a connection last.

    `heaviest` is the file with the longest body so far: its length, path and limit.
    """

    def __init__(
        self, site: Site, addresses: Sequence[str], layers: Layers, context: ssl.SSLContext
    ) -> None:
        self.site = site
        self.address: str | None = None
        self.heaviest: tuple[int, str, int] = (0, "", 0)
        self._addresses = list(addresses[:MAX_ADDRESSES])
        self._layers = layers
        self._context = context

    async def __call__(self, path: str, limit: int) -> bytes | None:
        """The bytes at `path`, None where the answer is no file; BackendError where none comes."""
        code = ""
        for _ in range(TRIES):
            answered = await self._once(path, limit)
            if answered.code is None:
                self.heaviest = max(self.heaviest, (len(answered.body), path, limit))
                return answered.body if answered.seen.status == _OK else None
            code = answered.code
            if answered.seen.stalled_at is None:
                break
        raise BackendError(f"{path}: {code}", retry=True)

    async def _once(self, path: str, limit: int) -> Answered:
        connection, address = await self._reached()
        notebook = self._layers.notebook
        began = notebook.now()
        try:
            request = self.site.request(address, path, limit)
            answered = await get(connection, request, self._layers.patience)
        finally:
            await connection.close()
        notebook.note(self._layers.purpose, answered.seen, answered.code, began)
        return answered

    async def _reached(self) -> tuple[Connection, str]:
        """A connection to the first address that serves one, secured where the site is."""
        code = "dns_no_answer"
        for address in self._addresses:
            dialled = await self._layers.dial(address, self.site.port)
            if isinstance(dialled, str):
                code = dialled
                continue
            self.address = address
            refused = await self._secured(dialled, address) if self.site.secure else None
            if refused is None:
                self._addresses = [address]
                return dialled, address
            code = refused
        raise BackendError(f"{self.site.host}: {code}", retry=True)

    async def _secured(self, connection: Connection, address: str) -> str | None:
        """The failure's name, with the connection closed; None where the handshake is done."""
        name, port = self.site.host, self.site.port
        wanted = Handshake(address=address, port=port, server_name=name)
        code = await self._layers.shake(connection, wanted, self._context)
        if code is not None:
            await connection.close()
        if code in CERTIFICATE:
            # once more without judging, to keep the certificates that were served
            await replace(self._layers, purpose=Purpose.CHAIN).greet(wanted)
        return code


_: type[Fetch] = Visit
