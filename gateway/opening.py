"""Opening: a gateway as the config describes it, ready to be sent to and read."""

import ssl
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from gateway.foreign import ForeignFeed
from gateway.sender import Post, Wanted, send
from gateway.settings import GatewaySettings, secret
from tamizdat.letter import FeedPage, Handed, Letter
from tamizdat.ports import Gateway


class MailGateway:
    """A gateway over SMTP and HTTP."""

    def __init__(self, post: Post, feed: ForeignFeed, wanted: Wanted = lambda _: True) -> None:
        self._post = post
        self._feed = feed
        self._wanted = wanted

    async def send(self, letters: Sequence[Letter]) -> Sequence[Handed]:
        """Hand letters over, in this order; one answer for each."""
        return await send(self._post, letters, self._wanted)

    async def read(self) -> FeedPage | None:
        """The whole feed as it stands, at the cost of one request."""
        return await self._feed.read()


def open_gateway(
    settings: GatewaySettings,
    newsroom: Path,
    session: aiohttp.ClientSession,
    trust: ssl.SSLContext | None = None,
    wanted: Wanted = lambda _: True,
) -> MailGateway:
    """The gateway; ConfigError where a file with an address is missing. `session` has no cookies.

    `trust` replaces the machine's certificates, for gateways inside a house. `wanted` is asked of
    each letter when its turn comes: what was withdrawn meanwhile does not leave.
    """
    post = Post(
        host=settings.host,
        port=settings.port,
        tls=settings.tls,
        to=secret(newsroom / settings.to),
        sender=settings.sender,
        max_bytes=settings.max_bytes,
        trust=trust,
    )
    return MailGateway(post, ForeignFeed(secret(newsroom / settings.feed), session), wanted)


_: type[Gateway] = MailGateway
