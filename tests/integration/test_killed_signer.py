"""A program that signs is killed: the next one signs at once, though the old agent lives on."""

import asyncio
import sys
from pathlib import Path

from signing.openpgp import Keyring

SIGNER = """
import asyncio, sys
from pathlib import Path
from signing.openpgp import Keyring
async def main():
    async with Keyring(Path(sys.argv[1])) as keys:
        await keys.sign(sys.argv[2], b"before the kill")
        print("signed", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


async def test_after_a_kill_the_next_program_signs_at_once(tmp_path: Path) -> None:
    home = tmp_path / "keys"
    async with Keyring(home) as keys:
        made = await keys.create_key("Tamizdat test key", subkey=False)
    words = ("-c", SIGNER, str(home), made.fingerprint)
    child = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    async with asyncio.timeout(30):
        said = await child.stdout.readline()
        child.kill()
        await child.wait()

    async with Keyring(home) as keys:
        signatures = [await keys.sign(made.fingerprint, b"after it") for _ in range(2)]

    assert said == b"signed\n"
    assert [one.fingerprint for one in signatures] == [made.fingerprint] * 2
