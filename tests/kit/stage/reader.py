"""A reader in the country: has a few things saved from before the block, and nothing else.

Whatever addresses stand in them are tried; what was read names further ones.
"""

import re
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from tests.kit.stage.stage import COUNTRY, Stage

_ADDRESS = re.compile(rb"https?://[A-Za-z0-9.:-]{1,253}/")
_NOT_OURS = ("w3.org", "purl.org", "jsonfeed.org", "invalid")


@dataclass(kw_only=True)
class Reader:
    """Somebody who kept the root id, and files in `saved`. `edition` is the newest they read."""

    stage: Stage
    root: str
    saved: Path
    copy: Path
    edition: int = 0
    tried: list[str] = field(default_factory=list)

    async def keep(self, mirror: str, feed: str) -> None:
        """Save what a careful reader saves: front page, ways, a mirror's feed, and one letter."""
        self.saved.mkdir()
        wanted = {"index.html": "index.html", "ways.html": "ways.html", "feed.xml": "en/atom.xml"}
        for name, path in wanted.items():
            await self._save(mirror + path, name)
        # of letters, a reader of feeds sees what the gateway makes of them
        await self._save(feed, "letters.xml")

    async def _save(self, address: str, name: str) -> None:
        fetch = (
            "import sys,urllib.request as u;"
            "open(sys.argv[2],'wb').write(u.urlopen(sys.argv[1],timeout=20).read())"
        )
        words = ("python3", "-c", fetch, address, str(self.saved / name))
        done = await self.stage.run(COUNTRY, *words)
        assert done.code == 0, f"{address}: {done.err[-300:]}"

    def anew(self, copy: Path) -> "Reader":
        """The same reader with an empty copy: only what was saved leads on."""
        return Reader(stage=self.stage, root=self.root, saved=self.saved, copy=copy)

    def addresses(self) -> list[str]:
        """Every place that the saved files, and the copy that was read last, name."""
        files = [path for folder in (self.saved, self.copy) for path in _files(folder)]
        found = {
            unescape(match.decode())
            for path in files
            for match in _ADDRESS.findall(path.read_bytes().replace(b"=\r\n", b""))
        }
        return sorted(one for one in found if not _is_foreign(one))

    async def read(self) -> int:
        """The newest edition that can be had from here; 0 where nothing can."""
        self.tried = self.addresses()
        done = await self.stage.tamizdat(
            "read", *self.tried, "--to", self.copy, "--root", self.root, "--json", place=COUNTRY
        )
        if done.code == 0:
            self.edition = int(done.told["edition"])
        return self.edition


def _files(folder: Path) -> list[Path]:
    names = {"here.json", "ways.html", "index.html"}
    every = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    return [path for path in every if path.parent == folder or path.name in names]


def _is_foreign(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    return any(host == name or host.endswith(f".{name}") for name in _NOT_OURS)
