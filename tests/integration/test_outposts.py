"""An outpost: what becomes of commands that hang, crash, flood or lie, and of what they started."""

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from reach.outpost import MAX_SAID, Answer, Outpost
from reach.patience import Patience
from reach.record import encode
from tamizdat.measurement import Aim
from tamizdat.placement import Exposure
from tests.kit.orders import AIM, PROOF, VANTAGE, other
from tests.kit.sights import GOOD, NOW, sight
from tests.kit.vantages import LOOK, ended, known, program

PATIENCE = Patience(tcp=0.2, whole=0.5)
HERE = encode(sight(*GOOD, by=VANTAGE))


class Still:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


async def looked(
    command: Sequence[str], *aims: Aim, slack: float = 20, patience: Patience = PATIENCE
) -> Answer:
    outpost = Outpost(command, PROOF, Still(), patience=patience, slack=slack)
    return await outpost.look(aims or (AIM,), VANTAGE)


def telling(*lines: bytes, then: str = "") -> tuple[str, ...]:
    """Greets, takes its order, and tells these lines."""
    return program(f"tell(GREETING)\norder()\nfor line in {lines!r}:\n    tell(line)\n{then}\n")


async def test_a_vantage_that_answers_is_heard() -> None:
    answer = await looked(telling(HERE))

    assert [one.mirror for one in answer.found] == ["amber"]
    assert (answer.fault, answer.said) == (None, "")


HANG = "time.sleep(60)"
SILENT = [program(HANG), program(f"tell(GREETING)\n{HANG}"), telling(then=HANG)]


@pytest.mark.parametrize("command", SILENT)
async def test_a_vantage_that_hangs_gives_no_data(command: Sequence[str]) -> None:
    answer = await looked(command, slack=1)

    assert answer.found == ()
    assert answer.fault is not None
    assert "is silent for" in answer.fault


SHORT = [
    # what the command does                                        what is said of it
    (program(""), "ended before"),
    (program("sys.exit(255)"), "ended before"),
    (program("tell(GREETING)\norder()"), "ended before"),
    (telling(then="os.kill(os.getpid(), 9)"), "ended before"),
    (telling(then="os.write(1, b'{\"half\":')"), "ended before"),
    (program("os.close(0); os.close(1)\n" + HANG), "ended before"),
    (program("os.close(0); tell(GREETING)\n" + HANG), "takes no order"),
    (program("tell(b'Welcome to this machine!')"), "speaks otherwise"),
    (program("tell(GREETING.replace(b'1', b'2'))"), "speaks otherwise"),
    (("/nowhere/at/all",), "cannot be started (No such file"),
    (("/etc/passwd",), "cannot be started (Permission denied)"),
]


@pytest.mark.parametrize(("command", "fault"), SHORT)
async def test_a_vantage_that_does_not_answer_gives_no_data(
    command: Sequence[str], fault: str
) -> None:
    answer = await looked(command)

    assert answer.found == ()
    assert answer.fault is not None
    assert fault in answer.fault


CHANGED = json.loads(HERE)
LIES = [
    # what it tells                                      what is said of it
    ((b"nonsense",), "no measurement"),
    ((HERE, b"nonsense"), "no measurement"),
    ((HERE, HERE), "one twice"),
    ((json.dumps(CHANGED | {"mirror": "cedar"}).encode(),), "not asked for"),
    ((json.dumps(CHANGED | {"host": "else.example"}).encode(),), "another address"),
    ((json.dumps(CHANGED | {"at": "2036-01-01T00:00:00Z"}).encode(),), "another time"),
    ((json.dumps(CHANGED | {"at": "2001-01-01T00:00:00Z"}).encode(),), "another time"),
    ((HERE.replace(b'"there"', b'"here"'),), "another vantage"),
]


