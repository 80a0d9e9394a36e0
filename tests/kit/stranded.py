"""Stranded readers: each holds one thing saved before a block, and knows nothing else."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import urljoin

from service.handing.asking import ask
from signing.fetch import read
from signing.state import State
from signing.token import Token
from signing.web import UrlSource, new_session

MOST_TRIES = 24
PATIENCE = 10.0
_ADDRESS = re.compile(r"https?://[^\s\"'<>&)]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranded:
    """A reader: what they saved, the root id they keep, and a token where that is what they have.

    `saved` are texts; addresses are found in them as a person would find them.
    """

    kind: str
    root: str
    saved: Sequence[str]
    token: Token | None = None

    async def reach(self, folder: Path) -> int:
        """The edition that they read in the end, 0 for none, by what they hold alone."""
        async with new_session() as session:
            known = self.addresses()[:MOST_TRIES]
            sources = [UrlSource(one, session, timeout=PATIENCE) for one in known]
            now = datetime.now(UTC)
            if self.token is not None:
                found = await ask(sources, self.token, State(root_id=self.root), now)
                told = [one for one in found.mirrors if one not in known]
                sources = [
                    *(UrlSource(one, session, timeout=PATIENCE) for one in told),
                    *sources,
                ]
            report = await read(sources, folder, self.root, now)
        return (report.edition or 0) if report.authentic else 0

    def addresses(self) -> list[str]:
        """Every address that stands in what they saved, with the folders above it."""
        found: dict[str, None] = {}
        for address in _ADDRESS.findall("\n".join(self.saved)):
            below = urljoin(address.rstrip(".,;"), ".")
            while below.count("/") > 3:
                found.setdefault(below)
                below = urljoin(below, "..")
        return sorted(found, key=len)


def in_letter(body: bytes) -> str:
    """All texts of a letter, as a mail program shows them."""
    letter = message_from_bytes(body, policy=default)
    parts = [part for part in letter.walk() if part.get_content_maintype() == "text"]
    return "\n".join(str(part.get_content()) for part in parts)


def in_bundle(body: bytes) -> str:
    """All pages of a ZIP."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".html")]
        return "\n".join(archive.read(name).decode() for name in names)


def counted(reached: Sequence[tuple[str, int]], newest: int) -> Mapping[str, tuple[int, int]]:
    """How many of each kind read the newest edition, of how many."""
    kinds = dict.fromkeys(kind for kind, _ in reached)
    return {
        kind: (
            sum(one == (kind, newest) for one in reached),
            sum(name == kind for name, _ in reached),
        )
        for kind in kinds
    }
