"""Memory that nothing uses goes back to the machine."""

import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parents[3]
FILL = """
from pathlib import Path
from service.running.memory import give_back, spare

def resident():
    told = Path("/proc/self/status").read_text()
    return int(next(x for x in told.splitlines() if x.startswith("VmRSS")).split()[1])

spare()
pieces = [bytes(50_000) for _ in range(2000)]
pins = pieces[::20]
full = resident()
del pieces
give_back()
print(full - resident())
"""


def test_what_is_no_longer_used_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL], capture_output=True, text=True, cwd=HOUSE, check=True
    )

    assert int(done.stdout) > 60_000
