"""Keeping: every run as JSON, for trends; and the machine it ran on, without its name."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.kit.bench.report import Report

_CPU = Path("/proc/cpuinfo")
_MEMORY = Path("/proc/meminfo")
_LOAD = Path("/proc/loadavg")
_KILOBYTES_OF_A_GIGABYTE = 1_000_000


def kept(reports: Sequence[Report], absent: Mapping[str, str], folder: Path) -> Path:
    """Write one run into `folder`; gives the file."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"{now:%Y%m%dT%H%M%SZ}.json"
    whole = {
        "when": now.isoformat(timespec="seconds"),
        "machine": machine(),
        "absent": sorted(absent),
        "reports": [told(report) for report in reports],
    }
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def machine() -> Mapping[str, str | int]:
    """What it ran on."""
    cpu = _line(_CPU, "model name") or platform.machine()
    memory = int(_line(_MEMORY, "MemTotal").split()[0] or 0) if _MEMORY.exists() else 0
    return {
        "processor": cpu,
        "cores": os.cpu_count() or 1,
        "memory_gb": round(memory / _KILOBYTES_OF_A_GIGABYTE),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        "load": _LOAD.read_text().split()[0] if _LOAD.exists() else "",
    }


def told(report: Report) -> Mapping[str, object]:
    """A report as it is kept."""
    return {
        **asdict(report),
        "findings": [
            {**asdict(one), "ratio": one.ratio, "verdict": one.verdict} for one in report.findings
        ],
        "counted": [{**asdict(one), "verdict": one.verdict} for one in report.counted],
    }


def _line(path: Path, name: str) -> str:
    if not path.exists():
        return ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""
