"""Writing OONI: our measurement and its control in the shape of web_connectivity 0.2.0. Pure.

Only the pointer's exchange becomes OONI's page: OONI asks for one page, and so the two compare.
Nothing here sends it anywhere.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from tamizdat.measurement import (
    Dial,
    Exchange,
    Handshake,
    Lookup,
    Measurement,
    Purpose,
    Stage,
    Step,
)

_Json = dict[str, Any]
_TAGS = ("classic", "depth=0", "fetch_body=true")


def web_connectivity(here: Measurement, control: Measurement | None) -> _Json:
    """The measurement as OONI would have stored it, without OONI's verdict."""
    steps = list(here.of(Purpose.READER))
    return {
        "annotations": {"mirror": here.mirror},
        "data_format_version": "0.2.0",
        "input": f"{'https' if _secure(steps) else 'http'}://{here.host}/",
        "measurement_start_time": here.at.strftime("%Y-%m-%d %H:%M:%S"),
        "probe_asn": here.vantage.network,
        "probe_cc": here.vantage.country,
        "probe_ip": "127.0.0.1",
        "software_name": "tamizdat",
        "software_version": "0.1.0",
        "test_name": "web_connectivity",
        "test_keys": {
            "queries": [_query(number, step) for number, step in _of(steps, Lookup)],
            "control": _control(control) if control else {},
            "control_failure": None if control else "unknown_failure",
            **_endpoints(steps),
        },
    }


def _of(steps: Sequence[Step], kind: type) -> Iterable[tuple[int, Step]]:
    return ((n, step) for n, step in enumerate(steps, 1) if isinstance(step.seen, kind))


def _code(step: Step) -> str | None:
    return step.failure.code if step.failure else None


def _secure(steps: Sequence[Step]) -> bool:
    return any(step.stage is Stage.TLS for step in steps)


def _query(number: int, step: Step) -> _Json:
    assert isinstance(step.seen, Lookup)  # noqa: S101 - for the type checker
    key = "ipv6" if step.seen.kind == "AAAA" else "ipv4"
    return {
        "answers": [{"answer_type": step.seen.kind, key: a} for a in step.seen.addresses],
        "engine": "getaddrinfo",
        "failure": None if _code(step) == "dns_bogon_error" else _code(step),
        "hostname": step.seen.name,
        "query_type": step.seen.kind,
        "resolver_address": "",
        "t0": step.t0,
        "t": step.t,
        "tags": list(_TAGS[:2]),
        "transaction_id": number,
    }


def _endpoints(steps: Sequence[Step]) -> _Json:
    """The first connection that went furthest, and those that failed before it."""
    told: _Json = {"tcp_connect": [], "tls_handshakes": [], "requests": []}
    number = 0
    for index, step in enumerate(steps):
        common = {"failure": _code(step), "t0": step.t0, "t": step.t, "tags": list(_TAGS)}
        seen = step.seen
        if isinstance(seen, Dial):
            number = index + 1
            status = {"failure": _code(step), "success": step.failure is None}
            told["tcp_connect"].append(
                {**common, "ip": seen.address, "port": seen.port, "status": status}
                | {"transaction_id": number}
            )
        elif isinstance(seen, Handshake):
            told["tls_handshakes"].append(
                {**common, "address": _address(seen), "server_name": seen.server_name}
                | {"tls_version": seen.version, "transaction_id": number}
            )
        elif isinstance(seen, Exchange):
            told["requests"].append(
                {**common, "response": _response(seen)} | {"transaction_id": number}
            )
            break
    return told


def _response(seen: Exchange) -> _Json:
    body = seen.body_start.decode("utf-8", "replace")
    return {
        "body": body,
        "body_is_truncated": seen.body_length > len(seen.body_start),
        "code": seen.status or 0,
        "headers": dict(seen.headers),
    }


def _address(seen: Dial | Handshake) -> str:
    host = f"[{seen.address}]" if ":" in seen.address else seen.address
    return f"{host}:{seen.port}"


def _control(control: Measurement) -> _Json:
    steps = list(control.of(Purpose.READER))
    lookups = [step for _, step in _of(steps, Lookup)]
    addresses = [a for s in lookups for a in _lookup(s).addresses if s.failure is None]
    failed = [_code(step) for step in lookups if step.failure]
    tcp = {_address(s.seen): {"failure": _code(s)} for s in steps if isinstance(s.seen, Dial)}
    tls = {
        _address(s.seen): {"failure": _code(s), "server_name": s.seen.server_name}
        for s in steps
        if isinstance(s.seen, Handshake)
    }
    return {
        "dns": {"failure": None if addresses else (failed or [None])[-1], "addrs": addresses},
        "tcp_connect": tcp,
        "tls_handshake": tls,
        "http_request": _control_page(steps),
    }


def _lookup(step: Step) -> Lookup:
    assert isinstance(step.seen, Lookup)  # noqa: S101 - for the type checker
    return step.seen


def _control_page(steps: Sequence[Step]) -> _Json:
    for step in steps:
        if isinstance(step.seen, Exchange):
            response = _response(step.seen)
            return {
                "failure": _code(step),
                "status_code": response["code"],
                "headers": response["headers"],
                "body_length": len(response["body"].encode()),
                "title": "",
            }
    failed = [_code(step) for step in steps if step.failure]
    return {"failure": (failed or ["unknown_failure"])[-1]}
