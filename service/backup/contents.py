"""The contents of a backup: its first member, and which other members may lie in it. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from service.config import FILE, Config
from tamizdat.digest import Digest
from tamizdat.errors import SourceError
from tamizdat.record import Record, counting, fits
from tamizdat.wire import Count, Number, Sha256, Sized

CONTENTS = "contents.json"
VERSION = 1
MAX_CONTENTS = 64 * 1024 * 1024
"""Bytes; most are the digests of blobs that were missing already when the backup was made."""

MAX_SMALL = 1024 * 1024
"""Bytes of a config, a secret, or a file of keys."""

MAX_TABLE = 8 * 1024 * 1024 * 1024 - 1
"""Bytes of one table's rows: a tar tells no larger files."""
MAX_BLOB = 80 * 1024 * 1024
"""No file of an edition is over 64 MiB (formats 3.12); letters and texts are far smaller."""

MAX_FILES = 10_000
MAX_PATH = 90
"""Characters of a path: a tar tells names of up to a hundred bytes."""
KEYS, SECRETS, LEDGER = "keys/", "files/", "ledger/"
FOLDERS = ("blobs", "letters", "post", "drafts")
"""Folders of files by hash."""

_TABLE = re.compile(r"ledger/([a-z][a-z0-9_]{0,62})\.jsonl")
_BLOB = re.compile(r"(blobs|letters|post|drafts)/([0-9a-f]{2})/(\2[0-9a-f]{62})")

Kind = Literal["newsroom", "keys"]
Text = Annotated[str, fits(r"[^\ud800-\udfff]*")]
"""What can be written down: JSON can tell halves of letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap(Record):
    """Files by hash that were found when the backup was begun: how many, and their bytes."""

    closed: ClassVar[bool] = True

    count: Count
    bytes: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents(Record):
    """What a backup says of itself.

    `files` are all members that have a name of their own. Of `heaps` there may be a few less:
    what nothing names may be swept while the backup is made. `missing` are blobs that the ledger
    names and that were not to be had.
    """

    version: Number = VERSION
    kind: Kind
    created: datetime
    root: Sha256
    schema_revision: Annotated[Text, counting(0, 40)] = ""
    rows: dict[Text, Count] = field(default_factory=dict)
    files: Annotated[dict[Text, Sized], counting(0, MAX_FILES)]
    heaps: dict[Text, Heap] = field(default_factory=dict)
    missing: tuple[Sha256, ...] = ()

    def encode(self) -> bytes:
        """As it lies in the backup, for people too."""
        return json.dumps(self.plain(), indent=1, ensure_ascii=False).encode() + b"\n"


def parse(body: bytes, kind: Kind) -> Contents:
    """The contents in `body`; SourceError where it is not of a backup of this kind that we know."""
    try:
        contents = Contents.read(json.loads(body.decode()))
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, or a MisfitError
        raise SourceError(f"{CONTENTS} says nothing that we understand") from error
    if contents.version > VERSION:
        raise SourceError("was made by a newer program: update tamizdat")
    if contents.kind != kind:
        raise SourceError(f"holds {_SAID[contents.kind]}, not {_SAID[kind]}")
    for name in contents.files:
        if not _is_allowed(name, kind):
            raise SourceError(f"names {name[:60]!r}, which no backup of ours holds")
    return contents


_SAID = {"newsroom": "a newsroom", "keys": "keys"}


def limit(name: str) -> int:
    """The most bytes that a member of this name has."""
    if name.startswith(LEDGER):
        return MAX_TABLE
    return MAX_BLOB if _BLOB.fullmatch(name) else MAX_SMALL


def blob(name: str) -> tuple[str, Digest] | None:
    """The heap and the digest that a member's name tells, None where it is no file by hash."""
    found = _BLOB.fullmatch(name)
    return (found[1], Digest(found[3])) if found else None


def blob_name(heap: str, sha256: Digest) -> str:
    """Where a file by hash lies in a backup."""
    return f"{heap}/{sha256[:2]}/{sha256}"


def table(name: str) -> str | None:
    """The table that a member holds the rows of."""
    found = _TABLE.fullmatch(name)
    return found[1] if found else None


def table_name(table: str) -> str:
    """Where a table's rows lie in a backup."""
    return f"{LEDGER}{table}.jsonl"


def is_path(text: str) -> bool:
    """Whether a path stays below the folder it starts from."""
    plain = text.isprintable() and "\\" not in text and len(text.encode()) <= MAX_PATH
    return plain and not {"", ".", ".."}.intersection(text.split("/"))


def secrets(config: Config) -> Sequence[str]:
    """The paths of files beside the config that it names and cannot do without, each once."""
    post = config.post
    named: list[str | None] = [mirror.credentials for mirror in config.mirror]
    for gateway in config.gateway:
        named += [gateway.to, gateway.feed]
    named += [vantage.authorities for vantage in config.vantage]
    named += [post.certificate, post.key] if post else []
    named.append(config.alarm.to)
    return sorted({path for path in named if path})


def lacking(contents: Contents, seen: Mapping[str, int]) -> str | None:
    """A member that is named and was not `seen`, or a heap that is larger than it says."""
    absent = [name for name in contents.files if name not in seen]
    if absent:
        return f"{absent[0]} is missing"
    for heap in FOLDERS:
        said = contents.heaps.get(heap)
        if seen.get(heap, 0) > (said.count if said else 0):
            return f"{heap} are more than it says"
    return None


def _is_allowed(name: str, kind: Kind) -> bool:
    if kind == "keys":
        return name.startswith(KEYS) and is_path(name)
    if name.startswith(SECRETS):
        return is_path(name)
    return name == FILE or _TABLE.fullmatch(name) is not None
