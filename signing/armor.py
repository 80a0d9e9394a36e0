"""Armor: a signature packet as text, in the one spelling that GnuPG writes (formats 2.3)."""

import base64
import binascii
import re

from tamizdat.errors import FormatError

HEAD = "-----BEGIN PGP SIGNATURE-----\n"
FOOT = "-----END PGP SIGNATURE-----\n"
MAX_ARMOR = 1024
"""No signature of ours is longer, in characters."""

_STRICT = re.compile(rf"{HEAD}\n((?:[A-Za-z0-9+/=]{{1,64}}\n)+)=[A-Za-z0-9+/]{{4}}\n{FOOT}")
_LOOSE = re.compile(
    r"\s*-----BEGIN PGP SIGNATURE-----[ \t]*\n(?:[A-Za-z]+: [^\n]*\n)*[ \t]*\n"
    r"((?:[A-Za-z0-9+/]+={0,2}[ \t]*\n)+)(?:=[A-Za-z0-9+/]{4}[ \t]*\n)?"
    r"-----END PGP SIGNATURE-----\s*"
)
_WIDTH = 64
_CRC_START = 0xB704CE
_CRC_POLYNOMIAL = 0x1864CFB
_CRC_TOP = 0x1000000


def encode(packet: bytes) -> str:
    """The armor of `packet`."""
    text = base64.b64encode(packet).decode()
    lines = [text[start : start + _WIDTH] + "\n" for start in range(0, len(text), _WIDTH)]
    check = base64.b64encode(crc24(packet).to_bytes(3, "big")).decode()
    return f"{HEAD}\n{''.join(lines)}={check}\n{FOOT}"


def decode(text: str, where: str) -> bytes:
    """The packet in `text`; FormatError where `text` is not its one spelling."""
    found = _STRICT.fullmatch(text) if len(text) <= MAX_ARMOR else None
    packet = _unpack(found, where)
    if encode(packet) != text:
        raise FormatError("2.3", where, "is not armored as GnuPG does it, or its checksum is wrong")
    return packet


def decode_loosely(text: str, where: str) -> bytes:
    """The packet in an armor of any tool: headers, line ends and the checksum are not looked at."""
    plain = text.replace("\r\n", "\n")
    found = _LOOSE.fullmatch(plain) if len(plain) <= MAX_ARMOR else None
    return _unpack(found, where)


def text(body: bytes, where: str) -> str:
    """The bytes of a signature's file as text; FormatError where they are no ASCII."""
    try:
        return body.decode("ascii")
    except UnicodeDecodeError as error:
        raise FormatError("2.3", where, "is no armored signature") from error


def crc24(packet: bytes) -> int:
    """The checksum of armor (RFC 4880 6.1)."""
    crc = _CRC_START
    for octet in packet:
        crc ^= octet << 16
        for _ in range(8):
            crc <<= 1
            if crc & _CRC_TOP:
                crc ^= _CRC_POLYNOMIAL
    return crc


def _unpack(found: re.Match[str] | None, where: str) -> bytes:
    if not found:
        raise FormatError("2.3", where, "is not one armored signature and nothing else")
    try:
        return base64.b64decode("".join(found[1].split()), validate=True)
    except binascii.Error as error:
        raise FormatError("2.3", where, "is no base64") from error
