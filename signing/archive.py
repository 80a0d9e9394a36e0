"""An archive: the ZIP that is passed by hand, and its members, once its slip holds (formats 7)."""

import io
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from signing import passport
from signing.trust import Trust
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import MAX_FILE, Sealed
from tamizdat.errors import FormatError
from tamizdat.wire import Slip, Withdrawn
from tamizdat.zips import UNSOUND

MAX_MEMBERS = 20_000
MAX_UNPACKED = 256 * 1024 * 1024
"""The most that a ZIP's members may take, in bytes (formats 7.4)."""

_CHUNK = 1024 * 1024
_END = b"PK\x05\x06"
_LARGER_END, _LOCATOR = b"PK\x06\x07", 20
_ENTRY = 46
_KINDS = frozenset({0, 8})
_CODINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_FORMS = {"html": ("html", "text"), "zip": ("zip",)}
_ARTICLE = re.compile(r"([^/]+)/[0-9]{4}/([a-z2-7]{13})\.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """A file passed by hand whose slip holds; `file` is all of it."""

    trust: Trust
    slip: Slip
    sealed: Sealed
    file: bytes


def open_file(
    file: bytes, root_id: str, now: datetime, withdrawn: Withdrawn | None, where: str
) -> HandedOver:
    """`file`, proven by its own trailer under `root_id`; FormatError where it is not."""
    taken = passport.split(file, where)
    trust = follow(taken.roots, root_id, now)
    slip = trust.slip(taken.slip, withdrawn, where)
    if slip.kind not in _FORMS[taken.form]:
        raise FormatError("7.2", where, f"is called {slip.kind}, but is {taken.form}")
    if (slip.body.sha256, slip.body.len) != (digest(taken.body), len(taken.body)):
        raise FormatError("7.2", where, "was changed after it was signed")
    return HandedOver(trust=trust, slip=slip, sealed=taken.slip, file=file)


def follow(roots: Sequence[Sealed], root_id: str, now: datetime) -> Trust:
    """Trust in a whole chain of roots."""
    trust = Trust.begin(root_id, roots[0], now)
    for root in roots[1:]:
        trust = trust.next_root(root)
    return trust


def members(
    handed: HandedOver, where: str, chosen: Callable[[str], bool] = bool
) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each member of a ZIP, one at a time; FormatError by formats 7.4.

    Of all, or of those whose path is `chosen`.
    """
    with _opened(handed, where) as archive:
        for member in _listed(archive, where):
            if chosen(member.filename):
                yield member.filename, _unpack(archive, member, where)


def names(handed: HandedOver, where: str) -> frozenset[str]:
    """The paths of the members of a ZIP."""
    with _opened(handed, where) as archive:
        return frozenset(member.filename for member in _listed(archive, where))


def withdrawn_pages(handed: HandedOver, gone: Mapping[str, object], where: str) -> Sequence[str]:
    """The pages in a ZIP whose articles are in `gone` and which are not the notice (5.3)."""

    def chosen(path: str) -> bool:
        return path.endswith("/withdrawn.html") or _is_gone(path, gone)

    bodies = {path: digest(body) for path, body in members(handed, where, chosen)}
    return [
        path
        for path, sha256 in bodies.items()
        if _is_gone(path, gone) and bodies.get(path.split("/")[0] + "/withdrawn.html") != sha256
    ]


def _is_gone(path: str, gone: Mapping[str, object]) -> bool:
    found = _ARTICLE.fullmatch(path)
    return bool(found and found[2] in gone)


def _opened(handed: HandedOver, where: str) -> zipfile.ZipFile:
    _refuse_other_ends(handed.file, where)
    try:
        return zipfile.ZipFile(io.BytesIO(handed.file))
    except UNSOUND as error:
        raise FormatError("7.4", where, "is no ZIP that can be opened") from error


def _refuse_other_ends(file: bytes, where: str) -> None:
    """Only the plain end: the library believes a larger one, and reads as many names as it says."""
    start = file.rfind(_END)
    count, length, offset = struct.unpack_from("<10xHLL", file, start)
    if count > MAX_MEMBERS or length > count * (_ENTRY + paths.MAX_PATH):
        raise FormatError("7.4", where, "holds too many members, or too large ones")
    if offset + length != start or file.startswith(_LARGER_END, start - _LOCATOR):
        raise FormatError("7.4", where, "has a directory that does not end where the members do")


def _listed(archive: zipfile.ZipFile, where: str) -> Sequence[zipfile.ZipInfo]:
    listed = archive.infolist()
    if len(listed) > MAX_MEMBERS or sum(one.file_size for one in listed) > MAX_UNPACKED:
        raise FormatError("7.4", where, "holds too many members, or too large ones")
    if any(one.file_size > MAX_FILE for one in listed):
        raise FormatError("3.12", where, f"holds a file of over {MAX_FILE} bytes")
    if len({paths.check(one.filename).lower() for one in listed}) != len(listed):
        raise FormatError("7.4", where, "holds two members of one name")
    return listed


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str) -> bytes:
    if member.external_attr >> 28 not in _KINDS or member.is_dir():
        raise FormatError("7.4", where, f"holds {member.filename}, which is no file")
    if member.compress_type not in _CODINGS:
        raise FormatError("7.4", where, f"{member.filename} is packed in a way we do not read")
    body, left = io.BytesIO(), member.file_size
    try:
        with archive.open(member) as stream:
            while piece := stream.read(min(_CHUNK, left + 1)):
                left -= len(piece)
                body.write(piece)
                if left < 0:
                    raise FormatError("7.4", where, f"{member.filename} is longer than it says")
    except UNSOUND as error:
        raise FormatError("7.4", where, f"{member.filename} cannot be unpacked") from error
    return body.getvalue()
