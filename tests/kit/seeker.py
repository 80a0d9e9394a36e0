"""A seeker: finds planted words and bytes in whatever a file wraps around them."""

import base64
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

_DATA_ADDRESS = re.compile(rb"data:[a-z0-9.+/-]{0,80};base64,([A-Za-z0-9+/=%\s]{16,})")
_DEFLATED = re.compile(rb"\x78[\x01\x5e\x9c\xda]")


def needles(*planted: str | bytes) -> frozenset[bytes]:
    """Every spelling in which something planted could stand."""
    found: set[bytes] = set()
    for one in planted:
        raws = [one] if isinstance(one, bytes) else _written(one)
        for raw in raws:
            found |= {raw, *_base64(raw)}
    return frozenset(found)


def hits(files: Mapping[str, bytes], wanted: Iterable[bytes]) -> list[str]:
    """Where something wanted stands: the file, and what had to be opened."""
    spellings = tuple(wanted)
    return [
        f"{where}: {spelling[:40]!r}"
        for name, body in files.items()
        for where, view in views(name, body)
        for spelling in spellings
        if spelling in view
    ]


def views(name: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes as they lie, the members of archives, the pictures within pages."""
    yield name, body
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for member in archive.namelist():
                yield from views(f"{name}!{member}", archive.read(member))
    for number, coded in enumerate(_DATA_ADDRESS.findall(body)):
        plain = re.sub(rb"\s|%..", b"", coded)
        plain = plain.rstrip(b"=")
        yield f"{name}!data:{number}", base64.b64decode(plain + b"=" * (-len(plain) % 4))
    yield from _inflated(name, body)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too, by path; names are part of what is sought."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink():
            found[name] = path.read_bytes()
    found["(names)"] = "\n".join(found).encode()
    return found


def _inflated(name: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    """Compressed text chunks of PNG and whatever else zlib made."""
    if len(body) > 1_000_000:
        return
    for match in _DEFLATED.finditer(body):
        try:
            inner = zlib.decompressobj().decompress(body[match.start() :], 1_000_000)
        except zlib.error:
            continue
        yield f"{name}!zlib:{match.start()}", inner


def _written(text: str) -> list[bytes]:
    spelled = {
        text,
        quote(text),
        quote(text, safe=""),
        text.replace(" ", "+"),
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        escape(text),
        "".join(f"&#{ord(c)};" for c in text),
        text.encode("unicode_escape").decode(),
        text.encode().hex(),
    }
    wide = [text.encode("utf-16-le"), text.encode("utf-16-be")]
    return [*(one.encode() for one in spelled), *wide]


def _base64(raw: bytes) -> Iterator[bytes]:
    """How base64 spells `raw`, in each of the three ways it can be aligned."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw)
        start = (0, 2, 3)[before]
        end = (before + len(raw)) * 8 // 6
        for spelled in (coded[start:end], coded[start:end].translate(_URL_SAFE)):
            if len(spelled) >= 8:
                yield spelled


_URL_SAFE = bytes.maketrans(b"+/", b"-_")
