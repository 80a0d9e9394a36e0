"""No pen: a program that knows the newsroom's roots, and signs nothing."""

from pathlib import Path

from service.keys.published import published_roots
from service.newsroom import Keys
from signing.words import spelled
from tamizdat import paths
from tamizdat.edition import Signature
from tamizdat.errors import SigningError
from tamizdat.ports import Signer
from tamizdat.wire import Root


class NoPenError(SigningError):
    """Something is to be signed, and here is no key."""


class NoPen:
    """Signs nothing."""

    async def sign(self, _body: bytes) -> tuple[Signature, ...]:
        """Always NoPenError."""
        raise NoPenError("a worker signs nothing: `tamizdat serve` does")


def keys_without_pen(folder: Path) -> Keys:
    """The roots below a folder of keys; its gpg homes are not opened, and need not be there."""
    sealed = published_roots(folder)
    pen: Signer = NoPen()
    return Keys(
        roots=sealed,
        root=Root.parse(sealed[-1].body, paths.root(len(sealed))),
        root_id=sealed[0].sha256,
        words=spelled(sealed[0].sha256),
        release=pen,
        timestamp=pen,
        mirrors=pen,
    )
