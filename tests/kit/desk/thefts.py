"""Thefts to look at on a board."""

from dataclasses import replace
from datetime import timedelta

from tamizdat.board import BoardView
from tamizdat.digest import digest
from tamizdat.edition import Sealed, Signature
from tamizdat.theft import SignedKind, Spot, Theft
from tests.kit.desk.board import NOW, view

KEY = "5B1C90D7A2E64F38B9071D44C6AE2F5583D01E97"


def theft(number: int, path: str, *mirrors: str, fork: bool = False) -> Theft:
    """A theft that was seen on these mirrors, a few minutes ago."""
    body = path.encode()
    since = NOW - timedelta(minutes=6)
    return Theft(
        number=number,
        kind=SignedKind.EDITION,
        path=path,
        version=41,
        sealed=Sealed(
            body=body, sha256=digest(body), signatures=(Signature(fingerprint=KEY, armor=""),)
        ),
        ours=digest(b"ours") if fork else None,
        opened=since,
        spots=tuple(Spot(mirror=m, vantage="minsk-2", first=since, last=NOW) for m in mirrors),
    )


def stolen(before: BoardView | None = None) -> BoardView:
    """The board while three thefts are open; two are shown."""
    found = (
        theft(1, "e/41/manifest.json", "aster", "birch", fork=True),
        theft(3, "latest.json", "aster"),
    )
    return replace(before or view(), thefts=found, open_thefts=3)
