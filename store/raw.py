"""Raw observations, as the ledger keeps them: a measurement and its control, packed into bytes."""

import zlib

from pydantic import ConfigDict, TypeAdapter, ValidationError

from tamizdat.errors import LedgerError
from tamizdat.measurement import Measurement

MAX_PACKED = 256 * 1024
"""What packs to more bytes is not kept: whoever answers our probes decides how much they saw."""

MAX_UNPACKED = 8 * 1024 * 1024
"""No more bytes are unpacked: a few damaged ones may claim to be gigabytes."""

_PAIR = TypeAdapter(tuple[Measurement, Measurement | None], config=ConfigDict(strict=True))


def pack(here: Measurement, control: Measurement | None) -> bytes | None:
    """Both as compressed JSON, None where that is too large to keep."""
    body = _PAIR.dump_json((here, control))
    packed = zlib.compress(body)
    return packed if len(body) <= MAX_UNPACKED and len(packed) <= MAX_PACKED else None


def unpack(packed: bytes, where: str) -> tuple[Measurement, Measurement | None]:
    """The measurement and its control; LedgerError where the bytes of `where` are damaged."""
    unpacking = zlib.decompressobj()
    try:
        body = unpacking.decompress(packed, MAX_UNPACKED)
        if unpacking.eof:
            return _PAIR.validate_json(body)
    except (zlib.error, ValidationError):
        pass  # what the bytes hold instead is not for a message
    raise LedgerError(f"{where} is damaged: restore the ledger from a backup")
