"""ZIPs that lie: names that climb, sizes that are quoted wrong, directories that disagree."""

import random
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tests.kit.gifts.case import Case, as_file, spoilt
from tests.kit.gifts.mint import PAGES, Mint, zipped

FAR = 0xFFFFFFFF
MIB = 1024 * 1024
LINK, DEVICE, FOLDER, FIFO = 0xA1FF, 0x21FF, 0x41FF, 0x11FF

NAMES = (
    b"../x.html",
    b"../../../../../../tmp/escape/x.html",
    b"/escape/x.html",
    b"//escape/x.html",
    b"en/../../x.html",
    b"en/..",
    b"..",
    b".",
    b"./x.html",
    b"en//x.html",
    b"en/",
    b"en",
    b"",
    b"C:\\escape\\x.html",
    b"C:x.html",
    b"..\\..\\x.html",
    b"en\\..\\..\\x.html",
    b"\\\\host\\share\\x.html",
    b"con",
    b"NUL.html",
    b"en/aux.html",
    b"com1",
    b"lpt9.json",
    b"x.html.",
    b"x.html ",
    b" x.html",
    b"x.html:stream",
    b"x.html\0.png",
    b"\0x.html",
    b"x\n.html",
    b"\x1b[2Jx.html",
    "\u202elmth.x".encode(),
    "e\u0301.html".encode(),
    "\u00e9.html".encode(),
    "\uff45n/x.html".encode(),
    "en/2026/\u0430aaaaaaaaaaaa.html".encode(),
    b"en\xc0\xaf..\xc0\xafx.html",
    b"\xff\xfe.html",
    b"INDEX.HTML",
    b"Index.html",
    b".hidden",
    b"~/x.html",
    b"%2e%2e/x.html",
    b"$(id).html",
    b"-rf",
    b"*",
    b"a" * 201,
    b"a/" * 120 + b"x",
    b"a" * 65_000,
    b"edition.zip",
    b"edition.zip.new",
    b"withdrawn.json",
    b"latest.json",
    b"root/1.json",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A member as its two headers tell it; None: as it is."""

    name: bytes = b"x.html"
    body: bytes = b"<p>x\n"
    method: int = 8
    flags: int = 0
    mode: int = 0x81A4
    crc: int | None = None
    packed: int | None = None
    size: int | None = None
    local_name: bytes | None = None
    local_size: int | None = None
    extra: bytes = b""
    remark: bytes = b""
    offset: int | None = None
    day: int = 0x21

    def coded(self) -> bytes:
        """As it lies in the archive; a member that lies where another does has no bytes."""
        if self.method != 8 or self.offset is not None:
            return self.body
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(self.body) + packer.flush()


def archive(entries: Sequence[Entry], *, before: bytes = b"", between: bytes = b"") -> bytes:
    """The archive that these tell, without a comment."""
    body, directory = bytearray(before), bytearray()
    for entry in entries:
        start = len(body) if entry.offset is None else entry.offset
        coded = entry.coded()
        crc = zlib.crc32(entry.body) if entry.crc is None else entry.crc
        packed = len(coded) if entry.packed is None else entry.packed
        size = len(entry.body) if entry.size is None else entry.size
        local = entry.name if entry.local_name is None else entry.local_name
        told = size if entry.local_size is None else entry.local_size
        common = (entry.flags, entry.method, 0, entry.day, crc, packed)
        if entry.offset is None:
            head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, *common, told, len(local), 0)
            body += head + local + coded
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 0x0314, 20, *common, size, len(entry.name),
            len(entry.extra), len(entry.remark), 0, 0, entry.mode << 16, start,
        )  # fmt: skip
        directory += entry.name + entry.extra + entry.remark
    body += between
    return bytes(body) + bytes(directory) + ending(len(entries), len(directory), len(body))


def ending(count: int, length: int, offset: int) -> bytes:
    """The end of an archive, without a comment."""
    return struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, length, offset, 0
    )


def with_zip64(plain: bytes, **lies: int) -> bytes:
    """The same archive, with the larger kind of end before its own."""
    *_, count, length, offset, _ = struct.unpack("<4s4H2LH", plain[-22:])
    told = {"count": count, "length": length, "offset": offset} | lies
    end = struct.pack(
        "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0,
        told["count"], told["count"], told["length"], told["offset"],
    )  # fmt: skip
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, told.get("end", len(plain) - 22), 1)
    return plain[:-22] + end + locator + ending(0xFFFF, FAR, FAR)


def _bombs(dice: random.Random) -> Iterator[tuple[str, bytes]]:
    much = bytes(dice.choice((30, 60, 90)) * MIB)
    yield "a bomb", archive([Entry(body=much)])
    yield "a bomb that says it is small", archive([Entry(body=much, size=100)])
    one = archive([Entry(body=bytes(8 * MIB))])
    inner = [Entry(name=b"a.zip", body=one * 3), Entry(name=b"b.zip", body=one)]
    yield "nested bombs", archive(inner)
    yield "members that overlap", overlapping(dice.choice((40, 250, 9000)), 4 * MIB)
    quoted = [
        Entry(name=b"q%d.html" % n, body=b"x" * 50, method=0, packed=30_000, size=30_000)
        for n in range(300)
    ]
    yield "members that quote each other", archive(quoted)
    yield "a size of four gigabytes", archive([Entry(size=FAR - 1)])
    yield "a file over any", archive([Entry(body=bytes(65 * MIB))])


def overlapping(count: int, length: int) -> bytes:
    """So many members that are the same bytes of the archive, each unpacked to `length`."""
    first = Entry(name=b"a0.html", body=bytes(length))
    told = {"packed": len(first.coded()), "crc": zlib.crc32(first.body), "size": length}
    same = replace(first, body=b"", offset=0, **told)  # type: ignore[arg-type]
    return archive([first, *(replace(same, name=b"a%d.html" % n) for n in range(1, count))])


def _crowds(dice: random.Random) -> Iterator[tuple[str, bytes]]:
    for count in (20_001, 65_535):
        yield (
            f"{count} members",
            archive([Entry(name=b"%x.html" % n, body=b"", method=0) for n in range(count)]),
        )
    few = [Entry(name=b"", body=b"", method=0)] * 60_000
    end = ending(dice.choice((0, 1, 5)), 46 * 60_000, 30 * 60_000)
    yield "more members than the end counts", archive(few)[:-22] + end


def _lies(dice: random.Random) -> Iterator[tuple[str, bytes]]:
    one = Entry()
    for mode in (LINK, DEVICE, FOLDER, FIFO, 0o4755 | 0x8000):
        target = dice.choice((b"/etc/passwd", b"../../x", b"index.html"))
        yield (
            f"mode {mode:x}",
            archive([replace(one, mode=mode, body=target), Entry(name=b"x.html/y")]),
        )
    for flags in (1, 0x40, 0x41, 8, 0x20, 0x2000, 0xFFFF, 0x800):
        yield f"flags {flags:x}", archive([replace(one, flags=flags, name=b"\xff.html")])
        yield f"flags {flags:x}, a plain name", archive([replace(one, flags=flags)])
    for method in (1, 6, 9, 12, 14, 93, 95, 97, 98, 99, 0xFFFF):
        body = dice.randbytes(40)
        yield f"method {method}", archive([replace(one, method=method, body=body, size=9)])
    for changes in (
        {"crc": 0}, {"size": 0}, {"size": 3}, {"size": 9999}, {"packed": 0}, {"packed": 2},
        {"packed": 99_999}, {"local_size": FAR}, {"local_name": b"y.html"}, {"offset": 7},
        {"local_name": b"../../x.html"}, {"offset": FAR - 1}, {"offset": 40}, {"day": 0xFFFF},
        {"day": 0}, {"method": 0, "size": 99}, {"method": 0, "packed": 99, "size": 99},
        {"extra": b"\1\0\x10\0" + bytes(16), "size": FAR}, {"extra": b"\1\0\xff\xff"},
        {"extra": b"\1\0\x08\0" + b"\xff" * 8, "size": FAR}, {"extra": b"\1"},
        {"extra": b"\x75\x70\x0b\0\1" + bytes(4) + b"../x.h"}, {"remark": b"x" * 60_000},
        {"size": FAR}, {"packed": FAR},
    ):  # fmt: skip
        yield f"a member with {changes}", archive([replace(one, **changes), Entry(name=b"z.html")])


def _shapes(dice: random.Random) -> Iterator[tuple[str, bytes]]:
    good = zipped(PAGES)
    two = [Entry(name=b"a.html"), Entry(name=b"a.html", body=b"other")]
    yield "a name twice", archive(two)
    yield "a name in two cases", archive([two[0], replace(two[1], name=b"A.html")])
    yield "something before", archive([Entry()], before=dice.randbytes(900))
    yield "a program before", archive([Entry()], before=b"#!/bin/sh\nid > /escape/x\n")
    yield "something between", archive([Entry()], between=dice.randbytes(900))
    yield "two archives", good + good
    yield "no member", archive([])
    yield "a directory that is elsewhere", good[:-22] + ending(3, 10, 0)
    yield "a directory beyond the end", good[:-22] + ending(3, FAR - 1, FAR - 1)
    yield "a directory of nothing", good[:-22] + ending(9, 0, 0)
    yield "a larger end", with_zip64(good)
    for lies in ({"count": 2**40}, {"length": 2**62}, {"offset": 2**63}, {"end": 2**60}):
        yield f"a larger end that lies: {lies}", with_zip64(good, **lies)
    yield "an end and nothing", ending(0, 0, 0)
    yield "a start and an end", b"PK\3\4" + ending(0, 0, 0)


def _named(dice: random.Random) -> Iterator[tuple[str, bytes]]:
    for name in dice.sample(NAMES, len(NAMES)):
        flags = dice.choice((0, 0x800))
        members = [Entry(name=b"index.html"), Entry(name=name, flags=flags)]
        yield f"the name {name[:30]!r}", archive(members)


Maker = Callable[[random.Random], Iterator[tuple[str, bytes]]]
MAKERS: Sequence[Maker] = (_named, _lies, _shapes, _bombs, _crowds)


def zips(mint: Mint, dice: random.Random) -> Iterator[Case]:
    """Each once without a proof, with the genuine one, and truly signed; then spoilt ones."""
    while True:
        for maker in MAKERS:
            for name, body in maker(dice):
                how = dice.choice(("bare", "lent", "signed", "signed"))
                yield _case(mint, name, body, how)
                said, worse = spoilt(mint.archive, dice)
                yield as_file(f"zip spoilt: {said}", "zip", worse)


def _case(mint: Mint, name: str, body: bytes, how: str) -> Case:
    if how == "signed" and body.startswith(b"PK\3\4") and body[-22:-18] == b"PK\5\6":
        return as_file(f"zip signed: {name}", "zip", mint.signed_zip(body), signed=True)
    if how == "lent":
        comment = mint.archive[mint.archive.rindex(b"tamizdat-1:") :]
        lent = body[:-2] + len(comment).to_bytes(2, "little") + comment
        return as_file(f"zip with another's proof: {name}", "zip", lent)
    return as_file(f"zip bare: {name}", "zip", body)
