"""A made newsroom: founded, filled with the demo's articles and published, by the real program."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tamizdat.wire import Manifest, Pointer

HOUSE = Path(__file__).parents[2]
SAMPLES = HOUSE / "service" / "samples"
PATIENCE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A published newsroom with its mirrors, by id."""

    folder: Path
    root: str
    mirrors: dict[str, Path]

    def bundle(self, language: str, kind: str) -> Path:
        """The newest bundle of one kind, on the first mirror."""
        mirror = self.mirrors["amber"]
        pointer = Pointer.parse((mirror / "latest.json").read_bytes(), "latest.json")
        body = (mirror / f"e/{pointer.edition}/manifest.json").read_bytes()
        for ref in Manifest.parse(body, "manifest.json").bundles:
            if (ref.language, ref.kind) == (language, kind):
                return mirror / f"b/{ref.sha256}.{ref.extension}"
        raise LookupError(f"no {kind} in {language}")


def tamizdat(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The real program, in its own process."""
    command = [sys.executable, "-m", "service", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=HOUSE, timeout=PATIENCE, check=False
    )


def made_newsroom(folder: Path, languages: tuple[str, ...] = ("en",)) -> Made:
    """A newsroom below `folder` with the demo's articles on three folder mirrors."""
    room = folder / "room"
    options = [word for language in languages for word in ("--language", language)]
    founded = tamizdat("init", room, *options, "--json")
    assert founded.returncode == 0, founded.stderr
    for arguments in (("import", "folder", SAMPLES, "--release"), ("publish",)):
        done = tamizdat("-C", room, *arguments, "--json")
        assert done.returncode == 0, done.stderr
    told = json.loads(founded.stdout)
    mirrors = {name: room / "mirrors" / name for name in told["mirrors"]}
    return Made(folder=room, root=told["root"], mirrors=mirrors)
