"""Picturing: the pictures that an article from outside names by address, fetched and rebuilt."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urljoin

from feeds.incoming import Arrival, Incoming, PictureSource, SetAside
from feeds.links import MAX_LINK
from feeds.pictures import Rebuilt, as_rebuilt, rebuild
from feeds.sources.fetch import is_address
from service.newsroom import Newsroom
from service.stories.readying import keep_picture
from service.stories.web import Web, host_of, is_near
from tamizdat.digest import Digest, digest, is_digest
from tamizdat.errors import BlobMissingError, SourceError

MAX_PICTURE = 20 * 1024 * 1024
"""Bytes of one picture, as it comes."""

SECONDS = 30.0
MAX_PICTURES = 20_000
"""Pictures that one import may fetch."""


class Whose(StrEnum):
    """From where pictures are fetched: whoever has them learns that this machine wants them."""

    NONE = "none"
    SITE = "site"
    ALL = "all"


@dataclass(slots=True, kw_only=True)
class Pictures:
    """The pictures of one import. `hosts` are those of the site that it comes from.

    What was fetched once is not fetched again while it lies in the blobs. The ledger notes it under
    a digest of its address, sealed with the address: it tells nothing to who does not have that.
    """

    room: Newsroom
    web: Web
    whose: Whose
    hosts: frozenset[str]
    _had: dict[str, Digest | None] = field(default_factory=dict)

    def along(self, source: Iterable[Arrival]) -> Iterator[Arrival]:
        """`source`, its articles with the pictures that they name by address."""
        for one in source:
            fetches = isinstance(one, Incoming) and self.whose is not Whose.NONE
            yield (
                replace(one, pictures=self._source(one))
                if fetches and not isinstance(one, SetAside)
                else one
            )

    def _source(self, item: Incoming) -> PictureSource:
        def give(src: str) -> bytes | Rebuilt | None:
            found = item.pictures(src)
            if found is not None:
                return found
            address = _absolute(src, item.base)
            return self._picture(address) if address and self._is_wanted(address) else None

        return give

    def _is_wanted(self, address: str) -> bool:
        host = host_of(address)
        return self.whose is Whose.ALL or any(is_near(host, one) for one in self.hosts)

    def _picture(self, address: str) -> Rebuilt | None:
        known = self._had[address] if address in self._had else self._noted(address)
        lying = self._lying(known) if known else None
        if lying is None and not (address in self._had and known is None):
            lying = self._fetched(address)
            if lying:
                self._note(address, digest(lying.body))
        self._had[address] = digest(lying.body) if lying else None
        return lying

    def _fetched(self, address: str) -> Rebuilt | None:
        if len(self._had) >= MAX_PICTURES:
            return None
        try:
            made = rebuild(self.web.fetched(address, most=MAX_PICTURE, seconds=SECONDS).body)
        except SourceError:
            return None  # its words stay, and the list of what was removed names it
        keep_picture(self.room.blobs, made.body)
        return made

    def _lying(self, known: Digest) -> Rebuilt | None:
        try:
            return as_rebuilt(self.room.blobs.read(known))
        except BlobMissingError:  # its story was withdrawn, and it was swept
            return None

    def _noted(self, address: str) -> Digest | None:
        value = self.web.wait(self.room.ledgers.facts.get(self._name(address))) or ""
        if not is_digest(value):
            return None
        sealed = bytes(a ^ b for a, b in zip(bytes.fromhex(value), self._pad(address), strict=True))
        return Digest(sealed.hex())

    def _note(self, address: str, found: Digest) -> None:
        sealed = bytes(a ^ b for a, b in zip(bytes.fromhex(found), self._pad(address), strict=True))
        self.web.wait(self.room.ledgers.facts.set(self._name(address), sealed.hex()))

    def _name(self, address: str) -> str:
        return f"picture {self._mac('name', address).hex()[:32]}"

    def _pad(self, address: str) -> bytes:
        return self._mac("pad", address)

    def _mac(self, use: str, address: str) -> bytes:
        told = f"picture {use}\0{address}".encode("utf-8", "surrogatepass")
        return hmac.new(self.room.salt, told, hashlib.sha256).digest()


def pictures_of(room: Newsroom, web: Web, whose: Whose, *hosts: str) -> Pictures:
    """The pictures of an import that comes from `hosts`."""
    return Pictures(room=room, web=web, whose=whose, hosts=frozenset(filter(None, hosts)))


def _absolute(src: str, base: str | None) -> str | None:
    try:
        found = urljoin(base or "", src.strip())
    except ValueError:
        return None
    return found if is_address(found) and len(found) <= MAX_LINK else None
