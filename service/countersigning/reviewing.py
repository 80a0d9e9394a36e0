"""Reviewing: a waiting edition with all that it is made of, in one encrypted file to carry.

It is a backup with less in it: the released articles, their pictures, what readers see of the
config, the roots, and the edition. No drafts, no people, no secrets, no addresses of mirrors.
Whoever has the passphrase can lay it out with `tamizdat restore`, and look at it by other means.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from service.backup.contents import CONTENTS, Contents, Heap, blob_name, table_name
from service.backup.growing import growing
from service.backup.passphrase import Locked
from service.backup.receiving import Progress
from service.backup.spooling import Table, needed
from service.backup.tar import Writer, pieces
from service.clock import SystemClock
from service.config import FILE, Config, parse
from service.countersigning.waiting import FINISHED, WAITING, Waiting, show, waiting
from service.keys.published import published_roots
from service.wiring import ROOT, SALT, beside
from signing.envelope import Plain, seal
from signing.root_draft import Draft
from store import dump
from store.articles import SqlArticles
from store.blobs import FolderBlobs
from store.editions import SqlEditions
from store.engine import Ledger
from store.facts import SqlFacts
from store.naming import Named, named
from store.schema import HEAD
from tamizdat.article import decode
from tamizdat.digest import Digest, digest
from tamizdat.edition import SealedEdition
from tamizdat.errors import LedgerError
from tamizdat.ports import Blobs
from tamizdat.wire import Sized

ROOTS = "roots of a review"
EDITIONS = 16
"""So many editions before it come along: what it follows, and what that rests on."""

_ROWS = ("article", "listing", "list_length", "sealed", "signature", "fact")
_Keep = Callable[[Mapping[str, object]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What lies in the file now."""

    edition: int
    sha256: Digest
    length: int


async def review(folder: Path, target: Locked, progress: Progress | None = None) -> Review:
    """Write the edition that waits in the newsroom in `folder`; from then on its number is used.

    LedgerError where none waits, or where articles changed since it was made.
    """
    async with beside(folder) as (config, ledger):
        facts, blobs = SqlFacts(ledger), FolderBlobs(folder / config.store.blobs)
        one = await _asked(facts, SqlArticles(ledger), blobs)
        with ExitStack() as stack:
            packing = await _packing(folder, config, ledger, one, stack)
            await show(facts, one)
            grown = stack.enter_context(growing(target.file))
            await seal(grown, target.passphrase, lambda stream: packing.fill(stream, progress))
            length = grown.tell()
    return Review(edition=one.manifest.edition, sha256=one.sha256, length=length)


async def _asked(facts: SqlFacts, articles: SqlArticles, blobs: Blobs) -> Waiting:
    one = await waiting(facts, blobs)
    if one is None:
        raise LedgerError("no edition waits for signatures: `tamizdat publish` makes one")
    if not one.is_of(await articles.changed()):
        raise LedgerError(
            f"articles changed since edition {one.manifest.edition} was made: publish first, or "
            "let others sign the file that they have"
        )
    return one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Packing:
    """All that goes into the file."""

    contents: Contents
    small: Mapping[str, bytes]
    tables: Mapping[str, Table]
    blobs: FolderBlobs
    wanted: Sequence[Digest]

    def fill(self, stream: Plain, progress: Progress | None) -> None:
        writer = Writer(stream, self.contents.created)
        first = self.contents.encode()
        writer.add(CONTENTS, len(first), [first])
        for name, body in self.small.items():
            writer.add(name, len(body), [body])
        for name, table in self.tables.items():
            table.file.seek(0)
            writer.add(name, table.length, pieces(table.file))
        total = sum(one.bytes for one in self.contents.heaps.values())
        done = 0
        for sha256 in self.wanted:
            body = self.blobs.read(sha256)
            writer.add(blob_name("blobs", sha256), len(body), [body])
            done += len(body)
            if progress:
                progress("write", done, total)
        writer.close()


