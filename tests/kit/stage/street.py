"""The street: names, an innocent site, and the web servers of a whole newsroom's mirrors.

Run in the free world: `python -m tests.kit.stage.street FOLDER MIRRORS`, where FOLDER holds the
certificates and MIRRORS a folder for each mirror. Orders come as lines of JSON.
"""

import asyncio
import ssl
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.kit.lab.places import INNOCENT, PAPERS, RESOLVER
from tests.kit.lab.world import INNOCENT_PAGE, Answer, Names, handler, obeyed


@dataclass(kw_only=True)
class Street:
    """All servers, by address."""

    folder: Path
    mirrors: Path
    servers: dict[str, list[asyncio.Server]] = field(default_factory=dict)
    forged: set[str] = field(default_factory=set)

    async def open(self) -> None:
        """Start everything."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(Names, local_addr=(RESOLVER, 53))
        await self._serve(INNOCENT, lambda _: INNOCENT_PAGE)
        for name in PAPERS:
            await self._open(name)

    async def obey(self, order: dict[str, str]) -> None:
        """`outage` and `heal` of a mirror; `forge` gives other words in its pages."""
        name = order["mirror"]
        match order["do"]:
            case "outage":
                for server in self.servers.pop(PAPERS[name], []):
                    server.close()
            case "forge":
                self.forged.add(name)
            case "heal":
                self.forged.discard(name)
                if PAPERS[name] not in self.servers:
                    await self._open(name)
            case unknown:
                raise ValueError(f"the street cannot {unknown}")

    async def _open(self, name: str) -> None:
        await self._serve(PAPERS[name], partial(self._file, name))

    def _file(self, name: str, asked: str) -> bytes | None:
        path = self.mirrors / name / (asked.lstrip("/") or "index.html")
        if ".." in path.parts or not path.is_file():
            return None
        body = path.read_bytes()
        return body.replace(b"</", b" </") if name in self.forged else body

    async def _serve(self, address: str, answer: Answer) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "site.pem")
        self.servers[address] = [
            await asyncio.start_server(handler(answer), address, 80),
            await asyncio.start_server(handler(answer), address, 443, ssl=context),
        ]


async def main(folder: Path, mirrors: Path) -> None:
    """Serve until the orders end."""
    street = Street(folder=folder, mirrors=mirrors)
    await street.open()
    await obeyed(street.obey)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
