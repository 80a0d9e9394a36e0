"""Backups and restores that are killed, run out of disk, or meet a publish; and what they show."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from service.config import FILE
from store.blobs import FolderBlobs
from tests.contract.conftest import postgresql_address, postgresql_server
from tests.kit.backups import KEYS_SECRET, MIRRORS, SECRET, Town, copied, secrets, town, untarred
from tests.kit.disk import SmallDisk
from tests.kit.printshop import PROGRAM, surroundings
from tests.kit.program import inside
from tests.kit.seeker import needles

__all__ = ["postgresql_address", "postgresql_server"]

SECONDS = 120
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A newsroom whose texts weigh 40 MiB, published and backed up."""
    made = town(tmp_path_factory.mktemp("faults"))
    made.write("heron", "The heron told nobody.")
    made.press.published()
    weigh(made, 40)
    made.backup()
    return made


@pytest.fixture
def place(published: Town, tmp_path: Path) -> Town:
    return copied(published, tmp_path)


def weigh(place: Town, mebibytes: int) -> None:
    """Let so much lie in the blobs."""
    blobs = FolderBlobs(place.room / "state" / "blobs", durable=False)
    for _ in range(mebibytes):
        blobs.write(os.urandom(MEBIBYTE))


def backup(place: Town, name: str = "fresh") -> list[str]:
    keys = place.top / f"{name}-keys.gpg"
    options = secrets(place.top, keys)
    return [PROGRAM, "-C", str(place.room), "backup", str(place.top / f"{name}.gpg"), *options]


def restore(place: Town, to: Path) -> list[str]:
    options = secrets(place.top, place.top / "paper-keys.gpg")
    return [PROGRAM, "restore", str(place.top / "paper.gpg"), str(to), *options]


def until(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold within a minute; looks a hundred times a second."""
    never = Event()
    return any(holds() or never.wait(0.01) for _ in range(6000))


def killed_once(command: list[str], due: Callable[[], bool]) -> int:
    """Kill -9 as soon as it is due; gives the exit code."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=surroundings()) as child:
        came = until(lambda: due() or child.poll() is not None)
        child.send_signal(signal.SIGKILL)
        assert came
    return child.returncode


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


# kills


def test_a_killed_backup_leaves_nothing_under_its_name(place: Town) -> None:
    file, part = place.top / "fresh.gpg", place.top / ".fresh.gpg.part"

    code = killed_once(backup(place), lambda: size(part) > 10 * MEBIBYTE)
    left = sorted(path.name for path in place.top.glob("*fresh*"))
    again = subprocess.run(backup(place), env=surroundings(), check=False, timeout=SECONDS)

    assert code == -signal.SIGKILL
    assert left == [".fresh-keys.gpg.part", ".fresh.gpg.part"]
    assert again.returncode == 0
    assert sorted(path.name for path in place.top.glob("*fresh*")) == [
        "fresh-keys.gpg",
        "fresh.gpg",
    ]
    assert inside("restore", file, place.top / "back", *secrets(place.top)).code == 0


def test_a_killed_restore_leaves_the_folder_as_it_was(place: Town) -> None:
    back, staging = place.top / "back", place.top / ".back.restoring"
    blobs = staging / "members" / "blobs"

    code = killed_once(restore(place, back), lambda: len([*blobs.glob("*/*")]) > 10)
    there = back.exists()
    again = subprocess.run(restore(place, back), env=surroundings(), check=False, timeout=SECONDS)

    assert code == -signal.SIGKILL
    assert not there
    assert again.returncode == 0
    assert (back / FILE).exists()
    assert not staging.exists()


def test_an_interrupted_backup_takes_its_parts_away(place: Town) -> None:
    part = place.top / ".fresh.gpg.part"

    with subprocess.Popen(
        backup(place), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=surroundings()
    ) as child:
        came = until(lambda: size(part) > 5 * MEBIBYTE)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=SECONDS)

    assert came
    assert child.returncode != 0
    assert len(err.decode().splitlines()) <= 1
    assert not [*place.top.glob("*fresh*")]


# full disks


def test_a_full_disk_under_a_backup_is_one_line(place: Town) -> None:
    stick = place.top / "stick"
    stick.mkdir()
    command = [PROGRAM, "-C", str(place.room), "backup", str(stick / "b.gpg")]
    command += secrets(place.top)
    disk = SmallDisk(folder=stick, free=20_000, after=place.top / "after")

    full, roomy = disk.run([command], [command])

    assert (full.code, full.out) == (1, "")
    assert len(full.err.strip().splitlines()) == 1
    assert "nothing was encrypted" in full.err
    assert roomy.code == 0
    assert sorted(path.name for path in (place.top / "after").iterdir()) == ["b.gpg"]


def test_a_full_disk_under_a_restore_is_one_line(place: Town) -> None:
    stick = place.top / "stick"
    stick.mkdir()
    command = restore(place, stick / "room")
    disk = SmallDisk(folder=stick, free=20_000, after=place.top / "after")

    full, roomy = disk.run([command], [command])

    assert (full.code, full.out) == (1, "")
    assert len(full.err.strip().splitlines()) == 1
    assert "no space left" in full.err.lower() or "too large" in full.err.lower()
    assert roomy.code == 0
    assert sorted(path.name for path in (place.top / "after").iterdir()) == ["room"]


# beside a publish


WITHDRAWING = """
import sys
from service.cli import run
for number, article in enumerate(sys.argv[2:]):
    who = ["--person", f"person {number}"]
    assert run(["-C", sys.argv[1], "article", "withdraw", article, *who, "--json"]) == 0
"""


