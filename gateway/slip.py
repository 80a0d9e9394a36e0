"""The slip block: the last visible part of a letter, between two markers (formats 8.6). Pure."""

import base64
import binascii
import re
from dataclasses import dataclass
from html import unescape
from typing import cast

from gateway.words import BEGIN, END, MAX_CONTENT
from tamizdat import canonical
from tamizdat.digest import Digest, is_digest
from tamizdat.edition import Signature
from tamizdat.errors import FormatError
from tamizdat.letter import SealedSlip

LINE = 64
MAX_BLOCK = 16 * 1024
"""Characters between the markers."""

MAX_SIGNATURES = 8

_TAG = re.compile(r"<[^<>]{0,4000}>")
_URN = re.compile(r"urn:uuid:[0-9a-f-]{36}")
_REVISION = re.compile(r"[1-9][0-9]{0,8}")
_FIRST_WORDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a block says of the letter that it ends: nothing of it is proved yet."""

    urn: str
    revision: int
    sha256: Digest
    encoded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """A content cut in two at the last block: the HTML before it, and what the block claims."""

    before: str
    claim: Claim


def block(urn: str, revision: int, sha256: Digest, slip: SealedSlip) -> str:
    """The text of the block, markers included; safe to stand in HTML as it is."""
    encoded = base64.b64encode(
        canonical.encode(
            {
                "slip": slip.body.decode(),
                "signatures": {one.fingerprint: one.armor for one in slip.signatures},
            }
        )
    ).decode()
    lines = [encoded[at : at + LINE] for at in range(0, len(encoded), LINE)]
    return "\n".join([BEGIN, urn, f"revision {revision}", f"sha256 {sha256}", *lines, END])


def parted(html: str) -> Parted | None:
    """The content cut at its last block; None where it has none that can be read (8.7)."""
    if len(html) > MAX_CONTENT:
        return None
    at = html.rfind(BEGIN)
    stop = html.find(END, at + len(BEGIN))
    if at < 0 or not 0 <= stop - at <= MAX_BLOCK:
        return None
    claim = _claim(unescape(_TAG.sub(" ", html[at + len(BEGIN) : stop])).split())
    return None if claim is None else Parted(before=html[:at], claim=claim)


def sealed_slip(claim: Claim, where: str) -> SealedSlip:
    """The slip in a block; FormatError where it is not spelled as 8.6 demands."""
    try:
        body = base64.b64decode(claim.encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError("8.6", where, "has a slip that is not base64") from error
    if base64.b64encode(body).decode() != claim.encoded:
        raise FormatError("8.6", where, "has a slip in another spelling of base64")
    found = canonical.decode(body, where)
    slip, signatures = found.get("slip"), found.get("signatures")
    if not isinstance(slip, str) or not isinstance(signatures, dict):
        raise FormatError("8.6", where, "has no slip and signatures")
    armors = cast("dict[str, object]", signatures)
    if not 1 <= len(armors) <= MAX_SIGNATURES:
        raise FormatError("8.6", where, f"has {len(armors)} signatures, not 1 to {MAX_SIGNATURES}")
    if not all(isinstance(armor, str) for armor in armors.values()):
        raise FormatError("8.6", where, "has a signature that is no text")
    return SealedSlip(
        body=slip.encode("utf-8", "surrogatepass"),
        signatures=tuple(
            Signature(fingerprint=name, armor=str(armor)) for name, armor in armors.items()
        ),
    )


def _claim(tokens: list[str]) -> Claim | None:
    if len(tokens) <= _FIRST_WORDS:
        return None
    urn, revision_word, revision, sha256_word, sha256 = tokens[:_FIRST_WORDS]
    fits = (
        _URN.fullmatch(urn)
        and (revision_word, sha256_word) == ("revision", "sha256")
        and _REVISION.fullmatch(revision)
        and is_digest(sha256)
    )
    if not fits:
        return None
    return Claim(
        urn=urn,
        revision=int(revision),
        sha256=Digest(sha256),
        encoded="".join(tokens[_FIRST_WORDS:]),
    )
