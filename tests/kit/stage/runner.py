"""A runner: whatever can run the service, a stage or this machine alone."""

from pathlib import Path
from typing import Protocol

from tests.kit.stage.stage import Done


class Runner(Protocol):
    """Runs programs in places. `folder` keeps what they say."""

    folder: Path

    async def run(self, place: str, *command: str, patience: float = 60.0) -> Done: ...

    async def tamizdat(
        self, *words: str | Path, place: str = ..., patience: float = 90
    ) -> Done: ...

    async def start(self, name: str, place: str, *command: str) -> int: ...

    async def stop(self, name: str, signal: str = "TERM") -> tuple[int, float]: ...

    async def alive(self, name: str) -> bool: ...

    async def door(self, port: int) -> int: ...

    def log(self, name: str) -> str: ...
