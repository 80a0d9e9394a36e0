"""A small press: a newsroom within this process, with few articles, for many editions fast."""

from dataclasses import dataclass
from pathlib import Path

from tests.kit.program import Answer, inside


@dataclass(frozen=True)
class Press:
    """A newsroom in a folder, driven by the command line."""

    folder: Path
    root: str

    @classmethod
    def founded(cls, folder: Path, *, name: str = "The Heron") -> "Press":
        """A new one."""
        answer = inside("init", folder, "--name", name, "--json")
        return cls(folder, answer.json["root"])

    def run(self, *arguments: str | Path) -> Answer:
        """A verb in this newsroom."""
        return inside("-C", self.folder, *arguments)

    def published(self) -> int:
        """Publish; gives the edition."""
        answer = self.run("publish", "--json")
        assert answer.code == 0, answer
        return int(answer.json["edition"])

    def mirror(self, name: str = "amber") -> Path:
        """Where a folder mirror lies."""
        return self.folder / "mirrors" / name
