"""Closed blobs: files by hash, of which drafts and their pictures lie closed."""

from collections.abc import Iterable
from pathlib import Path

from store.blobs import FolderBlobs
from store.closed import Closed
from store.closed_pictures import ClosedPictures
from tamizdat.closing import DRAFT, MARK, Closing, Drawer
from tamizdat.digest import Digest
from tamizdat.errors import BlobMissingError


class ClosedBlobs(FolderBlobs):
    """Files by hash, of which drafts lie closed: `read` opens them, and gives others as they are.

    A closed file bears the hash of its closed bytes, so its name tells nothing of what it says.
    Pictures of drafts lie closed in the folder `apart`, and are found by their own hash.
    """

    def __init__(
        self, folder: Path, closing: Closing, apart: Path, *, durable: bool = True
    ) -> None:
        super().__init__(folder, durable=durable)
        self._closing = closing
        self._pictures = (
            ClosedPictures(apart, closing, durable=durable) if isinstance(closing, Closed) else None
        )

    def read(self, sha256: Digest) -> bytes:
        """The bytes, opened; SourceError where the key for them is not here."""
        try:
            body = super().read(sha256)
        except BlobMissingError:
            if self._pictures is None or not self._pictures.has(sha256):
                raise
            return self._pictures.read(sha256)
        return self._closing.open(body, DRAFT)

    def has(self, sha256: Digest) -> bool:
        """Whether the bytes are here, open or closed."""
        return super().has(sha256) or bool(self._pictures and self._pictures.has(sha256))

    def lies_open(self, sha256: Digest) -> bool:
        """Whether whoever takes the disk can read it; not where it is missing."""
        try:
            with self._path(sha256).open("rb") as file:
                return file.read(len(MARK)) != MARK
        except OSError:
            return False

    def write_closed(self, body: bytes) -> Digest:
        """Keep `body`, closed where there is a key; `read` gives it. Survives a crash."""
        return self._pictures.write(body) if self._pictures else self.write(body)

    def lay_open(self, names: Iterable[Digest]) -> None:
        """What lies closed is released: it lies beside the others from now on."""
        for name in names:
            if not super().has(name) and self._pictures and self._pictures.has(name):
                self.write(self._pictures.read(name))

    def keep_closed(self, wanted: Iterable[Digest]) -> frozenset[Digest]:
        """Delete what lies closed and is not wanted; gives those of `wanted` that lie closed.

        Without the key nothing can be told apart, and nothing goes.
        """
        return self._pictures.keep_only(wanted) if self._pictures else frozenset()


_: type[Drawer] = ClosedBlobs
