"""A pair: a newsroom whose editions two people sign, and the second person's machine beside it."""

from dataclasses import dataclass
from pathlib import Path

from tests.kit.keyroom import PASSPHRASE, Room, published
from tests.kit.program import Answer, inside


@dataclass(frozen=True)
class Pair(Room):
    """`paper` is the newsroom, `bea` the folder of the second person's key."""

    @property
    def words(self) -> Path:
        return self.top / "words"

    def run(self, *words: str | Path) -> Answer:
        return inside("-C", self.folder, *words)

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


def founded(top: Path, *, removed: bool = False) -> Pair:
    """A published newsroom with one mirror; from root 2 on, two people of two must sign.

    `removed`: the last edition under root 1 took an article back.
    """
    pair = Pair(top, published(top).root)
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
