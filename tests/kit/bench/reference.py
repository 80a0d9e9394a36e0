"""The reference: figures of one machine, kept beside the documents, with a table and a picture."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.kit.bench.keeping import machine, told
from tests.kit.bench.peers import HOUSE
from tests.kit.bench.picture import Row, drawn
from tests.kit.bench.report import Report

FIGURES = HOUSE / "docs" / "performance.json"
PAGE = HOUSE / "docs" / "performance.md"
PICTURE = HOUSE / "docs" / "pictures" / "performance.svg"
BEGIN, END = "<!-- figures: `make bench` writes them -->", "<!-- end of figures -->"

_MEGABYTE = 1024 * 1024

_Told = Mapping[str, Any]


def refer(reports: Sequence[Report], *, figures: Path = FIGURES, page: Path = PAGE) -> None:
    """Let these reports take the place of those with the same title; write all three files."""
    before = json.loads(figures.read_text(encoding="utf-8")) if figures.exists() else {}
    kept = {one["title"]: one for one in before.get("reports", [])}
    kept |= {one.title: {**told(one), "load": machine()["load"]} for one in reports}
    all_reports = list(kept.values())
    found = {"machine": {**machine(), "load": ""}, "reports": all_reports}
    figures.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    head, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    table = "\n".join(_tables(all_reports))
    page.write_text(f"{head}{BEGIN}\n\n{table}\n{END}{tail}", encoding="utf-8")
    PICTURE.write_text(drawn("Ours as a part of the peer's", list(_rows(found))), encoding="utf-8")


def _rows(found: _Told) -> Iterator[Row]:
    for report in found["reports"]:
        for one in report["findings"]:
            if one["at_most"] is not None:
                yield Row(label=one["text"], ratio=one["ratio"], at_most=one["at_most"])


def _tables(reports: Sequence[_Told]) -> Iterator[str]:
    for report in reports:
        yield f"### {report['title'][0].upper()}{report['title'][1:]}\n"
        yield f"`make bench ARGS={report['bench']}`, {report['rounds'] or 'the same'} rounds."
        yield f"Load of the machine: {report['load']}.\n"
        if not report["series"]:
            yield from _lines(report)
            continue
        yield "| program | seconds | processor s | peak MiB | counted |"
        yield "| --- | --- | --- | --- | --- |"
        yield from (_series(one) for one in report["series"])
        yield ""
        yield from _lines(report)
        yield from (f"- {remark}" for remark in report["remarks"])
        yield ""


def _lines(report: _Told) -> Iterator[str]:
    if report["findings"] or report["counted"]:
        yield "| line | ratio | at most | |\n| --- | --- | --- | --- |"
        yield from (_finding(one) for one in report["findings"])
        yield from (_counted(one) for one in report["counted"])
        yield ""


def _series(one: _Told) -> str:
    counts = ", ".join(f"{name} {number:,}" for name, number in one["counts"].items())
    peak = f"{one['peak']['median'] / _MEGABYTE:.0f}"
    return f"| {one['name']} | {_spread(one['wall'])} | {_spread(one['cpu'])} | {peak} | {counts} |"


def _spread(figure: _Told) -> str:
    return f"{figure['median']:.3f} ({figure['least']:.3f}-{figure['most']:.3f})"


def _finding(one: _Told) -> str:
    ratio = "-" if one["ratio"] is None else f"{one['ratio']:.3f}"
    limit = "" if one["at_most"] is None else f"{one['at_most']:g}"
    return f"| {one['text']} | {ratio} | {limit} | {one['verdict']} |"


def _counted(one: _Told) -> str:
    return f"| {one['text']} | {one['found']:,} | {one['at_most']:,} | {one['verdict']} |"
