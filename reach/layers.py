"""The layers of one connection: each is tried, noted, and answers with its failure's name."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reach import resolver
from reach.bogons import bogon
from reach.connection import Connection, blind_context
from reach.failures import ERRORS, named
from reach.notebook import Notebook
from reach.patience import Patience
from reach.resolver import Server
from tamizdat.measurement import Dial, Handshake, Lookup, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Takes steps for one purpose."""

    notebook: Notebook
    purpose: Purpose
    patience: Patience
    expected: frozenset[str] = frozenset()

    def _bogus(self, lookup: Lookup) -> bool:
        """Whether no site in the web can lie there, and it is not where we put it ourselves."""
        return any(bogon(one) and one not in self.expected for one in lookup.addresses)

    async def look_up(self, name: str, kinds: Sequence[str], server: Server) -> tuple[str, ...]:
        """Addresses of `name`, by the first reply of each kind."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask(name, kind, server)) for kind in kinds]
        found: list[str] = []
        for task in tasks:
            began, ended, lookup, code = task.result()
            self.notebook.note(self.purpose, lookup, code, began, ended)
            found += lookup.addresses if code is None else ()
        return tuple(found)

    async def _ask(
        self, name: str, kind: str, server: Server
    ) -> tuple[float, float, Lookup, str | None]:
        began = self.notebook.now()
        told = await resolver.look_up(
            name, kind, server, timeout=self.patience.dns, late=self.patience.late
        )
        code = told.code or ("dns_bogon_error" if self._bogus(told.lookup) else None)
        return began, self.notebook.now(), told.lookup, code

    async def dial(self, address: str, port: int) -> Connection | str:
        """A connection, or the failure's name."""
        began = self.notebook.now()
        seen = Dial(address=address, port=port)
        try:
            connection = await Connection.dial(address, port, self.patience)
        except ERRORS as error:
            code = named(error)
            self.notebook.note(self.purpose, seen, code, began)
            return code
        self.notebook.note(self.purpose, seen, None, began)
        return connection

    async def shake(
        self, connection: Connection, wanted: Handshake, context: ssl.SSLContext
    ) -> str | None:
        """Handshake under `wanted.server_name`; gives the failure's name, None where it is done."""
        began = self.notebook.now()
        code = None
        try:
            await connection.secure(context, wanted.server_name, self.patience)
        except ERRORS as error:
            code = named(error)
        seen = wanted
        if code is None:
            seen = replace(wanted, version=connection.version, chain=connection.chain)
        self.notebook.note(self.purpose, seen, code, began)
        return code

    async def greet(self, wanted: Handshake) -> str | None:
        """Dial and shake hands, believing any certificate; gives the failure's name if any."""
        connection = await self.dial(wanted.address, wanted.port)
        if isinstance(connection, str):
            return connection
        try:
            return await self.shake(connection, wanted, blind_context())
        finally:
            await connection.close()
