"""A published newsroom with one mirror, and the machine without network beside it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kit.newsroom import SAMPLES
from tests.kit.program import Answer, inside

PASSPHRASE = "six words of one passphrase"


@dataclass(frozen=True)
class Room:
    """A published newsroom with one mirror, and the machine without network beside it."""

    top: Path
    root: str

    @property
    def folder(self) -> Path:
        return self.top / "paper"

    @property
    def mirror(self) -> Path:
        return self.folder / "mirrors" / "amber"

    @property
    def draft(self) -> Path:
        return self.top / "next.json"

    def key(self, *words: str | Path) -> Answer:
        return inside("-C", self.folder, "key", *words)

    def done(self, *words: str | Path) -> Any:
        """A verb that ends well; what it says."""
        answer = inside("-C", self.folder, *words, "--json")
        assert answer.code == 0, (answer.err, answer.out)
        return answer.json

    def create(self, kind: str, name: str) -> Path:
        secret = self.top / "words"
        secret.write_text(PASSPHRASE)
        self.done("key", "create", kind, self.top / name, "--secret", secret)
        return self.top / name

    def sign(self) -> list[Path]:
        """Sign with the test root keys; where the signatures lie."""
        signed = self.done("key", "sign", self.draft, "--with", self.root_keys, "--yes")
        return [Path(one["file"]) for one in signed]

    @property
    def root_keys(self) -> Path:
        return self.folder / "keys" / "root"

    def roles(self) -> Any:
        return self.done("key", "list")["roles"]

    def verified(self, mirror: Path | None = None) -> Any:
        return inside("verify", mirror or self.mirror, "--root", self.root, "--json").json


def published(top: Path) -> Room:
    """Found it, with one mirror, and publish one text."""
    told = inside("init", top / "paper", "--json").json
    config = top / "paper" / "tamizdat.toml"
    blocks = config.read_text().split("\n[[mirror]]")
    config.write_text("\n[[mirror]]".join(blocks[:2]))
    room = Room(top, told["root"])
    texts = top / "texts"
    texts.mkdir()
    shutil.copy(SAMPLES / "en-water.md", texts)
    room.done("import", "folder", texts, "--release")
    room.done("publish")
    return room
