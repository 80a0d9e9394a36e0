"""Probing: our probe beside blackbox_exporter and curl; and many probes that nobody answers."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tamizdat.digest import digest
from tests.kit.bench import cloud, tree
from tests.kit.bench.corpus import texts
from tests.kit.bench.cost import Cost, spent
from tests.kit.bench.looking import PAGE, WHOLE
from tests.kit.bench.peers import HOUSE, Cast
from tests.kit.bench.report import Counted, Finding, Report, compared
from tests.kit.bench.rounds import Counts, Runner, Series, race
from tests.kit.bench.webserver import WebServer, serving, silent
from tests.kit.strangers import free_port

OURS, BLACKBOX, CURL = "our probe", "blackbox_exporter", "curl --parallel"
HELD, MOST_HELD, MOST_BYTES = "our probe, nobody answers", 5_000, 16 * 1024
HANDSHAKES = "limit: openssl s_time -new"

_MODULES = """\
modules:
  page:
    prober: http
    timeout: 20s
    http: {{fail_if_body_not_matches_regexp: ["</html>|</footer>"], tls_config: {{ca_file: {ca}}}}}
"""


def probe(
    place: Path, count: int, rounds: int, cast: Cast, tell: Callable[[str], None]
) -> Sequence[Report]:
    """Reports on `count` checks over HTTP and HTTPS, and on checks that hang."""
    nginx = cast.program("nginx")
    if not nginx:
        return ()
    with ExitStack() as stack:
        web = stack.enter_context(serving(place, nginx))
        page = web.pages / PAGE
        page.write_bytes(_page())
        exporter = _exporter(place, web, cast, stack)
        curl = cast.program("curl")
        runners = [
            runner
            for name, base in (("HTTP", web.plain), ("HTTPS", web.secure))
            for runner in (
                _ours(name, base, count, page, web),
                *([_blackbox(name, base, count, *exporter)] if exporter else []),
                *([_curl(place, name, base, count, curl, web)] if curl else []),
            )
        ]
        runners.append(_held(min(count * 3, MOST_HELD), stack.enter_context(silent())))
        series = race(runners, rounds, tell)
        remarks = (*_handshakes(web, cast), "each check has a connection of its own; body hashed")
    return (
        Report(
            bench="probe",
            title=f"{count:,} checks of a page, a hundred at once",
            rounds=rounds,
            series=series,
            findings=_findings(series),
            counted=_counted(series),
            remarks=remarks,
        ),
    )


def _findings(series: Sequence[Series]) -> Sequence[Finding]:
    def to(name: str, peer: str, at_most: float | None) -> Sequence[Finding]:
        text = f"check over {name}: processor, to {peer}"
        return compared(text, series, f"{OURS}, {name}", f"{peer}, {name}", "cpu", at_most)

    return (
        *to("HTTP", BLACKBOX, 0.5),
        *to("HTTPS", BLACKBOX, 0.75),
        *to("HTTP", CURL, None),
        *to("HTTPS", CURL, 1.5),
    )


def _counted(series: Sequence[Series]) -> Sequence[Counted]:
    held = next(one for one in series if one.name == HELD)
    milliseconds = round(held.wall.median * 1000)
    return (
        Counted(text="bytes of a held probe", found=held.counts["bytes each"], at_most=MOST_BYTES),
        Counted(
            text="ms of a round that nobody answers",
            found=milliseconds,
            at_most=round(WHOLE * 1200),
        ),
    )


def _ours(name: str, base: str, count: int, page: Path, web: WebServer) -> Runner:
    words = ["check", base, str(count), digest(page.read_bytes()), str(web.authority)]

    def run() -> Cost:
        return _told(spent([sys.executable, "-m", "tests.kit.bench.looking", *words], cwd=HOUSE))

    return Runner(name=f"{OURS}, {name}", run=run, outcome=lambda cost: _all_good(cost, count))


def _held(count: int, base: str) -> Runner:
    words = ["-m", "tests.kit.bench.looking", "hold", base, str(count)]
    return Runner(
        name=HELD,
        run=lambda: _told(spent([sys.executable, *words], cwd=HOUSE)),
        outcome=lambda cost: {"held": count, "bytes each": round(json.loads(cost.said)["bytes"])},
    )


def _told(whole: Cost) -> Cost:
    told = json.loads(whole.said)
    return Cost(wall=told["wall"], cpu=told["cpu"], peak=whole.peak, said=whole.said)


def _all_good(cost: Cost, count: int) -> Counts:
    good = int(json.loads(cost.said)["good"])
    assert good == count, f"{good} of {count} looks found the page"
    return {"good": good}


def _exporter(place: Path, web: WebServer, cast: Cast, stack: ExitStack) -> tuple[str, int] | None:
    found = cast.program("prometheus-blackbox-exporter")
    if not found:
        return None
    config = place / "blackbox.yml"
    config.write_text(_MODULES.format(ca=web.authority))
    port = free_port()
    command = [found, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"]
    number = stack.enter_context(cloud.program(command, port))
    return f"http://127.0.0.1:{port}", number


def _blackbox(name: str, base: str, count: int, address: str, number: int) -> Runner:
    """Its own processor time, from the system: whoever asks it is not counted."""
    target = f"{address}/probe?module=page&target={base}{PAGE}"
    words = ["-m", "tests.kit.bench.asking", target, str(count)]

    def run() -> Cost:
        wall, cpu = time.perf_counter(), processor(number)
        whole = spent([sys.executable, *words], cwd=HOUSE)
        took = time.perf_counter() - wall
        return Cost(wall=took, cpu=processor(number) - cpu, peak=memory(number), said=whole.said)

    def outcome(cost: Cost) -> Counts:
        assert int(cost.said) == count, f"{cost.said.strip()} of {count} probes were good"
        return {"good": count}

    return Runner(name=f"{BLACKBOX}, {name}", run=run, outcome=outcome)


def _curl(place: Path, name: str, base: str, count: int, curl: str, web: WebServer) -> Runner:
    config = place / f"curl-{name}"
    config.write_text(f'url = "{base}{PAGE}"\noutput = "/dev/null"\n' * count)
    command = [curl, "--silent", "--parallel", "--parallel-max", "100", "--no-keepalive"]
    command += ["-H", "Connection: close", "--cacert", str(web.authority), "-K", str(config)]
    return Runner(name=f"{CURL}, {name}", run=lambda: spent(command))


def processor(number: int) -> float:
    """Seconds of processor that a running program took so far."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(number: int) -> int:
    """The most bytes of memory that a running program took so far."""
    status = Path(f"/proc/{number}/status").read_text()
    found = re.search(r"VmHWM:\s+([0-9]+)", status)
    return int(found[1]) * 1024 if found else 0


def _handshakes(web: WebServer, cast: Cast) -> Sequence[str]:
    """How many handshakes a second of processor gives, by openssl."""
    openssl = cast.program("openssl")
    if not openssl:
        return ()
    address = web.secure.removeprefix("https://").rstrip("/")
    command = [openssl, "s_time", "-connect", address, "-new", "-time", "2", "-tls1_3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    found = re.search(r"([0-9.]+) connections/user sec", done.stdout)
    return (
        (f"{HANDSHAKES}: {float(found[1]):,.0f} handshakes in a second of processor",)
        if found
        else ()
    )


def _page() -> bytes:
    (text,) = texts(1)
    return tree.page(text)
