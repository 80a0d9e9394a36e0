"""A site of another paper, on loopback: feed, pages, pictures, WordPress, Ghost; and who asked."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.kit.images import jpeg

GHOST_KEY = "22444f78447824223cefc48062"


@dataclass
class Site:
    """What it serves, by path; `asked` holds each path that was asked for, in its order."""

    address: str = ""
    bodies: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    posts: list[dict[str, object]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    status: int = 200

    def put(self, path: str, body: str | bytes, kind: str = "text/html") -> str:
        """Serve a body; gives its address."""
        self.bodies[path] = (kind, body.encode() if isinstance(body, str) else body)
        return f"{self.address}{path}"

    def picture(self, path: str, told: str = "") -> str:
        """Serve a photo; gives its address."""
        return self.put(path, jpeg(len(path), told=told), "image/jpeg")

    def feed(self, *entries: tuple[str, str]) -> str:
        """Serve an RSS feed of entries, each a guid and its HTML; gives its address."""
        told = "".join(
            f"<item><guid>{name}</guid><title>{name}</title><description><![CDATA[{html}]]>"
            "</description></item>"
            for name, html in entries
        )
        head = f"<title>Wire</title><link>{self.address}</link><language>en</language>"
        body = f"<rss version='2.0'><channel>{head}{told}</channel></rss>"
        return self.put("/feed", body, "application/rss+xml")

    async def answer(self, request: web.Request) -> web.Response:
        """What lies at a path, with an ETag."""
        self.asked.append(request.path)
        if self.status != 200:
            return web.Response(status=self.status)
        if request.path.startswith("/wp-json/wp/v2/"):
            return self._wordpress(request)
        if request.path.startswith("/ghost/api/content/"):
            return self._ghost(request)
        if request.path not in self.bodies:
            return web.Response(status=404)
        kind, body = self.bodies[request.path]
        mark = f'"{hash(body) & 0xFFFFFF:x}"'
        if request.headers.get("If-None-Match") == mark:
            return web.Response(status=304)
        return web.Response(body=body, content_type=kind, headers={"ETag": mark})

    def _wordpress(self, request: web.Request) -> web.Response:
        of_posts = request.path.endswith("/posts")
        each, number = 2, int(request.query["page"])
        shown = self.posts[(number - 1) * each : number * each] if of_posts else []
        pages = -(-len(self.posts) // each) if of_posts else 0
        return web.json_response(shown, headers={"X-WP-TotalPages": str(pages)})

    def _ghost(self, request: web.Request) -> web.Response:
        if request.query["key"] != GHOST_KEY:
            return web.Response(status=401)
        kind = request.path.rstrip("/").rpartition("/")[2]
        number = int(request.query["page"])
        shown = self.posts[number - 1 : number] if kind == "posts" else []
        follows = number + 1 if kind == "posts" and number < len(self.posts) else None
        told = {kind: shown, "meta": {"pagination": {"page": number, "next": follows}}}
        return web.Response(text=json.dumps(told), content_type="application/json")


@asynccontextmanager
async def site(host: str = "127.0.0.1") -> AsyncIterator[Site]:
    """A site on loopback until the block ends."""
    found, app = Site(), web.Application()
    app.router.add_get("/{path:.*}", found.answer)
    server = TestServer(app, host=host)
    await server.start_server()
    found.address = str(server.make_url("/")).rstrip("/")
    yield found
    await server.close()
