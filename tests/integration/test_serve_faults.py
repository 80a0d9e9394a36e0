"""A running newsroom while others hang, trickle or fill its disk: it goes on, and says so."""

import asyncio
import shlex
from contextlib import suppress
from pathlib import Path

import pytest

from tests.kit.disk import namespace
from tests.kit.editor import Editor
from tests.kit.grounded import Grounded, block, editor, grounded, released
from tests.kit.stage.paper import Value
from tests.kit.strangers import HOST, serving

pytestmark = pytest.mark.timeout(120)


async def test_whoever_hangs_or_trickles_holds_up_nobody_else(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        await reader.read()

    async def trickling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.5)

    inside: dict[str, Value] = {
        "kind": "inside",
        "country": "XX",
        "network": "AS64500",
        "groups": ["open"],
    }
    async with serving(silent) as quiet, serving(trickling) as slow:
        other: dict[str, Value] = {
            "host": HOST,
            "port": quiet,
            "tls": "none",
            "sender": "letters@post.example",
        }
        blocks = [
            block("[[vantage]]", id="asleep", command=["sleep", "1000"], **inside),
            block("[[vantage]]", id="gone", command=["/no/such/command"], **inside),
            block("[[vantage]]", id="babbling", command=["yes"], **inside),
            block("[[gateway]]", id="mute", to="secrets/to", feed="secrets/feed", **other),
        ]
        bases = {"amber": f"http://{HOST}:{slow}/amber/"}
        async with grounded(tmp_path, more=blocks, bases=bases) as here:
            secrets = here.paper.folder / "secrets"
            (secrets / "to").write_text("somebody@post.example\n")
            (secrets / "feed").write_text(f"http://{HOST}:{quiet}/feed\n")
            running = await here.start()
            async with editor(running) as somebody:
                story = await released(somebody, "Past them all")
                places = await somebody.until_arrived(story, but={"amber", "mute"}, patience=20)
                board = await somebody.page("/board")
            code, seconds = await running.stop()

    assert {"birch", "cedar", "post"} <= set(places)
    assert "no recent data" in board
    assert "vantage failed" in here.log
    assert (code, seconds < 20) == (0, True)
    assert "Traceback" not in here.log


@pytest.mark.needs_namespaces
async def test_a_full_disk_is_said_and_nothing_ends(tmp_path: Path) -> None:
    async with grounded(tmp_path) as here:
        folder = here.paper.folder / "state"
        on_small_disk(here, folder)
        running = await here.start()
        room = Path(f"/proc/{running.pid}/root{folder}")
        async with editor(running) as somebody:
            first = await released(somebody, "While there was room")
            await somebody.until_arrived(first)
            await asyncio.to_thread(fill, room / "filler")
            refused = [await status_of_writing(somebody, f"Too much {n}") for n in range(3)]
            await running.until(lambda told: told["tamizdat_up"] == 1)
            alive = await here.ground.alive("serve")
            (room / "filler").unlink()
            second = await released(somebody, "With room again")
            places = await somebody.until_arrived(second)
        code, _ = await running.stop()

    assert alive
    assert set(refused) <= {422, 503}
    assert {"amber", "birch", "cedar", "post"} <= set(places)
    assert code == 0
    assert "Traceback" not in here.log


def on_small_disk(here: Grounded, folder: Path) -> None:
    """Let what is started find the newsroom on a disk of its own."""
    name, kept = shlex.quote(str(folder)), shlex.quote(f"{folder}-kept")
    script = (
        f"cp -a {name} {kept} && mount -t tmpfs -o size=48m tmpfs {name} "
        f'&& cp -a {kept}/. {name}/ && exec "$@"'
    )
    here.ground.within = (*namespace(), "sh", "-euc", script, "sh")


def fill(path: Path) -> None:
    """Take what room is left."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 65536)


async def status_of_writing(somebody: Editor, title: str) -> int:
    fields = {
        "title": title,
        "text": "Some words of it. " * 500,
        "form": "markdown",
        "language": "en",
    }
    async with somebody.session.post(
        f"{somebody.base}/stories/new",
        data=fields | {"seen": "blank"},
        headers={"Sec-Fetch-Site": "same-origin"},
        allow_redirects=False,
    ) as answer:
        return answer.status
