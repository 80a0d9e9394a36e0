"""A newsroom whose keys open invented clouds, and the ledger's facts in a dict."""

import asyncio
from pathlib import Path

from tests.contract.s3_server import KEYS
from tests.kit.printshop import PrintShop, set_up, texts
from tests.kit.program import Answer, inside


class DictFacts:
    """The port Facts."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def set(self, name: str, value: str) -> None:
        self.kept[name] = value


async def front_room(place: Path) -> PrintShop:
    """A newsroom with a folder mirror, released texts, and `keys.toml`; nothing is published."""
    shop = await set_up(place / "room")
    shop.add_folder("amber")
    (shop.folder / "keys.toml").write_text(
        f'access_key = "{KEYS.access_key}"\nsecret_key = "{KEYS.secret_key}"\n'
    )
    await say(shop, "import", "folder", texts(place / "texts", ["en"]), "--release")
    return shop


async def say(shop: PrintShop, *words: str | Path) -> Answer:
    """A verb; servers of the test go on meanwhile."""
    return await asyncio.to_thread(inside, "-C", shop.folder, *words)