@pytest.mark.parametrize(("lines", "fault"), LIES)
async def test_a_vantage_that_lies_once_is_not_believed_at_all(
    lines: tuple[bytes, ...], fault: str
) -> None:
    answer = await looked(telling(*lines), AIM, other("birch"))

    assert answer.found == ()
    assert answer.fault is not None
    assert fault in answer.fault


async def test_what_was_told_before_it_fell_silent_counts() -> None:
    answer = await looked(telling(HERE, then=HANG), AIM, other("birch"), slack=3)

    assert [one.mirror for one in answer.found] == ["amber"]
    assert answer.fault is not None


FLOODS = [
    program("while True: os.write(1, b'x' * 65536)"),
    program("while True: tell(b'x')"),
    telling(then="while True: os.write(1, b'x' * 65536)"),
    telling(then="while True: tell(b'[]')"),
    program("while True: os.write(2, b'x' * 65536)"),
]


@pytest.mark.parametrize("command", FLOODS)
async def test_a_flood_ends_soon_and_is_not_kept(command: Sequence[str]) -> None:
    answer = await looked(command, slack=2)

    assert answer.found == ()
    assert answer.fault is not None
    assert len(answer.said) <= MAX_SAID


async def test_errors_are_kept_for_whoever_runs_it_as_plain_text() -> None:
    words = "os.write(2, b'Permission \\x1b[31mdenied\\x00\\n'); sys.exit(255)"

    answer = await looked(program(words))

    assert answer.said == "Permission  [31mdenied"


async def test_it_may_say_much_in_errors_and_still_be_heard() -> None:
    body = f"os.write(2, b'x' * 300_000)\ntell(GREETING)\norder()\ntell({HERE!r})"

    answer = await looked(program(body))

    assert len(answer.found) == 1


FAMILY = """
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], **quiet)
with open(sys.argv[1], "w") as pipe:
    pipe.write(f"{os.getpid()} {child.pid}")
"""


async def family(pipe: Path) -> tuple[int, int]:
    """The command and its own child, as it wrote them down."""
    async with asyncio.timeout(10):
        command, child = (await asyncio.to_thread(pipe.read_text)).split()
    return int(command), int(child)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.mark.parametrize("rest", ["sys.exit(1)", "tell(b'Welcome')\n" + HANG])
async def test_nothing_that_it_started_stays(pipe: Path, rest: str) -> None:
    async with asyncio.TaskGroup() as group:
        born = group.create_task(family(pipe))
        group.create_task(looked(program(FAMILY + rest, pipe)))

    command, child = born.result()
    assert not known(command)
    await ended(child)


async def test_a_look_that_is_called_off_leaves_nothing(pipe: Path) -> None:
    look = asyncio.create_task(looked(program(FAMILY + HANG, pipe), slack=60))
    command, child = await family(pipe)

    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await look

    assert not known(command)
    await ended(child)


async def test_a_child_in_a_session_of_its_own_holds_nobody_up() -> None:
    body = "subprocess.Popen(['sleep', '30'], start_new_session=True)\nsys.exit(1)"
    loop = asyncio.get_running_loop()
    began = loop.time()

    answer = await looked(program(body), slack=1)

    assert answer.fault is not None
    assert loop.time() - began < 15


async def test_the_real_one_says_in_one_line_why_it_cannot_obey() -> None:
    answer = await looked(LOOK)

    assert answer.fault == "ended before it told all"
    assert answer.said.startswith("tamizdat: order: cannot be carried out: root/1.json")


async def test_a_mirror_that_is_not_for_it_is_not_even_told(tmp_path: Path) -> None:
    file = tmp_path / "order"
    keep = f"tell(GREETING)\nopen({str(file)!r}, 'wb').write(sys.stdin.buffer.readline())"
    hidden = replace(other("cedar"), exposure=Exposure.SECRET, group="hidden")

    await looked(program(keep), AIM, hidden)

    assert b"amber" in file.read_bytes()
    assert b"cedar" not in file.read_bytes()
