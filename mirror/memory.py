"""Memory: a mirror for tests and demos; a dict with manners."""

from collections.abc import Sequence

from mirror.readers import Expecting, LostError
from tamizdat import paths
from tamizdat.errors import BackendError
from tamizdat.ports import Backend, Reader


class Memory:
    """Backend and reader over one dict: what was put is what a stranger reads."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.types: dict[str, str] = {}

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        """Lay `body` at `path`."""
        self.files[paths.check(path)] = bytes(body)
        self.types[path] = media_type

    async def delete(self, path: str) -> None:
        """Remove `path`."""
        self.files.pop(path, None)
        self.types.pop(path, None)

    async def paths(self) -> Sequence[str]:
        """Every path that lies there."""
        return sorted(self.files)

    async def close(self) -> None:
        """Nothing is held."""

    async def fetch(self, path: str, limit: int) -> bytes | None:
        """The bytes at `path`."""
        body = self.files.get(path)
        if body is not None and len(body) > limit:
            raise BackendError(f"{path}: answers over {limit} bytes", retry=False)
        return body

    async def expect(self, path: str, limit: int) -> bytes:
        """The bytes at `path`, which lies there."""
        body = await self.fetch(path, limit)
        if body is None:
            raise LostError(f"{path}: is not there", retry=True)
        return body


_: type[Backend] = Memory
_reader: type[Reader] = Memory
_expecting: type[Expecting] = Memory
