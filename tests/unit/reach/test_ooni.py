"""OONI's verdict, on measurements of our own making, row by row of the notes' tables A2 and A3."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reach.ooni import Result, differs, judge
from reach.ooni_reading import Page, measurement, read
from tamizdat.errors import SourceError

RIGHT, OTHER, SAME_NETWORK = "198.51.100.10", "198.51.100.66", "198.51.100.11"
NETWORKS = {RIGHT: 64500, SAME_NETWORK: 64500, OTHER: 64666}
NAME = "news.example"
RESET, TIMEOUT = "connection_reset", "generic_timeout_error"
PAGE = {
    "code": 200,
    "body": "<title>Morning edition</title>" + "x" * 900,
    "headers": {"X-Paper": "1"},
}
BLOCKED = {"code": 200, "body": "<title>Prohibited content</title>", "headers": {"Date": "x"}}


def lookup(
    *addresses: str, failure: str | None = None, depth: int = 0, engine: str = "getaddrinfo"
) -> dict[str, Any]:
    return {
        "engine": engine,
        "query_type": "ANY",
        "failure": failure,
        "answers": [{"answer_type": "A", "ipv4": a, "asn": NETWORKS.get(a)} for a in addresses],
        "tags": ["classic", f"depth={depth}"],
        "transaction_id": 1 + depth,
    }


def visit(
    address: str = RIGHT,
    *,
    tcp: str | None = None,
    tls: str | None = "none",
    http: str | None = "none",
    page: dict[str, Any] | None = None,
    depth: int = 0,
) -> dict[str, Any]:
    """One transaction; "none" where it did not come so far."""
    number, port = 10 + depth, 80 if tls == "none" else 443
    common = {"transaction_id": number, "tags": ["classic", f"depth={depth}", "fetch_body=true"]}
    told: dict[str, Any] = {
        "tcp_connect": [{**common, "ip": address, "port": port, "status": {"failure": tcp}}]
    }
    if tls != "none":
        told["tls_handshakes"] = [{**common, "failure": tls, "server_name": NAME}]
    if http != "none":
        told["requests"] = [{**common, "failure": http, "response": page or {}}]
    return told


def control(
    *addresses: str,
    dns: str | None = None,
    tcp: str | None = None,
    tls: str | None = None,
    http: str | None = None,
    page: dict[str, Any] | None = None,
) -> dict[str, Any]:
    shown = page or {
        "status_code": 200,
        "headers": {"X-Paper": "1"},
        "body_length": 930,
        "title": "Morning edition",
    }
    ends = [f"{address}:{port}" for address in (RIGHT, OTHER) for port in (80, 443)]
    return {
        "dns": {"failure": dns, "addrs": list(addresses)},
        "tcp_connect": {end: {"failure": tcp} for end in ends},
        "tls_handshake": {end: {"failure": tls, "server_name": NAME} for end in ends},
        "http_request": {"failure": http} | ({} if http else shown),
        "ip_info": {address: {"asn": asn} for address, asn in NETWORKS.items()},
    }


def judged(
    lookups: list[dict[str, Any]], visits: list[dict[str, Any]], beside: dict[str, Any]
) -> Result:
    keys: dict[str, Any] = {"queries": lookups, "control": beside}
    for one in visits:
        for name, entries in one.items():
            keys[name] = [*entries, *keys.get(name, [])]
    return judge(measurement({"test_name": "web_connectivity", "test_keys": keys}))


GOOD_DNS = [lookup(RIGHT)]
FINE = control(RIGHT)
DOWN = control(RIGHT, tcp=RESET, tls=RESET, http=RESET)
NXDOMAIN = [lookup(failure="dns_nxdomain_error")]

SECURE: dict[str, Any] = {"tls": None, "http": None, "page": PAGE}
HTTPS, BLOCK = visit(**SECURE), visit(http=None, page=BLOCKED)
NO_PAGE, NO_NAME = control(RIGHT, http=RESET), control(dns="dns_nxdomain_error")
OK, BAD = "consistent", "inconsistent"

TABLE = [
    # lookups, visits, control: blocking, accessible, flags, DNS flags, null flags, consistency
    (GOOD_DNS, [HTTPS], FINE, (False, True, 32, 0, 0, OK)),  # row 1
    (GOOD_DNS, [HTTPS], {}, (False, True, 32, 0, 8, None)),
    (GOOD_DNS, [visit(http=None, page=PAGE)], {}, (None, None, 0, 0, 0, None)),  # row 2
    (GOOD_DNS, [visit(http=None, page=PAGE)], FINE, (False, True, 32, 0, 0, OK)),  # row 3
    (GOOD_DNS, [BLOCK], FINE, ("http-diff", False, 16, 0, 0, OK)),  # row 4
    (GOOD_DNS, [visit(http=RESET)], FINE, ("http-failure", False, 8, 0, 0, OK)),  # row 5
    (GOOD_DNS, [visit(http=RESET)], NO_PAGE, (False, False, 0, 0, 0, OK)),
    (GOOD_DNS, [visit(http=RESET)], {}, (None, None, 0, 0, 0, None)),
    (GOOD_DNS, [visit(tls=RESET)], FINE, ("http-failure", False, 4, 0, 0, OK)),  # row 6
    (GOOD_DNS, [visit(tls=RESET)], DOWN, (False, False, 0, 0, 4, OK)),
    (GOOD_DNS, [visit(tls=RESET)], {}, (None, None, 0, 0, 0, None)),  # row 7
    (GOOD_DNS, [visit(tcp=TIMEOUT)], FINE, ("tcp_ip", False, 2, 0, 0, OK)),  # row 8
    (GOOD_DNS, [visit(tcp=TIMEOUT)], DOWN, (False, False, 0, 0, 2, OK)),
    (GOOD_DNS, [visit(tcp=TIMEOUT)], {}, (None, None, 0, 0, 0, None)),  # row 9
    (NXDOMAIN, [], NO_NAME, (False, False, 0, 0, 1, OK)),  # row 10
    ([lookup(failure="dns_no_answer")], [], control(), (False, False, 0, 0, 1, OK)),
    (NXDOMAIN, [], FINE, ("dns", False, 1, 2, 0, BAD)),  # row 11
    (NXDOMAIN, [], {}, (False, True, 0, 0, 0, None)),  # row 12
    ([lookup("127.0.0.1")], [], FINE, ("dns", False, 1, 5, 0, BAD)),  # row 13
    ([lookup(OTHER)], [visit(OTHER, http=None, page=BLOCKED)], FINE, ("dns", False, 17, 4, 0, BAD)),
    ([lookup(OTHER)], [visit(OTHER, **SECURE)], FINE, (False, True, 32, 0, 0, BAD)),
    ([lookup(SAME_NETWORK)], [visit(SAME_NETWORK, **SECURE)], FINE, (False, True, 32, 0, 0, OK)),
    ([lookup(OTHER)], [], control(), (None, None, 0, 0, 16, BAD)),
    ([], [], FINE, (None, None, 0, 0, 0, None)),  # row 14
    (
        [lookup(RIGHT), lookup(failure="dns_nxdomain_error", depth=1)],
        [visit(http=None, page={"code": 302})],
        FINE,
        ("dns", False, 1, 0, 0, OK),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lookups", "visits", "beside", "fields"), TABLE)
def test_a_measurement_has_oonis_six_fields(
    lookups: list[dict[str, Any]],
    visits: list[dict[str, Any]],
    beside: dict[str, Any],
    fields: tuple[Any, ...],
) -> None:
    found = judged(lookups, visits, beside)

    assert (
        found.blocking,
        found.accessible,
        found.x_blocking_flags,
        found.x_dns_flags,
        found.x_null_null_flags,
        found.dns_consistency,
    ) == fields


def test_doh_that_fails_says_nothing_of_the_site() -> None:
    found = judged([lookup(RIGHT), lookup(failure=TIMEOUT, engine="doh")], [], FINE)

    assert (found.x_blocking_flags, found.x_dns_flags) == (0, 0)


def page(
    status: int = 200,
    headers: str = "",
    length: int = 100,
    title: str = "",
    *,
    truncated: bool = False,
) -> Page:
    return Page(
        status=status,
        headers=frozenset(headers.split()),
        length=length,
        truncated=truncated,
        title=title,
    )


@pytest.mark.parametrize(
    ("one", "other", "different"),
    [
        (page(), page(), False),
        (page(403), page(), True),
        (page(length=71), page(), False),
        (page(length=70, title="morning"), page(title="evening"), True),
        (page(length=10, headers="x-paper"), page(headers="x-paper", title="other"), False),
        (page(length=10, headers="date", title="morning"), page(headers="date"), True),
        (page(length=10, title="the morning post"), page(title="morning, the"), True),
        (page(length=10, title="a post of"), page(title="of a post"), False),
        (page(truncated=True, title="morning"), page(title="evening"), True),
    ],
)
def test_pages_differ_by_status_and_by_length_headers_or_title(
    one: Page, other: Page, *, different: bool
) -> None:
    assert differs(one, other) is different


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"test_name": "web_connectivity"}',
        b'{"test_name": "web_connectivity", "test_keys": []}',
        b'{"test_name": "web_connectivity", "test_keys": {"queries": 5}}',
        b'{"test_name": "telegram", "test_keys": {}}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_is_no_measurement_is_refused_in_one_line(body: bytes) -> None:
    with pytest.raises(SourceError) as refusal:
        read(body, "file")

    assert "\n" not in str(refusal.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "failure",
                    "dns",
                    "addrs",
                    "ip",
                    "port",
                    "status",
                    "tags",
                    "answers",
                    "transaction_id",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["queries", "control", "tcp_connect", "tls_handshakes", "requests"]),
        json_values,
    )
)
def test_no_keys_break_the_reader(keys: dict[str, Any]) -> None:
    body = json.dumps({"test_name": "web_connectivity", "test_keys": keys}).encode()

    try:
        found = read(body, "file")
    except SourceError:
        return
    assert judge(found).dns_consistency in {None, "consistent", "inconsistent"}
