"""Backups: a newsroom whose mirrors lie outside of its folder, backed up and restored by verbs."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.config import FILE
from tests.kit.press import Press
from tests.kit.program import Answer, inside

MIRRORS = ("amber", "birch", "cedar")
SECRET, KEYS_SECRET = "six words of one passphrase", "and six words of quite another"


@dataclass(frozen=True)
class Town:
    """A newsroom below `top`, with mirrors that outlive it."""

    top: Path
    root: str
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def room(self) -> Path:
        """The newsroom's folder."""
        return self.top / "room"

    @property
    def press(self) -> Press:
        """The newsroom, driven by verbs within this process."""
        return Press(self.room, self.root)

    def mirror(self, name: str = "amber") -> Path:
        """Where a mirror lies."""
        return self.top / "mirrors" / name

    def write(self, name: str, text: str, language: str = "en") -> str:
        """Release a text; gives its id."""
        sources = self.top / "sources"
        sources.mkdir(exist_ok=True)
        head = f"id: {name}\ntitle: The {name}\nlanguage: {language}\ndate: 2026-10-01"
        (sources / f"{name}.md").write_text(f"---\n{head}\n---\n\n{text}\n", encoding="utf-8")
        taken = self.press.run("import", "folder", sources / f"{name}.md", "--release", "--json")
        assert taken.code == 0, taken
        self.ids[name] = taken.json["ids"][0]
        return self.ids[name]

    def backup(self, name: str = "paper") -> Path:
        """Back up with the keys beside it; gives the backup."""
        file = self.top / f"{name}.gpg"
        made = self.press.run("backup", file, *secrets(self.top, self.top / f"{name}-keys.gpg"))
        assert made.code == 0, made
        return file

    def lost(self) -> None:
        """The newsroom's disk dies."""
        self.room.rename(self.top / f"gone-{len([*self.top.glob('gone-*')])}")

    def restore(self, name: str = "paper", *more: str) -> Answer:
        """Restore into the folder where it was."""
        keys = self.top / f"{name}-keys.gpg"
        return inside(
            "restore", self.top / f"{name}.gpg", self.room, *secrets(self.top, keys), *more
        )

    def verified(self, name: str = "amber") -> Any:
        """What a reader is told who has read it before."""
        state = self.top / "reader"
        return inside(
            "verify", self.mirror(name), "--root", self.root, "--state", state, "--json"
        ).json


def town(top: Path) -> Town:
    """A founded newsroom."""
    founded = Press.founded(top / "room")
    config = founded.folder / FILE
    text = config.read_text(encoding="utf-8").replace('"mirrors/', '"../mirrors/')
    config.write_text(text, encoding="utf-8")
    for name in MIRRORS:
        (top / "mirrors" / name).mkdir(parents=True)
    return Town(top, founded.root)


def copied(place: Town, to: Path) -> Town:
    """All of it once more, to do with as one likes."""
    shutil.copytree(place.top, to, dirs_exist_ok=True)
    return Town(to, place.root, dict(place.ids))


def secrets(top: Path, keys: Path | None = None) -> tuple[str, ...]:
    """The options that name passphrases."""
    first, second = top / "secret", top / "keys-secret"
    first.write_text(SECRET + "\n", encoding="utf-8")
    second.write_text(KEYS_SECRET + "\n", encoding="utf-8")
    apart = ("--keys", str(keys), "--keys-secret", str(second)) if keys else ()
    return ("--secret", str(first), *apart)


def untarred(file: Path, secret: str = SECRET) -> Mapping[str, bytes]:
    """What lies in a backup, taken out by gpg and tar alone."""
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as out:
        (Path(home) / "secret").write_text(secret, encoding="utf-8")
        command = ["gpg", "--homedir", home, "--batch", "--pinentry-mode", "loopback"]
        command += ["--passphrase-file", f"{home}/secret", "-d", str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as gpg:
            subprocess.run(["tar", "-x", "-C", out], stdin=gpg.stdout, check=True)
        assert gpg.returncode == 0
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)
        return {
            path.relative_to(out).as_posix(): path.read_bytes()
            for path in sorted(Path(out).rglob("*"))
            if path.is_file()
        }
