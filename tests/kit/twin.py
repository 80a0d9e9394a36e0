"""A twin: the newsroom's folder copied by a thief, who publishes from it with the same keys."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tamizdat import paths
from tests.contract.s3_server import Server
from tests.kit.press import Press
from tests.kit.program import Answer

ONLY = ("amber",)


@dataclass(frozen=True)
class Twins:
    """A newsroom with one folder mirror, and the thief's copy of it beside it."""

    top: Path
    root: str
    server: Server | None = None
    bucket: str = ""

    @property
    def press(self) -> Press:
        """The newsroom."""
        return Press(self.top / "room", self.root)

    @property
    def thief(self) -> Press:
        """The copy."""
        return Press(self.top / "thief", self.root)

    @property
    def mirror(self) -> Path:
        """The newsroom's folder mirror."""
        return self.press.mirror()

    def stolen(self) -> "Twins":
        """The folder is copied: keys, ledger and all; the thief has a mirror of his own."""
        shutil.copytree(self.press.folder, self.thief.folder)
        alone(self.thief.folder)
        return self

    def lay(self) -> None:
        """The thief lays all that lies on his mirror over ours; nothing of ours is deleted."""
        shutil.copytree(self.thief.mirror(), self.mirror, dirs_exist_ok=True)

    def lay_in_bucket(self) -> None:
        """The same, into the bucket."""
        assert self.server is not None
        client = self.server.client()
        for path in sorted(self.thief.mirror().rglob("*")):
            if path.is_file():
                key = path.relative_to(self.thief.mirror()).as_posix()
                body, kind = path.read_bytes(), paths.media_type(key)
                client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=kind)
        client.close()

    def thefts(self) -> Any:
        """What the newsroom's verb lists."""
        return self.press.run("alarm", "list", "--json").json

    def versions(self, file: str) -> list[int]:
        """The numbers of the thefts of this file, in order."""
        return [one["version"] for one in self.thefts() if one["file"] == file]


def write(press: Press, name: str, text: str) -> None:
    """Release a text."""
    file = press.folder.parent / f"{press.folder.name}-{name}.md"
    head = f"id: {name}\ntitle: The {name}\nlanguage: en\ndate: 2026-10-01"
    file.write_text(f"---\n{head}\n---\n\n{text}\n", encoding="utf-8")
    done: Answer = press.run("import", "folder", file, "--release", "--json")
    assert done.code == 0, done


def alone(folder: Path) -> None:
    """Leave only the first mirror in the config."""
    config = folder / "tamizdat.toml"
    blocks = config.read_text(encoding="utf-8").split("\n[[mirror]]")
    config.write_text("\n[[mirror]]".join(blocks[:2]) + "\n", encoding="utf-8")


def founded(top: Path, more: Callable[[Path], str] = lambda _: "") -> Twins:
    """A newsroom with edition 1 out; `more` may add a bucket and gives its name."""
    press = Press.founded(top / "room")
    alone(press.folder)
    bucket = more(press.folder)
    write(press, "heron", "The heron flew.")
    assert press.published() == 1
    return Twins(top, press.root, bucket=bucket)


def gpg_verifies(press: Press, folder: Path) -> list[str]:
    """Check each signature in a folder of evidence with plain gpg; gives gpg's good words."""
    told = []
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o700)
        gpg = ("gpg", "--homedir", home, "--batch", "--status-fd", "1")
        certificates = press.run("key", "export").out
        subprocess.run([*gpg, "--import"], input=certificates.encode(), check=True,
                       capture_output=True)  # fmt: skip
        (body,) = [one for one in folder.iterdir() if one.suffix != ".asc"]
        for signature in sorted(folder.glob("*.asc")):
            done = subprocess.run([*gpg, "--verify", signature, body], capture_output=True,
                                  check=False)  # fmt: skip
            told += [word for word in done.stdout.decode().split() if word == "GOODSIG"]
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)
    return told
