"""A passport: the trailer that proves a file passed by hand (formats 7)."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from tamizdat import canonical
from tamizdat.canonical import Json
from tamizdat.digest import digest
from tamizdat.edition import Sealed, Signature
from tamizdat.errors import FormatError

MAX_TRAILER = 47 * 1024
"""The most bytes that the text of a trailer has (formats 7.1)."""

_MARK = b"tamizdat-1:"
_LINE = b"<!--" + _MARK
_LINE_END = b"-->\n"
_ZIP_START = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"
_ZIP_END_LENGTH = 22
_ZIP_COMMENT_MAX = 65535
_CODED_MAX = (MAX_TRAILER + 2) // 3 * 4
_MISSPELT = "has a trailer that is too long or not in its one spelling"
_FINGERPRINT = re.compile(r"[0-9A-F]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    """A file taken apart: nothing in it is checked yet but the spelling of the trailer.

    `body` is a view: a stranger's file may be large, and lies in memory once.
    """

    form: Literal["html", "zip"]
    body: memoryview
    slip: Sealed
    roots: tuple[Sealed, ...]


def trailer(slip: Sealed, roots: Sequence[Sealed]) -> bytes:
    """The text of the trailer: canonical JSON, not yet in base64."""
    chain: list[Json] = [{"text": _text(root), "signatures": _signatures(root)} for root in roots]
    text = canonical.encode({"slip": _text(slip), "signatures": _signatures(slip), "roots": chain})
    if len(text) > MAX_TRAILER:
        raise FormatError("7.1", "trailer", f"is over {MAX_TRAILER} bytes: drop old roots")
    return text


def attach_html(body: bytes, text: bytes) -> bytes:
    """The HTML file: `body`, then the trailer as its last line."""
    if not body.endswith(b"\n") or _LINE in body:
        raise FormatError("7.1", "body", "does not end with a line feed, or has a trailer")
    return body + _LINE + base64.b64encode(text) + _LINE_END


def comment_length(text: bytes) -> int:
    """How long the comment is that holds this trailer, in bytes."""
    return len(_MARK) + (len(text) + 2) // 3 * 4


def zip_body(archive: bytes, length: int) -> bytes:
    """`archive` (without a comment), announcing a comment of `length` bytes."""
    if archive[-_ZIP_END_LENGTH : -_ZIP_END_LENGTH + 4] != _ZIP_END or archive[-2:] != b"\0\0":
        raise FormatError("7.1", "body", "is no ZIP without a comment")
    if length > _ZIP_COMMENT_MAX:
        raise FormatError("7.1", "trailer", "is too long for the comment of a ZIP: drop old roots")
    return archive[:-2] + length.to_bytes(2, "little")


def attach_zip(body: bytes, text: bytes) -> bytes:
    """The ZIP: `body`, which announces the comment, and the comment."""
    if int.from_bytes(body[-2:], "little") != comment_length(text):
        raise FormatError("7.2", "body", "announces a comment of another length")
    return body + _MARK + base64.b64encode(text)


def split(file: bytes, where: str) -> Passport:
    """Body and trailer of `file`; FormatError where it has no such trailer at its very end."""
    if file.startswith(_ZIP_START):
        return _parse("zip", file, *_split_zip(file, where), where)
    return _parse("html", file, *_split_html(file, where), where)


def _split_zip(file: bytes, where: str) -> tuple[int, bytes]:
    # Base64 cannot hold the mark of the end record, so the last one is the right one.
    start = file.rfind(_ZIP_END)
    end = start + _ZIP_END_LENGTH
    announced = int.from_bytes(file[start + 20 : end], "little")
    if start < 0 or announced != len(file) - end or not file.startswith(_MARK, end):
        raise FormatError("7.1", where, "is a ZIP without a trailer of ours at its end")
    return end, file[end + len(_MARK) :]


def _split_html(file: bytes, where: str) -> tuple[int, bytes]:
    end = file.find(b"\n" + _LINE) + 1
    if not end or not file.endswith(_LINE_END):
        raise FormatError("7.1", where, "has no trailer of ours as its last line")
    start = end + len(_LINE)
    if file.find(_LINE, 0, end) >= 0 or file.find(_LINE, start) >= 0:
        raise FormatError("7.3", where, "has a second trailer")
    if len(file) - start > _CODED_MAX + len(_LINE_END):
        raise FormatError("7.1", where, _MISSPELT)
    return end, file[start : -len(_LINE_END)]


def _parse(
    form: Literal["html", "zip"], file: bytes, end: int, coded: bytes, where: str
) -> Passport:
    text = _decoded(coded, where)
    fields = canonical.decode(text, where)
    if fields.keys() != {"slip", "signatures", "roots"} or not _is_canonical(fields, text):
        raise FormatError("7.1", where, "has a trailer that is not in its one spelling")
    chain = fields["roots"]
    if not isinstance(chain, list) or not chain:
        raise FormatError("7.1", where, "has a trailer without roots")
    slip = _sealed(fields["slip"], fields["signatures"], where)
    roots = tuple(_root(entry, where) for entry in chain)
    return Passport(form=form, body=memoryview(file)[:end], slip=slip, roots=roots)


def _is_canonical(fields: dict[str, Json], text: bytes) -> bool:
    try:
        return canonical.encode(fields) == text
    except UnicodeEncodeError:
        return False  # half of a surrogate pair: JSON can escape it, UTF-8 has no letter for it


def _decoded(coded: bytes, where: str) -> bytes:
    try:
        text = base64.b64decode(coded, validate=True)
    except binascii.Error as error:
        raise FormatError("7.1", where, "has a trailer that is no base64") from error
    if len(text) > MAX_TRAILER or base64.b64encode(text) != coded:
        raise FormatError("7.1", where, _MISSPELT)
    return text


def _root(entry: Json, where: str) -> Sealed:
    if not isinstance(entry, dict) or entry.keys() != {"text", "signatures"}:
        raise FormatError("7.1", where, "has a trailer with a root that is none")
    return _sealed(entry["text"], entry["signatures"], where)


def _sealed(text: Json, signatures: Json, where: str) -> Sealed:
    if not isinstance(text, str) or not isinstance(signatures, dict):
        raise FormatError("7.1", where, "has a trailer with fields of a wrong kind")
    if not all(
        _FINGERPRINT.fullmatch(name) and isinstance(armor, str)
        for name, armor in signatures.items()
    ):
        raise FormatError("7.1", where, "has a trailer with a signature that is none")
    body = text.encode()
    made = (
        Signature(fingerprint=name, armor=cast("str", armor)) for name, armor in signatures.items()
    )
    return Sealed(body=body, sha256=digest(body), signatures=tuple(made))


def _text(sealed: Sealed) -> str:
    return sealed.body.decode()


def _signatures(sealed: Sealed) -> dict[str, Json]:
    return {signature.fingerprint: signature.armor for signature in sealed.signatures}
