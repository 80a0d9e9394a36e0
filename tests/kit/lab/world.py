"""The free world: a DNS server, our mirror, an innocent site and an impostor, in one process.

Run inside its namespace: `python -m tests.kit.lab.world FOLDER`. Orders come as lines of JSON.
"""

import asyncio
import json
import ssl
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from tamizdat.digest import digest
from tests.kit.lab.packets import asked, dns_reply
from tests.kit.lab.paper import made
from tests.kit.lab.places import IMPOSTOR, INNOCENT, MIRROR, NAMES, RESOLVER
from tests.unit.signing.paper import Files

_HEAD = 16 * 1024
_PATIENCE = 30.0
INNOCENT_PAGE = b"nothing to see here\n" * 4096
IMPOSTOR_PAGE = b"<html><title>Welcome</title><p>This is the page of somebody else.</html>"

Answer = Callable[[str], bytes | None]


class Names(asyncio.DatagramProtocol):
    """A DNS server that knows two names."""

    transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, kind = asked(data)
        address = NAMES.get(name)
        rcode = 0 if address else 3
        self.transport.sendto(dns_reply(data, rcode, address if kind == 1 else None), addr)


@dataclass(kw_only=True)
class World:
    """All servers of the world."""

    folder: Path
    files: Files
    servers: dict[str, list[asyncio.Server]] = field(default_factory=dict)

    async def open(self) -> None:
        """Start everything."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(Names, local_addr=(RESOLVER, 53))
        await self.serve(MIRROR, "site.pem", lambda path: self.files.get(path.lstrip("/")))
        await self.serve(INNOCENT, "site.pem", lambda _: INNOCENT_PAGE)
        await self.serve(IMPOSTOR, "impostor.pem", lambda _: IMPOSTOR_PAGE)

    async def serve(self, address: str, certificate: str, answer: Answer) -> None:
        """HTTP and HTTPS at one address."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / certificate)
        handle = handler(answer)
        self.servers[address] = [
            await asyncio.start_server(handle, address, 80),
            await asyncio.start_server(handle, address, 443, ssl=context),
        ]

    async def obey(self, order: dict[str, str]) -> None:
        """Change what the world is like; `heal` makes all as it was."""
        match order["do"]:
            case "outage":
                for server in self.servers.pop(MIRROR, []):
                    server.close()
            case "alter":
                self.files["latest.json"] = self.files["latest.json"].replace(
                    b'"edition":1', b'"edition":2'
                )
                self.files |= {
                    f"latest.json.{digest(self.files['latest.json'])[:16]}.asc": _signature(
                        self.files
                    )
                }
            case "heal":
                _, self.files = await made()
                if MIRROR not in self.servers:
                    await self.serve(
                        MIRROR, "site.pem", lambda path: self.files.get(path.lstrip("/"))
                    )
            case unknown:
                raise ValueError(f"the world cannot {unknown}")


def _signature(files: Files) -> bytes:
    return next(files[p] for p in files if p.startswith("latest.json.") and p.endswith(".asc"))


def handler(answer: Answer) -> Callable[..., Awaitable[None]]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                body = answer(head.split(b" ")[1].decode("ascii", "replace"))
                status = b"200 OK" if body is not None else b"404 Not Found"
                body = body if body is not None else b"not here\n"
                told = b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                writer.write(told % (status, len(body)) + body)
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            writer.transport.abort()

    return handle


async def main(folder: Path) -> None:
    """Serve until the orders end."""
    _, files = await made()
    world = World(folder=folder, files=files)
    await world.open()
    await obeyed(world.obey)


async def obeyed(obey: Callable[[dict[str, str]], Awaitable[object]]) -> None:
    """Say that all is ready; then carry out each order and say what came of it."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("{}", flush=True)  # noqa: T201 - this is how it speaks
    while line := await reader.readline():
        print(json.dumps(await obey(json.loads(line))), flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
