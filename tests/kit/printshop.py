"""A print shop: a newsroom on disk with mirrors of several kinds, driven as real processes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.config import FILE
from service.founding import found
from tests.kit.newsroom import SAMPLES

PROGRAM = str(Path(sys.executable).with_name("tamizdat"))
SECONDS = 120


@dataclass(frozen=True, slots=True)
class PrintShop:
    """A newsroom in `folder`, and its root id."""

    folder: Path
    root: str

    def command(self, *arguments: str) -> list[str]:
        """The command line of a verb."""
        return [PROGRAM, "-C", str(self.folder), *arguments]

    def run(self, *arguments: str, seconds: float = SECONDS) -> "subprocess.CompletedProcess[str]":
        """Run a verb to its end."""
        return subprocess.run(
            self.command(*arguments),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env=surroundings(),
        )

    def publish(self) -> dict[str, Any]:
        """Publish; what it says with --json."""
        done = self.run("publish", "--json")
        assert done.stdout, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def mirror(self, name: str) -> Path:
        """Where a folder mirror lies."""
        return self.folder / "mirrors" / name

    def add(self, mirror: str, **keys: str) -> None:
        """Add a mirror to the config."""
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        with (self.folder / FILE).open("a", encoding="utf-8") as file:
            file.write(f'\n[[mirror]]\nid = "{mirror}"\n{lines}')

    def add_bucket(self, mirror: str, endpoint: str, base: str) -> None:
        """Add a bucket, named like the mirror, with invented keys."""
        secret = self.folder / "secrets" / "keys.toml"
        if not secret.exists():
            secret.parent.mkdir(mode=0o700)
            secret.write_text('access_key = "a-key"\nsecret_key = "an-invented-secret"\n')
            secret.chmod(0o600)
        self.add(
            mirror,
            backend="s3",
            bucket=mirror,
            endpoint=endpoint,
            url=base,
            credentials="secrets/keys.toml",
        )

    def add_folder(self, mirror: str) -> Path:
        """Add a folder below the newsroom's."""
        self.mirror(mirror).mkdir(parents=True, exist_ok=True)
        self.add(mirror, backend="folder", folder=f"mirrors/{mirror}")
        return self.mirror(mirror)


async def set_up(folder: Path, languages: tuple[str, ...] = ("en",)) -> PrintShop:
    """A newsroom without mirrors."""
    founded = await found(folder, "The Tideline", languages, mirrors=())
    return PrintShop(folder=folder, root=founded.root)


def texts(folder: Path, languages: Sequence[str]) -> Path:
    """A folder with those of our sample articles that are in `languages`, and the pictures."""
    folder.mkdir(parents=True)
    for language in languages:
        for text in SAMPLES.glob(f"{language}-*.md"):
            shutil.copy(text, folder)
    shutil.copytree(SAMPLES / "pictures", folder / "pictures")
    return folder


def surroundings() -> dict[str, str]:
    """The environment for programs of ours: no proxy, no colours, no terminal."""
    kept = {n: v for n, v in os.environ.items() if not n.lower().endswith("_proxy")}
    return {**kept, "NO_COLOR": "1", "TERM": "dumb"}
