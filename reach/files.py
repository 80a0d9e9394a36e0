"""Files of measurements: what `reach check --json` wrote, single records, or OONI's own. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reach import ooni, ooni_reading, record
from reach.checking import Row
from reach.judge import judge
from reach.ooni_writing import web_connectivity
from tamizdat.errors import SourceError
from tamizdat.measurement import Measurement
from tamizdat.placement import MirrorId
from tamizdat.verdict import Ruling, Word

MAX_FILE = 64 * 1024 * 1024
"""A longer file is not read, in bytes."""

MAX_LINES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A stored measurement, judged again.

    `ruling` is None for OONI's: the target is not ours, so the word is what OONI's fields come to.
    `stored` are the fields that OONI's probe wrote, None for ours.
    """

    name: str
    word: Word
    ruling: Ruling | None
    ooni: ooni.Result
    stored: Mapping[str, object] | None


def row_json(row: Row) -> dict[str, Any]:
    """A row as JSON: a verdict for people, and the raw measurements to judge again."""
    ruling = row.ruling
    return {
        "mirror": row.here.mirror,
        "vantage": row.here.vantage.id,
        "verdict": ruling.word,
        "board": ruling.meaning.board,
        "sees": str(ruling.failure or "ok"),
        "finding": ruling.finding,
        "rule": ruling.rule,
        "rules_version": ruling.rules_version,
        "flags": list(ruling.flags),
        "evidence": list(ruling.evidence),
        "measurement": json.loads(record.encode(row.here)),
        "control": json.loads(record.encode(row.control)) if row.control else None,
    }


def judge_file(body: bytes, where: str) -> tuple[Judged, ...]:
    """Every measurement in `body`, judged; SourceError says which line is none."""
    return tuple(_judged(told, f"{where}, {at}") for at, told in _entries(body, where))


def controls(body: bytes, where: str) -> Mapping[MirrorId, Measurement]:
    """The newest measurement of each mirror in `body`, to serve as controls."""
    found: dict[MirrorId, Measurement] = {}
    for at, told in _entries(body, where):
        if told.get("test_name") is not None:
            raise SourceError(f"{where}, {at}: OONI's measurements are no controls of ours")
        here, _ = _ours(told, f"{where}, {at}")
        known = found.get(here.mirror)
        if known is None or known.at <= here.at:
            found[here.mirror] = here
    return found


def ooni_word(result: ooni.Result) -> Word:
    """OONI's verdict in our words; a page that differs is altered, not simply blocked."""
    if result.accessible:
        return Word.REACHABLE
    if isinstance(result.blocking, str):
        return Word.ALTERED if result.blocking == "http-diff" else Word.BLOCKED
    return Word.NOTHING if result.blocking is None else Word.DOWN


def _judged(told: dict[str, Any], where: str) -> Judged:
    if told.get("test_name") is not None:
        seen = ooni_reading.read(json.dumps(told).encode(), where)
        told_by = ooni.judge(seen)
        word = ooni_word(told_by)
        return Judged(name=seen.input, word=word, ruling=None, ooni=told_by, stored=seen.stored)
    here, control = _ours(told, where)
    seen = ooni_reading.measurement(web_connectivity(here, control))
    try:
        ruling = judge(here, control)
    except ValueError as error:
        raise SourceError(f"{where}: {error}") from None
    beside = ooni.judge(seen)
    return Judged(name=here.mirror, word=ruling.word, ruling=ruling, ooni=beside, stored=None)


def _ours(told: dict[str, Any], where: str) -> tuple[Measurement, Measurement | None]:
    """A row, or a bare measurement without control."""
    body, control = told.get("measurement", told), told.get("control")
    beside = _decoded(control, where) if control is not None else None
    return _decoded(body, where), beside


def _decoded(told: object, where: str) -> Measurement:
    return record.decode(json.dumps(told).encode(), where)


def _entries(body: bytes, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON objects of a file: one, a list of rows, or one a line."""
    if len(body) > MAX_FILE:
        raise SourceError(f"{where}: is over {MAX_FILE} bytes")
    whole = _parsed(body)
    lines: Sequence[object]
    if whole is None:
        lines = [_parsed(line) for line in body.splitlines()[: MAX_LINES + 1] if line.strip()]
    elif isinstance(whole, dict) and isinstance(whole.get("rows"), list):
        lines = whole["rows"]
    else:
        lines = whole if isinstance(whole, list) else [whole]
    if len(lines) > MAX_LINES:
        raise SourceError(f"{where}: holds over {MAX_LINES} measurements")
    if not lines:
        raise SourceError(f"{where}: holds no measurement")
    for number, told in enumerate(lines, 1):
        if not isinstance(told, dict):
            raise SourceError(f"{where}, {number}: is no JSON object")
        yield f"entry {number}", told


def _parsed(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON says
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def judged_json(judged: Judged) -> dict[str, Any]:
    """A judged measurement as JSON."""
    ruling = judged.ruling
    return {
        "name": judged.name,
        "verdict": judged.word,
        "finding": ruling.finding if ruling else None,
        "rule": ruling.rule if ruling else None,
        "sees": str(ruling.failure or "ok") if ruling else None,
        "ooni": asdict(judged.ooni),
        "stored": dict(judged.stored) if judged.stored is not None else None,
    }
