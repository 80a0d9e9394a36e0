"""An editor at the desk, in a browser without scripts: follows links and fills in forms."""

import asyncio
import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape

import aiohttp

PASSWORD = "a lantern on the harbour wall"
_SEEN = re.compile(r'name="?seen"? value="?([^" >]+)')
_CONTENT = re.compile(r'name="?content"? value="([0-9a-f]{64})"')
_PLACE = re.compile(r"<li class=(o|wait|b)><i class=sh></i><span>(?:<b>)?([a-z0-9-]+)<")
_STORY = re.compile(r"/stories/([a-z2-7]{13})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """Somebody signed in. `base` is the desk's address, without `/` at its end."""

    session: aiohttp.ClientSession
    base: str

    async def page(self, path: str) -> str:
        """A page of the desk."""
        async with self.session.get(self.base + path) as answer:
            text = await answer.text()
            assert answer.status == 200, f"{path}: {answer.status}: {text[:300]}"
            return text

    async def write(self, title: str, text: str, language: str = "en") -> str:
        """Keep a new story; gives its id."""
        fields = {"title": title, "text": text, "form": "markdown", "language": language}
        path, _ = await self._send("/stories/new", fields | {"seen": "blank"})
        found = _STORY.search(path)
        assert found, path
        return found[1]

    async def release(self, story: str, title: str, text: str, reason: str = "") -> None:
        """Release a draft, or a correction, as it is typed here."""
        sheet = f"/stories/{story}/correct" if reason else f"/stories/{story}"
        seen = _SEEN.search(await self.page(sheet))
        assert seen, "the sheet does not tell when it was saved"
        fields = {"title": title, "text": text, "form": "markdown", "language": "en"}
        path, page = await self._send(
            f"/stories/{story}/release", fields | {"seen": seen[1], "reason": reason}
        )
        assert path == f"/stories/{story}", page[:2000]

    async def ask(self, story: str, title: str, text: str) -> None:
        """Ask for approval of a draft as it is typed here."""
        seen = _SEEN.search(await self.page(f"/stories/{story}"))
        assert seen, "the sheet does not tell when it was saved"
        fields = {"title": title, "text": text, "form": "markdown", "language": "en"}
        _, page = await self._send(f"/stories/{story}/ask", fields | {"seen": seen[1]})
        assert "It waits for approval" in page, page[:2000]

    async def content(self, story: str) -> str:
        """The digest of what waits here, as its page has it."""
        found = _CONTENT.search(await self.page(f"/stories/{story}"))
        assert found, "the page does not ask for approval"
        return found[1]

    async def approve(self, story: str, content: str) -> None:
        """Press the button."""
        _, page = await self._send(f"/stories/{story}/approve", {"content": content})
        assert "Released" in page, page[:2000]

    async def arrived(self, story: str) -> dict[str, bool]:
        """Each place that a story goes to, and whether it is there, as the page tells it."""
        page = await self.page(f"/stories/{story}?part=1")
        return {unescape(name): how == "o" for how, name in _PLACE.findall(page)}

    async def until_arrived(
        self, story: str, but: Collection[str] = (), patience: float = 60.0
    ) -> list[str]:
        """Wait until a story stands everywhere, `but` in these places; gives the places."""
        async with asyncio.timeout(patience):
            while True:
                told = await self.arrived(story)
                places = [name for name in told if name not in {"released", *but}]
                if places and all(told[name] for name in places):
                    return places
                await asyncio.sleep(0.1)

    async def withdraw(self, story: str, word: str) -> str:
        """Take a story back; gives the page that follows."""
        _, page = await self._send(f"/stories/{story}/withdraw", {"word": word})
        return page

    async def rotate(self, mirror: str, country: str) -> str:
        """Let a spare take over from the board; gives the page that follows."""
        _, page = await self._send(f"/board/cell/{mirror}/{country}/rotate", {})
        return page

    async def _send(self, path: str, fields: dict[str, str]) -> tuple[str, str]:
        """Where a form leads, and what stands there."""
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": self.base}
        async with self.session.post(self.base + path, data=fields, headers=headers) as answer:
            text = await answer.text()
            assert answer.status < 400, f"{path}: {answer.status}: {text[:1000]}"
            return answer.url.path, text


@asynccontextmanager
async def joined(base: str, token: str, name: str = "heron") -> AsyncIterator[Editor]:
    """Somebody who followed a one-time link, until the block ends."""
    jar = aiohttp.CookieJar(unsafe=True)  # the desk's address is a number here
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        editor = Editor(session=session, base=base)
        fields = {"name": name, "password": PASSWORD, "again": PASSWORD}
        path, page = await editor._send(f"/join/{token}", fields)
        assert path == "/", page[:1000]
        yield editor
