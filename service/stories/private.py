"""Private: pictures lie closed as long as only drafts show them. Blocking."""

from collections.abc import Sequence

from tamizdat.article import decode
from tamizdat.closing import Drawer
from tamizdat.digest import Digest
from tamizdat.ports import Blobs


def keep_picture(blobs: Blobs, body: bytes) -> Digest:
    """Keep a picture of a draft."""
    return blobs.write_closed(body) if isinstance(blobs, Drawer) else blobs.write(body)


def lay_open(blobs: Blobs, texts: Sequence[Digest]) -> None:
    """Articles with these texts are about to be released: who publishes needs no key for them."""
    if isinstance(blobs, Drawer):
        for text in texts:
            blobs.lay_open(one.sha256 for one in decode(blobs.read(text)).pictures)
