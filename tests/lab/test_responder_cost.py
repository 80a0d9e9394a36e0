"""What an answer costs the real program: mail in, checked, answered, signed, out."""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.kit.asking import (
    PROVIDER,
    Relay,
    ask,
    founded,
    hand_in,
    letter,
    provider_key,
    relaying,
    with_responder,
    zone,
)
from tests.kit.posthouse import Host, hosting

COUNT = 500
AT_ONCE = 10
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return founded(tmp_path_factory.mktemp("paper"), "en", "fa", "ru")


def spent(host: Host) -> float:
    """CPU seconds of the program so far."""
    fields = Path(f"/proc/{host.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def measured(room: Path, mails: Sequence[bytes], answered: int) -> float:
    """Requests per CPU second."""
    relay = Relay()
    async with (
        relaying(relay) as port,
        zone(provider_key().records(PROVIDER)) as (resolver, _),
    ):
        more = "queue = 10000\nanswers = 100\nall_answers = 1000000\nother_answers = 1000000"
        await asyncio.to_thread(with_responder, room, relay=port, resolver=resolver, more=more)
        with hosting(room, "responder") as host:
            await hand_in(host.smtp, ask("warm@mail.example", "latest"))
            await relay.until(1)
            before = spent(host)
            async with asyncio.TaskGroup() as group:
                for lot in range(AT_ONCE):
                    group.create_task(hand_in(host.smtp, *mails[lot::AT_ONCE]))
            await relay.until(answered + 1, patience=240.0)
            return len(mails) / (spent(host) - before)


@pytest.mark.lab
@pytest.mark.parametrize("wish", ["help", "mirrors", "latest", "bundle", "unsigned"])
async def test_a_core_answers_a_hundred_readers_a_second(
    paper: Path, tmp_path: Path, wish: str
) -> None:
    room = Path(shutil.copytree(paper, tmp_path / "room", symlinks=True))
    askers = [f"reader{n}@mail.example" for n in range(COUNT)]
    unsigned = [letter(one, "help") for one in askers]
    mails = unsigned if wish == "unsigned" else [ask(one, wish) for one in askers]

    rate = await measured(room, mails, 0 if wish == "unsigned" else COUNT)

    sys.stdout.write(f"\n{wish}: {rate:.0f} requests a second and core, {1000 / rate:.2f} ms\n")
    assert rate >= 100
