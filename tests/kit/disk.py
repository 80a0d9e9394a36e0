"""A small disk: a tmpfs in a mount namespace of its own, nearly full and then roomy.

Where the machine allows no namespaces, a limit on the size of files stands for the full disk.
"""

import functools
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.kit.printshop import surroundings

SECONDS = 240
_NAMESPACES = (("unshare", "--mount"), ("unshare", "--map-root-user", "--mount"))
_FULL = """\
mkdir -p {kept} && cp -a {folder}/. {kept}/
mount -t tmpfs -o size=128m tmpfs {folder} && cp -a {kept}/. {folder}/
used=$(df --output=used -k {folder} | tail -n 1)
mount -o remount,size=$((used + {free}))k {folder}
"""
_ROOMY = "mount -o remount,size=128m {folder}\n"
_AFTER = "mkdir -p {after} && cp -a {folder}/. {after}/\n"

Commands = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A disk that holds `folder`, with `free` KiB left. Its last state lands in `after`."""

    folder: Path
    free: int
    after: Path

    def run(self, full: Commands, roomy: Commands) -> list[Said]:
        """Run the commands `full` on the small disk, then `roomy` after it has grown."""
        notes = self.after.with_name(f"{self.after.name}-said")
        notes.mkdir()
        subprocess.run(
            [*namespace(), "sh", "-euc", self._script(full, roomy, notes)],
            check=True,
            timeout=SECONDS,
            env=surroundings(),
        )
        return [_said(notes / str(number)) for number in range(len(full) + len(roomy))]

    def _script(self, full: Commands, roomy: Commands, notes: Path) -> str:
        names = {
            "folder": shlex.quote(str(self.folder)),
            "kept": shlex.quote(f"{self.after}-kept"),
            "after": shlex.quote(str(self.after)),
            "free": self.free,
        }
        first = "".join(_noted(one, notes / str(n)) for n, one in enumerate(full))
        then = "".join(_noted(one, notes / str(n)) for n, one in enumerate(roomy, len(full)))
        if namespace():
            parts = [_FULL.format(**names), first, _ROOMY.format(**names), then]
        else:
            parts = [f"(ulimit -f {self.free * 2}\n{first})\n", then]
        return "".join([*parts, _AFTER.format(**names)])


@functools.cache
def namespace() -> tuple[str, ...]:
    """The command that gives a mount namespace here; nothing where there is none."""
    for way in _NAMESPACES:
        tried = [*way, "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
        if subprocess.run(tried, capture_output=True, check=False, timeout=SECONDS).returncode == 0:
            return way
    return ()


def _noted(command: Sequence[str], note: Path) -> str:
    """A line of shell that runs a command and writes down what it said."""
    name = shlex.quote(str(note))
    return f"{shlex.join(command)} >{name}.out 2>{name}.err && echo 0 >{name} || echo $? >{name}\n"


def _said(note: Path) -> Said:
    out, err = (note.with_name(f"{note.name}.{end}").read_text() for end in ("out", "err"))
    return Said(code=int(note.read_text()), out=out, err=err)
