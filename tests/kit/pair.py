"""A pair: a newsroom whose editions two people sign, and the second person's machine beside it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kit.newsroom import SAMPLES
from tests.kit.program import Answer, inside

PASSPHRASE = "six words of one passphrase"


@dataclass(frozen=True)
class Pair:
    """`paper` is the newsroom, `bea` the folder of the second person's key."""

    top: Path
    root: str

    @property
    def folder(self) -> Path:
        return self.top / "paper"

    @property
    def mirror(self) -> Path:
        return self.folder / "mirrors" / "amber"

    @property
    def words(self) -> Path:
        return self.top / "words"

    def run(self, *words: str | Path) -> Answer:
        return inside("-C", self.folder, *words)

    def done(self, *words: str | Path) -> Any:
        """A verb that ends well; what it says."""
        answer = self.run(*words, "--json")
        assert answer.code == 0, (answer.err, answer.out)
        return answer.json

    def review(self, name: str = "a.review") -> Path:
        """The waiting edition, carried to the second person."""
        self.done("review", self.top / name, "--secret", self.words)
        return self.top / name

    def countersign(self, review: Path, key: str = "bea") -> Answer:
        """What the second person does with it."""
        own = ("--with", self.top / key, "--key-secret", self.words, "--secret", self.words)
        return inside("key", "countersign", review, *own, "--root", self.root, "--yes", "--json")

    def signature(self, review: Path, key: str = "bea") -> Path:
        answer = self.countersign(review, key)
        assert answer.code == 0, (answer.err, answer.out)
        return Path(answer.json["file"])

    def text(self, name: str, title: str, author: str = "A. Grey") -> str:
        """Release a text; gives its id."""
        texts = self.top / name
        texts.mkdir()
        told = [f"id: {name}", f"title: {title}", "language: en", "date: 2026-10-02T01:30:00Z"]
        told.append(f"author: {author}")
        (texts / f"{name}.md").write_text("\n".join(["---", *told, "---", "Words.", ""]))
        return str(self.done("import", "folder", texts, "--release")["ids"][0])

    def verified(self) -> Any:
        return inside("verify", self.mirror, "--root", self.root, "--json").json


def founded(top: Path, *, removed: bool = False) -> Pair:
    """A published newsroom with one mirror; from root 2 on, two people of two must sign.

    `removed`: the last edition under root 1 took an article back.
    """
    told = inside("init", top / "paper", "--json").json
    pair = Pair(top, told["root"])
    config = pair.folder / "tamizdat.toml"
    blocks = config.read_text().split("\n[[mirror]]")
    config.write_text("\n[[mirror]]".join(blocks[:2]))
    texts = top / "texts"
    texts.mkdir()
    shutil.copy(SAMPLES / "en-water.md", texts)
    pair.done("import", "folder", texts, "--release")
    pair.done("publish")
    if removed:
        pair.done("article", "withdraw", pair.text("ferry", "The ferry"))
    pair.words.write_text(PASSPHRASE)
    pair.done("key", "create", "release", top / "bea", "--secret", pair.words)
    draft = top / "next.json"
    named = ("key", "rotate", "release", draft, top / "bea" / "certificate.asc", "--threshold", "2")
    pair.done(*named)
    signed = pair.done("key", "sign", draft, "--with", pair.folder / "keys" / "root", "--yes")
    pair.done("key", "accept", draft, *(one["file"] for one in signed))
    return pair