def test_backups_are_whole_while_another_program_publishes_and_sweeps(place: Town) -> None:
    ids = [place.write(f"text-{n}", f"Text {n} will go.") for n in range(10)]
    place.press.published()
    options = secrets(place.top)
    made: list[Path] = []

    with subprocess.Popen(
        [sys.executable, "-c", WITHDRAWING, str(place.room), *ids],
        stdout=subprocess.DEVNULL,
        env=surroundings(),
    ) as other:
        while other.poll() is None:
            made.append(place.top / f"beside-{len(made)}.gpg")
            assert place.press.run("backup", made[-1], *options).code == 0
    restored = [inside("restore", f, f"{f}-back", *options, "--json").json for f in made]

    assert other.returncode == 0
    assert len(made) >= 3
    assert [one["missing"] for one in restored] == [[]] * len(made)
    assert place.press.published() == 12


# what it costs, and what it shows

PEAK = """
import re, sys
from pathlib import Path
from service.cli import run
code = run(sys.argv[1:])
told = re.search("VmHWM:[^0-9]*([0-9]+) kB", Path("/proc/self/status").read_text())
print(code, int(told[1]) // 1024)
"""


def peak(*words: str) -> int:
    """The most mebibytes that the program ever held."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *words],
        capture_output=True, text=True, env=surroundings(), check=True, timeout=SECONDS,
    )  # fmt: skip
    code, most = done.stdout.split()[-2:]
    assert code == "0", done.stderr
    return int(most)


def test_memory_does_not_grow_with_what_is_backed_up(place: Town) -> None:
    words = secrets(place.top)
    room, small, large = str(place.room), str(place.top / "40.gpg"), str(place.top / "300.gpg")

    before = peak("-C", room, "backup", small, *words)
    weigh(place, 270)
    after = peak("-C", room, "backup", large, *words)
    restoring = peak("restore", large, str(place.top / "back"), *words)

    print(f"MiB at most: {before} for 40, {after} for 300, {restoring} to restore 300")  # noqa: T201 - the figures are the point
    assert size(Path(large)) > 300 * MEBIBYTE
    assert after < before + 25
    assert restoring < before + 25


def command_lines() -> Iterator[bytes]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                yield (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            except OSError:
                continue


def test_no_passphrase_is_seen_in_the_list_of_processes(place: Town) -> None:
    wanted = needles(SECRET, KEYS_SECRET)
    seen: list[bytes] = []

    with subprocess.Popen(
        backup(place), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=surroundings()
    ) as child:
        while child.poll() is None:
            seen += [line for line in command_lines() if b"gpg" in line or b"tamizdat" in line]
        out, err = child.communicate(timeout=SECONDS)

    assert any(b"--passphrase-fd" in line for line in seen)
    assert not [line for line in seen for one in wanted if one in line]
    assert not [one for one in wanted if one in out + err]
    assert child.returncode == 0


def test_no_passphrase_and_no_key_lies_in_a_backup(published: Town) -> None:
    newsroom = b"".join(untarred(published.top / "paper.gpg").values())
    keys = b"".join(untarred(published.top / "paper-keys.gpg", KEYS_SECRET).values())
    private = [
        path.read_bytes() for path in (published.room / "keys").rglob("private-keys-v1.d/*.key")
    ]

    assert not [one for one in needles(SECRET, KEYS_SECRET) if one in newsroom + keys]
    assert [body for body in private if body in keys] == private
    assert not [body for body in private if body in newsroom]


# from one database to another


def with_ledger(place: Town) -> str:
    found = re.search(r'^ledger = "(.*)"', (place.room / FILE).read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.needs_postgresql
def test_a_newsroom_moves_to_postgresql_and_back(place: Town, postgresql_address: str) -> None:
    shutil.rmtree(place.room)
    to = ("--ledger", postgresql_address, "--json")

    there = place.restore("paper", *to)
    place.write("stork", "Written on PostgreSQL.")
    second = place.press.published()
    refused = inside(
        "restore", place.top / "paper.gpg", place.top / "twice", *secrets(place.top), *to
    )
    place.backup("second")
    files = sorted(path.name for path in (place.room / "state").iterdir())
    shutil.rmtree(place.room)
    back = place.restore("second", "--ledger", "sqlite:state/paper.db", "--json")
    place.write("crow", "Written on SQLite.")
    third = place.press.published()

    assert (there.code, there.json["ledger"], second) == (0, postgresql_address, 2)
    assert files == ["blobs", "lock"]
    assert (refused.code, (place.top / "twice").exists()) == (1, False)
    assert "holds tables already" in refused.err
    assert (back.code, with_ledger(place), third) == (0, "sqlite:state/paper.db", 3)
    for name in MIRRORS:
        told = place.verified(name)
        assert (told["authentic"], told["edition"]) == (True, 3)


@pytest.mark.needs_postgresql
def test_a_refused_restore_leaves_postgresql_empty(place: Town, postgresql_address: str) -> None:
    file = place.top / "paper-keys.gpg"
    file.write_bytes(file.read_bytes()[:-1])
    shutil.rmtree(place.room)

    refused = place.restore("paper", "--ledger", postgresql_address)
    (place.top / "paper-keys.gpg").unlink()
    without = inside(
        "restore", place.top / "paper.gpg", place.room, *secrets(place.top),
        "--ledger", postgresql_address,
    )  # fmt: skip

    assert refused.code == 1
    assert without.code == 0


LEDGERS = ["sqlite:../outside.db", "sqlite:/outside.db", "mysql://here/db", "sqlite:", "nonsense"]


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_ledger_that_cannot_be_is_refused(place: Town, ledger: str) -> None:
    shutil.rmtree(place.room)

    refused = place.restore("paper", "--ledger", ledger)

    assert refused.code in {1, 2}
    assert len(refused.err.strip().splitlines()) == 1
    assert not place.room.exists()
