"""A connection by hand: TCP to one address, TLS under one name, every byte counted on the wire."""

import asyncio
import ssl
from pathlib import Path

from reach.patience import Patience

_PIECE = 16 * 1024
_CLOSING_SECONDS = 1.0


def reader_context(authorities: Path | str | None = None) -> ssl.SSLContext:
    """TLS as a reader's browser judges it; `authorities` replace this machine's.

    They are a PEM file, or the text of one. Raises OSError where it holds no certificate.
    """
    if isinstance(authorities, str):
        context = ssl.create_default_context(cadata=authorities)
    else:
        context = ssl.create_default_context(cafile=authorities)
    context.set_alpn_protocols(["http/1.1"])
    return context


def blind_context() -> ssl.SSLContext:
    """TLS that takes any certificate, to see what is served; nothing is believed through it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


class Connection:
    """One connection. `received` counts bytes as they came, before TLS is undone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._tls: ssl.SSLObject | None = None
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self.received = 0

    @classmethod
    async def dial(cls, address: str, port: int, patience: Patience) -> "Connection":
        """Connect to `address`; raises OSError, TimeoutError among them."""
        async with asyncio.timeout(patience.tcp):
            reader, writer = await asyncio.open_connection(address, port)
        return cls(reader, writer)

    async def secure(self, context: ssl.SSLContext, name: str, patience: Patience) -> None:
        """TLS handshake under `name`; raises OSError or EOFError."""
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=name)
        async with asyncio.timeout(patience.tls):
            while True:
                try:
                    self._tls.do_handshake()
                except ssl.SSLWantReadError:
                    await self._flush()
                    await self._feed()
                except ssl.SSLError:
                    await self._flush()
                    raise
                else:
                    await self._flush()
                    return

    @property
    def version(self) -> str:
        """The version of TLS; empty where there is none."""
        return (self._tls.version() or "") if self._tls else ""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates that the server sent, DER, leaf first; only the leaf on old Pythons."""
        if self._tls is None:
            return ()
        told = getattr(self._tls, "get_unverified_chain", None)
        if told is not None:
            return tuple(told())
        leaf = self._tls.getpeercert(binary_form=True)
        return (leaf,) if leaf else ()

    async def send(self, body: bytes) -> None:
        """Send all of `body`; raises OSError."""
        if self._tls is None:
            self._writer.write(body)
            await self._writer.drain()
            return
        self._tls.write(body)
        await self._flush()

    async def receive(self) -> bytes:
        """What came next, b"" where the other side ended; raises OSError or EOFError."""
        if self._tls is None:
            piece = await self._reader.read(_PIECE)
            self.received += len(piece)
            return piece
        while True:
            try:
                return self._tls.read(_PIECE)
            except ssl.SSLWantReadError:
                await self._flush()
                await self._feed()
            except ssl.SSLZeroReturnError:
                return b""

    async def close(self) -> None:
        """Let go of the socket, without waiting for the other side's manners."""
        self._writer.close()
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self._writer.wait_closed()
        except OSError:
            self._writer.transport.abort()

    async def _feed(self) -> None:
        piece = await self._reader.read(_PIECE)
        if not piece:
            raise EOFError("the connection ended")
        self.received += len(piece)
        self._in.write(piece)

    async def _flush(self) -> None:
        if self._out.pending:
            self._writer.write(self._out.read())
            await self._writer.drain()
