"""Who reads and who writes is not known to the running newsroom, not even in its memory."""

import asyncio
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.kit.grounded import editor, grounded, released
from tests.kit.memory import left_in_files, left_in_memory
from tests.kit.strangers import HOST

pytestmark = pytest.mark.timeout(120)
HOME = "127.77.31.9"
"""Where the reader comes from. All of 127/8 is this machine."""

TIMES = 4


async def test_the_address_of_a_reader_is_never_in_memory_or_files(tmp_path: Path) -> None:
    async with grounded(tmp_path) as here:
        running = await here.start()
        assert here.paper.feed is not None
        feed = urlsplit(here.paper.feed)
        smtp = dict(here.paper.site.blocks)["[post]"]["smtp"]
        assert feed.port is not None
        asked = f"GET {feed.path} HTTP/1.1\r\nHost: {feed.netloc}\r\nConnection: close\r\n\r\n"
        async with editor(running) as somebody:
            story = await released(somebody, "What they read")
            await somebody.until_arrived(story)
            visits = [await said(feed.port, asked) for _ in range(TIMES)]
            letters = [await said(int(str(smtp).rpartition(":")[2]), "QUIT\r\n") for _ in visits]
            staying = await asyncio.open_connection(
                HOST, feed.port, local_addr=(HOME, 0), family=socket.AF_INET
            )
            found = await asyncio.to_thread(
                left_in_memory, running.pid, (*traces(visits + letters), b"atom.xml")
            )
            staying[1].close()
        await running.stop()

    assert {answer.split()[1] for _, answer in visits} == {b"200"}
    assert {answer[:3] for _, answer in letters} == {b"220"}
    assert found == {b"atom.xml"}
    assert left_in_files(tmp_path, (HOME.encode(),)) == set()


async def said(port: int, words: str) -> tuple[int, bytes]:
    """What is answered to a reader, and the port from which they came."""
    reader, writer = await asyncio.open_connection(
        HOST, port, local_addr=(HOME, 0), family=socket.AF_INET
    )
    home: int = writer.get_extra_info("sockname")[1]
    writer.write(words.encode())
    answer = await reader.read()
    writer.close()
    return home, answer


def traces(visits: list[tuple[int, bytes]]) -> set[bytes]:
    """The reader's address as words, and as the kernel would give it."""
    packed = socket.inet_aton(HOME)
    told = {b"\x02\x00" + port.to_bytes(2, "big") + packed for port, _ in visits}
    return {HOME.encode(), *told}
