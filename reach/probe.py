"""The probe: looks at a mirror as a reader would, and where that fails, finds out at which step."""

import asyncio
import ipaddress
import ssl
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path

from reach.connection import reader_context
from reach.follow import Follow, decoy_wanted, follow_ups, sluggish
from reach.layers import Layers
from reach.notebook import Notebook
from reach.patience import Patience
from reach.resolver import Server, system_server
from reach.visit import Site, Visit
from tamizdat.errors import BackendError
from tamizdat.measurement import (
    MAX_DETAIL,
    Aim,
    Check,
    ExposureError,
    Handshake,
    Measurement,
    Purpose,
    Vantage,
)
from tamizdat.ports import Clock, ContentCheck, Probe

CANARY_LIMIT = 512 * 1024
"""Of a canary, so many bytes are taken."""

MORE_SAMPLES = 2
"""How often a slow file is taken again: three samples tell slow from bad luck (notes A6, 4)."""

_KINDS = ("AAAA", "A")


class HandProbe:
    """The port Probe on plain sockets.

    `authorities` (a PEM file, or the text of one) replace this machine's.
    """

    def __init__(
        self,
        check: ContentCheck,
        clock: Clock,
        *,
        patience: Patience | None = None,
        authorities: Path | str | None = None,
    ) -> None:
        self._check = check
        self._clock = clock
        self._patience = patience or Patience()
        self._context = reader_context(authorities)

    def checking(self, check: ContentCheck) -> "HandProbe":
        """The same probe with another check of content."""
        other = copy(self)
        other._check = check  # noqa: SLF001 - its own kind
        return other

    async def measure(self, target: Aim, vantage: Vantage) -> Measurement:
        """What `vantage` sees of `target`; ExposureError where it must not learn of it."""
        if not vantage.may_measure(target.exposure, target.group):
            raise ExposureError(f"{target.mirror}: {vantage.id} must not learn of this mirror")
        began = self._clock.now()
        look = _Look(
            target=target,
            server=Server.parse(vantage.resolver) if vantage.resolver else system_server(),
            check=self._check,
            context=self._context,
            patience=self._patience,
        )
        try:
            async with asyncio.timeout(self._patience.whole):
                await look.around()
        except TimeoutError:
            pass  # what was noted until then is the measurement
        return Measurement(
            mirror=target.mirror,
            vantage=vantage,
            at=began,
            host=look.site.host,
            steps=tuple(look.notebook.steps),
            expected=target.addresses,
        )


_: type[Probe] = HandProbe


@dataclass(kw_only=True)
class _Look:
    """One measurement while it is made."""

    target: Aim
    server: Server
    check: ContentCheck
    context: ssl.SSLContext
    patience: Patience
    notebook: Notebook = field(default_factory=Notebook)
    site: Site = field(init=False)

    def __post_init__(self) -> None:
        self.site = Site.parse(self.target.base)

    async def around(self) -> None:
        """As a reader; then whatever may tell why a reader fails."""
        addresses = await self._addresses(self.site.host, self._layers(Purpose.READER))
        visit = await self._visit(Purpose.READER, addresses)
        wanted = follow_ups(self.notebook.steps, self.target)
        if Follow.PINNED in wanted:
            visit = await self._visit(Purpose.PINNED, self.target.addresses)
        if visit is not None and decoy_wanted(self.notebook.steps, self.target):
            await self._decoy(visit)
        if visit is not None and sluggish(self.notebook.steps):
            await self._again(visit)
            wanted |= {Follow.CANARY}
        if Follow.CANARY in wanted:
            for base in self.target.canaries:
                await self._canary(Site.parse(base))

    def _layers(self, purpose: Purpose) -> Layers:
        return Layers(
            notebook=self.notebook,
            purpose=purpose,
            patience=self.patience,
            expected=frozenset(self.target.addresses),
        )

    async def _addresses(self, host: str, layers: Layers) -> tuple[str, ...]:
        """Where `host` lies: itself where it is an address, loopback for localhost (RFC 6761)."""
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            if host == "localhost" or host.endswith(".localhost"):
                return ("127.0.0.1",)
        found = await layers.look_up(host, _KINDS, self.server)
        # IPv4 first: where IPv6 is broken, a reader's browser falls back, and we must not wait
        return tuple(sorted(found, key=lambda one: ":" in one))

    async def _visit(self, purpose: Purpose, addresses: tuple[str, ...]) -> Visit | None:
        """Check the content at these addresses; None where there is no address."""
        if not addresses:
            return None
        visit = Visit(self.site, addresses, self._layers(purpose), self.context)
        began = self.notebook.now()
        try:
            found = await self.check.check(visit)
        except BackendError:
            return visit  # the step that failed is in the notebook
        seen = Check(edition=found.edition, detail=found.detail[:MAX_DETAIL])
        self.notebook.note(purpose, seen, found.code, began)
        return visit

    async def _decoy(self, visit: Visit) -> None:
        """The same address under a name that nobody blocks."""
        layers, name = self._layers(Purpose.DECOY), self.target.decoy
        if visit.address is None or name is None:
            return
        if self.site.secure:
            wanted = Handshake(address=visit.address, port=self.site.port, server_name=name)
            await layers.greet(wanted)
            return
        await self._take(
            Site(secure=False, host=name, port=self.site.port, path="/"), visit.address, layers
        )

    async def _again(self, visit: Visit) -> None:
        """More samples of the heaviest file."""
        _, path, limit = visit.heaviest
        for _ in range(MORE_SAMPLES):
            try:
                await visit(path, limit)
            except BackendError:
                return

    async def _canary(self, site: Site) -> None:
        layers = self._layers(Purpose.CANARY)
        for address in (await self._addresses(site.host, layers))[:1]:
            await self._take(site, address, layers)

    async def _take(self, site: Site, address: str, layers: Layers) -> None:
        """Whatever lies at the site's path; a broken certificate does not matter here."""
        visit = Visit(site, (address,), layers, self.context)
        try:
            await visit("", CANARY_LIMIT)
        except BackendError:
            return
