"""A record: a measurement as one line of JSON, and back."""

from pydantic import TypeAdapter, ValidationError

from tamizdat.errors import SourceError
from tamizdat.measurement import Measurement

MAX_RECORD = 4 * 1024 * 1024
"""A longer record is not read, in bytes."""

_ADAPTER = TypeAdapter(Measurement)


def encode(measurement: Measurement) -> bytes:
    """One line of JSON without its line feed; bytes are base64."""
    return _ADAPTER.dump_json(measurement)


def decode(line: bytes, where: str) -> Measurement:
    """The measurement in `line`; SourceError where it is none."""
    if len(line) > MAX_RECORD:
        raise SourceError(f"{where}: is over {MAX_RECORD} bytes, no measurement is")
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"][:4]) or "it"
        raise SourceError(f"{where}: is no measurement of ours: {field}: {first['msg']}") from None
