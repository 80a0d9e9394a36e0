"""A ledger opened twice in one program, and beside it by another: nothing written is lost."""

import asyncio
import subprocess
import sys
from pathlib import Path

from store.engine import open_ledger
from store.facts import SqlFacts

HOUSE = Path(__file__).parents[3]
ELSEWHERE = """
import asyncio, sys
from store.engine import open_ledger
from store.facts import SqlFacts
async def main():
    ledger = await open_ledger(sys.argv[1])
    print(await SqlFacts(ledger).get(sys.argv[2]))
    await ledger.close()
asyncio.run(main())
"""


async def elsewhere(address: str, name: str) -> str:
    """The fact, as another program reads it that opens the ledger and closes it again."""
    command = [sys.executable, "-c", ELSEWHERE, address, name]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=HOUSE, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


async def test_what_is_written_after_others_came_and_went_is_there_for_all(tmp_path: Path) -> None:
    address = f"sqlite:{tmp_path / 'ledger.db'}"
    ours = await open_ledger(address)
    await SqlFacts(ours).set("salt", "first")
    second = await open_ledger(address)
    await second.close()

    before = await elsewhere(address, "salt")
    await SqlFacts(ours).set("salt", "second")
    after = await elsewhere(address, "salt")

    assert (before, after) == ("first", "second")
    await ours.close()
