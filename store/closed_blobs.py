"""Closed blobs: files by hash, of which drafts and their pictures lie closed."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from store.blobs import FolderBlobs
from store.closed import Closed
from store.closed_pictures import ClosedPictures
from tamizdat.closing import DRAFT, MARK, Closing, Drawer
from tamizdat.digest import Digest, digest
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
        """Keep `body`, closed where there is a key and it lies nowhere open. Survives a crash."""
        if self._pictures is None or super().has(digest(body)):
            return self.write(body)  # open as something that is out, or for the sweep to close
        return self._pictures.write(body)

    def lay_open(self, names: Iterable[Digest]) -> None:
        """What lies closed is released: it lies beside the others from now on."""
        if self._pictures is None:
            return
        lacking = [name for name in names if not super(ClosedBlobs, self).has(name)]
        for name in self._pictures.lying(lacking) if lacking else ():
            self.write(self._pictures.read(name))

    def keep_closed(self, wanted: Iterable[Digest]) -> frozenset[Digest]:
        """Close what of `wanted` lies open, delete what else lies closed; gives what lies closed.

        Without the key nothing can be told apart, and nothing goes.
        """
        if self._pictures is None:
            return frozenset()
        wanted = frozenset(wanted)
        for name in wanted - self._pictures.lying(wanted):
            with suppress(BlobMissingError):  # its text is older than a withdrawal
                self._pictures.write(super().read(name))
        return self._pictures.keep_only(wanted)


_: type[Drawer] = ClosedBlobs