async def _packing(
    folder: Path, config: Config, ledger: Ledger, one: Waiting, stack: ExitStack
) -> _Packing:
    blobs = FolderBlobs(folder / config.store.blobs)
    before = await _before(SqlEditions(ledger), one)
    facts = SqlFacts(ledger)
    told = {name: await facts.get(name) or "" for name in (ROOT, WAITING, FINISHED)}
    roots = published_roots(folder / config.signing.keys)
    draft = Draft(roots=roots, body=b"", certificates="")
    told |= {SALT: "00", ROOTS: draft.encode().decode()}
    tables, names = await _tables(folder, ledger, before, told, stack)
    texts = await SqlArticles(ledger).texts()
    if not one.is_of(await SqlArticles(ledger).changed()):
        raise LedgerError("articles changed meanwhile: publish, and try again")
    found = {Digest(told[WAITING])}
    found |= {sha256 for record in texts for sha256 in (record.text, record.entry) if sha256}
    found |= await asyncio.to_thread(_pictures, blobs, [record.text for record in texts])
    shards = [*one.manifest.shards, *(ref for made in before for ref in made.manifest.shards)]
    old = {ref for made in before for ref in made.manifest.bundles}
    found |= {ref.sha256 for ref in shards}
    found |= {ref.sha256 for ref in one.manifest.bundles if ref not in old}
    lengths = await asyncio.to_thread(_lengths, blobs, found)
    small = {FILE: _config(config).encode()}
    wanted = await asyncio.to_thread(needed, names, blobs)
    contents = Contents(
        kind="newsroom",
        created=SystemClock().now(),
        root=Digest(told[ROOT]),
        schema_revision=HEAD,
        rows={table.name: table.rows for table in tables.values()},
        files={
            **{name: Sized(sha256=digest(body), len=len(body)) for name, body in small.items()},
            **{name: table.stamp for name, table in tables.items()},
        },
        heaps={"blobs": Heap(count=len(lengths), bytes=sum(lengths.values()))},
        missing=tuple(sorted(wanted["blobs"] - lengths.keys())),
    )
    return _Packing(
        contents=contents, small=small, tables=tables, blobs=blobs, wanted=sorted(lengths)
    )


async def _before(editions: SqlEditions, one: Waiting) -> Sequence[SealedEdition]:
    """The edition that it follows, and those before."""
    prev = one.manifest.prev
    if prev is None:
        return ()
    return await editions.between(max(1, prev.edition - EDITIONS), prev.edition)


async def _tables(
    folder: Path,
    ledger: Ledger,
    before: Sequence[SealedEdition],
    facts: Mapping[str, str],
    stack: ExitStack,
) -> tuple[Mapping[str, Table], Named]:
    """The rows that come along, as of one moment; facts are those told alone."""
    numbers = {made.number for made in before}

    def is_known(row: Mapping[str, object]) -> bool:
        return row.get("kind") == "edition" and row.get("number") in numbers

    found = {}
    async with ledger.snapshot() as connection:
        for name in dump.tables():
            if name not in _ROWS:
                continue
            unnamed = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the stack closes it
            table = Table(name, stack.enter_context(unnamed))
            if name == "fact":
                lines = [{"name": key, "value": facts[key]} for key in sorted(facts)]
                _add(table, lines)
            elif name in {"sealed", "signature"}:
                await dump.dump(connection, name, _only(table, is_known))
            else:
                table.rows = await dump.dump(connection, name, table.write)
            found[table_name(name)] = table
        return found, await named(connection, drafts=False)


def _only(table: Table, keep: _Keep) -> Callable[[bytes], None]:
    def sink(body: bytes) -> None:
        _add(table, [row for line in body.splitlines() if keep(row := json.loads(line))])

    return sink


def _add(table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    for row in rows:
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        table.write(line.encode() + b"\n")
        table.rows += 1


def _pictures(blobs: Blobs, texts: Sequence[Digest | None]) -> set[Digest]:
    return {
        picture.sha256 for text in texts if text for picture in decode(blobs.read(text)).pictures
    }


def _lengths(blobs: FolderBlobs, wanted: set[Digest]) -> dict[Digest, int]:
    """Those that are here; what lacks is told by the rebuild."""
    return {sha256: len(blobs.read(sha256)) for sha256 in sorted(wanted) if blobs.has(sha256)}


def _config(config: Config) -> str:
    """What readers see of the config, and nothing else."""
    part = config.newsroom.model_dump(mode="json", exclude_none=True)
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in part.items()]
    text = "\n".join(["[newsroom]", *lines, ""])
    parse(text, FILE)
    return text
