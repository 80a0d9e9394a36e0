"""Ten thousand readers ask the real program, and nothing of them is found afterwards."""

import asyncio
from pathlib import Path

import pytest

from tests.kit.asking import (
    PROVIDER,
    Relay,
    ask,
    founded,
    hand_in,
    provider_key,
    relaying,
    with_responder,
    zone,
)
from tests.kit.posthouse import everything_below, hosting

COUNT = 10_000
AT_ONCE = 10
MORE = "queue = 10000\nall_answers = 1000000\ndomain_answers = 1000000\nother_answers = 1000000"


@pytest.mark.lab
@pytest.mark.timeout(1800)
async def test_of_ten_thousand_who_asked_nothing_stays(tmp_path: Path) -> None:
    room = await asyncio.to_thread(founded, tmp_path)
    askers = [f"planted{n:05}person@mail.example" for n in range(COUNT)]
    relay = Relay()

    async with relaying(relay) as port, zone(provider_key().records(PROVIDER)) as (resolver, _):
        await asyncio.to_thread(with_responder, room, relay=port, resolver=resolver, more=MORE)
        with hosting(room, "responder") as host:
            async with asyncio.TaskGroup() as group:
                for lot in range(AT_ONCE):
                    mails = [ask(one, "help") for one in askers[lot::AT_ONCE]]
                    group.create_task(hand_in(host.smtp, *mails))
            await relay.until(COUNT, patience=1200.0)
            while_it_runs = await asyncio.to_thread(everything_below, tmp_path)
            await asyncio.to_thread(host.stop)

    assert {to for _, to, _ in relay.taken} == set(askers)
    afterwards = await asyncio.to_thread(everything_below, tmp_path)
    for found in (while_it_runs, afterwards, host.out.encode()):
        assert b"planted" not in found
        assert b"person@mail" not in found
