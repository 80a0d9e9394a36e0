"""Reading OONI: a web_connectivity measurement (data format 0.2.0) as values. Pure.

An outcome is "" for success, a failure's name, or None where nothing is known of it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tamizdat.errors import SourceError

MAX_OONI = 32 * 1024 * 1024
"""A longer measurement is not read, in bytes."""

MAX_ENTRIES = 5000
"""Of longer lists, the first so many entries are read."""

Json = Mapping[str, Any]
_TITLE = re.compile(r"<title[^>]*>([^<]{0,500})</title>", re.IGNORECASE)
_SUCCESS, _REDIRECT, _FAILED = 2, 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A DNS lookup of the probe."""

    transaction: int
    engine: str
    kind: str
    depth: int
    failure: str
    addresses: frozenset[str]
    networks: frozenset[int]

    @property
    def system(self) -> bool:
        """Whether the machine's own resolver was asked."""
        return self.engine.startswith(("getaddrinfo", "golang_net_resolver", "system", "unknown"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An HTTP answer; `final` where it is not a redirect."""

    status: int
    headers: frozenset[str]
    length: int
    truncated: bool
    title: str

    @property
    def final(self) -> bool:
        """Whether nothing follows it."""
        return self.status // 100 in {_SUCCESS, _FAILED, _FAILED + 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One transaction with an address and port, as far as it came."""

    transaction: int
    address: str
    ip: str
    depth: int
    fetches: bool
    tcp: str | None
    tls: str | None
    name: str
    http: str | None
    page: Page | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What the test helper saw. `dns` is None where it did not answer."""

    dns: str | None
    addresses: frozenset[str]
    networks: frozenset[int]
    tcp: Mapping[str, str]
    tls: Mapping[tuple[str, str], str]
    http: str | None
    page: Page | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConnectivity:
    """One measurement, and the fields that its probe wrote."""

    input: str
    lookups: tuple[Asked, ...]
    endpoints: tuple[Endpoint, ...]
    control: Control
    stored: Mapping[str, object]


def read(body: bytes, where: str) -> WebConnectivity:
    """The measurement in `body`; SourceError where it is none that we can judge."""
    if len(body) > MAX_OONI:
        raise SourceError(f"{where}: is over {MAX_OONI} bytes")
    try:
        told = json.loads(body)
        if told["test_name"] != "web_connectivity":
            raise SourceError(f"{where}: is an OONI measurement of another test")
        return measurement(told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SourceError(f"{where}: is no web_connectivity measurement") from None


def measurement(told: Json) -> WebConnectivity:
    """The same, from parsed JSON; what does not fit raises as Python likes."""
    keys = told["test_keys"]
    networks = _networks(keys)
    control = _control(keys.get("control") or {}, networks)
    lookups = tuple(_asked(entry, networks) for entry in _list(keys, "queries"))
    return WebConnectivity(
        input=str(told.get("input", "")),
        lookups=lookups,
        endpoints=_endpoints(keys),
        control=control,
        stored={name: keys.get(name) for name in FIELDS},
    )


FIELDS = (
    "blocking",
    "accessible",
    "x_blocking_flags",
    "x_dns_flags",
    "x_null_null_flags",
    "dns_consistency",
)
"""The result fields of OONI's web_connectivity."""


def _list(keys: Json, name: str) -> Sequence[Json]:
    return (keys.get(name) or [])[:MAX_ENTRIES]


def _networks(keys: Json) -> Mapping[str, int]:
    """The network of each address, as probe and helper say."""
    found: dict[str, int] = {}
    for entry in _list(keys, "queries"):
        for answer in (entry.get("answers") or [])[:MAX_ENTRIES]:
            address = answer.get("ipv4") or answer.get("ipv6")
            if address and answer.get("asn"):
                found[address] = int(answer["asn"])
    told = (keys.get("control") or {}).get("ip_info") or {}
    found |= {ip: int(one["asn"]) for ip, one in told.items() if one.get("asn")}
    return found


def _asked(entry: Json, networks: Mapping[str, int]) -> Asked:
    answers = (entry.get("answers") or [])[:MAX_ENTRIES]
    addresses = {one.get("ipv4") or one.get("ipv6") for one in answers} - {None, ""}
    return Asked(
        transaction=int(entry.get("transaction_id") or 0),
        engine=str(entry.get("engine", "")),
        kind=str(entry.get("query_type", "")),
        depth=_depth(entry),
        failure=entry.get("failure") or "",
        addresses=frozenset(map(str, addresses)),
        networks=frozenset(networks[one] for one in addresses if one in networks),
    )


def _depth(entry: Json) -> int:
    for tag in entry.get("tags") or []:
        if tag.startswith("depth="):
            return int(tag[6:])
    return 0


def _endpoints(keys: Json) -> tuple[Endpoint, ...]:
    tls = {int(one.get("transaction_id") or 0): one for one in _list(keys, "tls_handshakes")}
    http = {int(one.get("transaction_id") or 0): one for one in _list(keys, "requests")}
    found = []
    for one in _list(keys, "tcp_connect"):
        number = int(one.get("transaction_id") or 0)
        shaken, asked = tls.get(number), http.get(number)
        ip = str(one["ip"])
        host = f"[{ip}]" if ":" in ip else ip
        found.append(
            Endpoint(
                transaction=number,
                address=f"{host}:{one['port']}",
                ip=ip,
                depth=_depth(one),
                fetches="fetch_body=true" in (one.get("tags") or []),
                tcp=one["status"].get("failure") or "",
                tls=(shaken.get("failure") or "") if shaken else None,
                name=str(shaken.get("server_name", "")) if shaken else "",
                http=(asked.get("failure") or "") if asked else None,
                page=_page(asked.get("response") or {}) if asked else None,
            )
        )
    return tuple(found)


def _page(response: Json) -> Page:
    body = response.get("body") or ""
    text = body if isinstance(body, str) else ""
    found = _TITLE.search(text)
    return Page(
        status=int(response.get("code") or 0),
        headers=frozenset(name.lower() for name in response.get("headers") or {}),
        length=len(text.encode()),
        truncated=bool(response.get("body_is_truncated")),
        title=found[1] if found else "",
    )


def _control(told: Json, networks: Mapping[str, int]) -> Control:
    dns = told.get("dns")
    addresses = frozenset(map(str, (dns or {}).get("addrs") or []))
    asked = told.get("http_request")
    shaken = told.get("tls_handshake") or {}
    return Control(
        dns=(dns.get("failure") or "") if dns is not None else None,
        addresses=addresses,
        networks=frozenset(networks[one] for one in addresses if one in networks),
        tcp={one: v.get("failure") or "" for one, v in (told.get("tcp_connect") or {}).items()},
        tls={
            (one, str(v.get("server_name", ""))): v.get("failure") or ""
            for one, v in shaken.items()
        },
        http=(asked.get("failure") or "") if asked is not None else None,
        page=_control_page(asked) if asked else None,
    )


def _control_page(asked: Json) -> Page:
    return Page(
        status=int(asked.get("status_code") or 0),
        headers=frozenset(name.lower() for name in asked.get("headers") or {}),
        length=int(asked.get("body_length") or 0),
        truncated=False,
        title=str(asked.get("title") or ""),
    )
