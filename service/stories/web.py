"""The web, as a thread that reads a source may ask it: within limits for the whole import."""

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from feeds.sources.fetch import MAX_BYTES, TIMEOUT, Fetched, fetch
from tamizdat.errors import SourceError

MAX_TOTAL = 2 * 1024**3
"""Bytes of one import, pictures included."""

MAX_SECONDS = 2 * 3600.0
"""Seconds that one import may spend on the web, all its fetches together."""

STRIKES = 3
"""A host that failed so often is not asked again during the import."""

_GRACE = 10.0
_Found = TypeVar("_Found")


@dataclass(slots=True, kw_only=True)
class Web:
    """A way out for one import. To be called in a thread beside `loop`, never on it."""

    loop: asyncio.AbstractEventLoop
    allow_private: bool = False
    left: int = MAX_TOTAL
    seconds_left: float = MAX_SECONDS
    _strikes: dict[str, int] = field(default_factory=dict)

    def fetched(self, address: str, *, most: int = MAX_BYTES, seconds: float = TIMEOUT) -> Fetched:
        """What lies at `address`. SourceError for what `fetch` refuses, and beyond the limits."""
        host = host_of(address)
        if self._strikes.get(host, 0) >= STRIKES:
            raise SourceError(f"{host}: failed {STRIKES} times: not asked again in this import")
        if self.left <= 0 or self.seconds_left <= 0:
            raise SourceError("the import took all that one may take of the web: import in parts")
        began = time.monotonic()
        try:
            got = self.wait(
                fetch(
                    address,
                    allow_private=self.allow_private,
                    most=min(most, self.left),
                    seconds=min(seconds, self.seconds_left),
                ),
                seconds + _GRACE,
            )
        except SourceError:
            self._strikes[host] = self._strikes.get(host, 0) + 1
            raise
        finally:
            self.seconds_left -= time.monotonic() - began
        self.left -= len(got.body)
        return got

    def wait(self, work: Coroutine[Any, Any, _Found], seconds: float = 60.0) -> _Found:
        """What `work` gives, done on the loop while this thread waits for it."""
        asked = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return asked.result(seconds)
        except LateError as error:
            asked.cancel()
            raise SourceError(f"no answer in {seconds:.0f} s") from error


def host_of(address: str) -> str:
    """The host of an address, in small letters."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def is_near(host: str, site: str) -> bool:
    """Whether `host` is of the same site: the same name, or one below the other."""
    one, other = host.removeprefix("www."), site.removeprefix("www.")
    alike = one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
    return alike and "." in min(one, other, key=len) if one and other else False
