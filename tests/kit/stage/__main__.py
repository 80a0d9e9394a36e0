"""The stage, inside its namespaces: a country, a censor, a free world, and programs in them.

Started by tests/kit/stage/stage.py: `unshare ... python -m tests.kit.stage FOLDER MIRRORS`.
Orders come as lines of JSON, one answer each.
"""

import asyncio
import os
import signal
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kit.lab import wires
from tests.kit.lab.__main__ import Worker, working
from tests.kit.lab.censor import Censor
from tests.kit.lab.certificates import issued
from tests.kit.lab.places import FREE, INNER, INNOCENT_NAME, NAMES, OUTER, RESOLVER
from tests.kit.lab.rows import deeds
from tests.kit.lab.world import obeyed

_OUTPUT = 256 * 1024
_STOP_SECONDS = 30.0


@dataclass(kw_only=True)
class Stage:
    """What stands on the stage."""

    folder: Path
    censor: Censor
    street: Worker
    stack: AsyncExitStack
    running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    async def obey(self, order: dict[str, Any]) -> Any:
        """Carry one order out."""
        match order["do"]:
            case "censor":
                self.censor.deeds = deeds(order["deeds"])
            case "street":
                await self.street.ask({"do": order["deed"], "mirror": order["mirror"]})
            case "run":
                return await self._run(order)
            case "start":
                return await self._start(order)
            case "stop":
                return await self._stop(order["name"], signal.Signals[f"SIG{order['signal']}"])
            case "door":
                words = ("tests.kit.stage.relay", order["socket"], str(order["port"]))
                await self.stack.enter_async_context(working(FREE, *words))
            case "alive":
                return {"alive": self.running[order["name"]].returncode is None}
            case unknown:
                raise ValueError(f"the stage cannot {unknown}")
        return None

    async def _run(self, order: dict[str, Any]) -> Any:
        process = await asyncio.create_subprocess_exec(
            *wires.inside(order["place"], order["command"]),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._surroundings(),
        )
        try:
            async with asyncio.timeout(order["patience"]):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            return {"code": None, "out": "", "err": "no end in time"}
        told = [text[-_OUTPUT:].decode("utf-8", "replace") for text in (out, err)]
        return {"code": process.returncode, "out": told[0], "err": told[1]}

    async def _start(self, order: dict[str, Any]) -> Any:
        log = await asyncio.to_thread(Path(order["log"]).open, "ab")
        with log:
            process = await asyncio.create_subprocess_exec(
                *wires.inside(order["place"], order["command"]),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._surroundings(),
            )
        self.running[order["name"]] = process
        return {"pid": process.pid}

    async def _stop(self, name: str, how: signal.Signals) -> Any:
        process = self.running.pop(name)
        began = time.monotonic()
        if process.returncode is None:
            process.send_signal(how)
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        return {"code": process.returncode, "seconds": time.monotonic() - began}

    def _surroundings(self) -> dict[str, str]:
        """The lab's authority in place of this machine's, for programs that know nothing of it."""
        return {**os.environ, "SSL_CERT_FILE": str(self.folder / "authority.pem")}


def _ask_our_names(folder: Path) -> None:
    """Let every program here ask the lab's DNS server."""
    resolver = folder / "resolv.conf"
    resolver.write_text(f"nameserver {RESOLVER}\noptions timeout:2 attempts:1\n", encoding="utf-8")
    wires.run("mount", "--bind", str(resolver), str(Path("/etc/resolv.conf").resolve()))


async def main(folder: Path, mirrors: Path) -> None:
    """Stand until the orders end."""
    await asyncio.to_thread(wires.lay)
    await asyncio.to_thread(_ask_our_names, folder)
    authority = issued("Lab authority")
    authority.write(folder / "authority.pem")
    issued(*NAMES, by=authority).write(folder / "site.pem")
    assert INNOCENT_NAME in NAMES
    censor = Censor(inner=INNER, outer=OUTER)
    censor.open()
    try:
        async with AsyncExitStack() as stack:
            street = await stack.enter_async_context(
                working(FREE, "tests.kit.stage.street", str(folder), str(mirrors))
            )
            stage = Stage(folder=folder, censor=censor, street=street, stack=stack)
            try:
                await obeyed(stage.obey)
            finally:
                for name in list(stage.running):
                    await stage.obey({"do": "stop", "name": name, "signal": "KILL"})
    finally:
        censor.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
