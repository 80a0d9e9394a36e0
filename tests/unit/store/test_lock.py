"""One program at a time works in a newsroom."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from store.lock import Lock
from tamizdat.errors import LedgerError

HOLD = """
import sys
from pathlib import Path
from store.lock import Lock
with Lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_in_the_same_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    with Lock(path), pytest.raises(LedgerError, match="another tamizdat is working"), Lock(path):
        pass


def test_a_lock_is_not_taken_twice_by_itself(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")

    with lock, pytest.raises(LedgerError, match="another tamizdat"), lock:
        pass


def test_the_lock_ends_with_its_block_even_when_that_fails(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")

    with pytest.raises(ValueError, match="inside"), lock:
        raise ValueError("inside")

    with lock, pytest.raises(LedgerError), Lock(tmp_path / "lock"):
        pass


def test_another_process_holds_it_until_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    refusal = (
        f"^another tamizdat is working in this newsroom \\({re.escape(str(path))}\\): "
        "wait for it, stop it, or, where it is `tamizdat serve`, use its desk$"
    )
    command = [sys.executable, "-c", HOLD, str(path)]
    root = Path(__file__).parents[3]

    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(LedgerError, match=refusal), Lock(path):
            pass
        other.kill()
        other.wait(timeout=10)

        with Lock(path):
            assert path.exists()


def test_a_folder_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    with (
        pytest.raises(LedgerError, match=r"cannot be locked: No such file or directory$"),
        Lock(tmp_path / "nowhere" / "lock"),
    ):
        pass
