"""OONI's own verdict on a web_connectivity measurement, by the tables of notes A2 to A4. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reach.bogons import bogon
from reach.ooni_reading import Asked, Control, Endpoint, Page, WebConnectivity

DNS, TCP_IP, TLS, HTTP, HTTP_DIFF, SUCCESS = 1, 2, 4, 8, 16, 32
BOGON, UNEXPECTED_FAILURE, UNEXPECTED_ADDRESSES = 1, 2, 4
NULL_DNS, NULL_TCP, NULL_TLS, NULL_SUCCESS, NULL_GHOST = 1, 2, 4, 8, 16

_SIMILAR = 0.7
_LONG_WORD = 5
_NO_ANSWER = "dns_no_answer"
_NO_IPV6 = frozenset({"network_unreachable", "host_unreachable"})
_COMMON_HEADERS = frozenset(
    {
        "accept-ranges",
        "age",
        "cache-control",
        "cf-ray",
        "content-encoding",
        "content-language",
        "content-type",
        "date",
        "etag",
        "expires",
        "last-modified",
        "link",
        "location",
        "p3p",
        "pragma",
        "server",
        "set-cookie",
        "strict-transport-security",
        "vary",
        "via",
        "x-content-type-options",
        "x-frame-options",
        "x-powered-by",
        "x-varnish",
        "x-xss-protection",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """OONI's six result fields. `blocking` is a word, False, or None where nobody can tell."""

    blocking: str | bool | None
    accessible: bool | None
    x_blocking_flags: int
    x_dns_flags: int
    x_null_null_flags: int
    dns_consistency: str | None


def judge(seen: WebConnectivity) -> Result:
    """The six fields."""
    consistency = _consistency(seen)
    blocking, accessible = _verdict(seen, inconsistent=consistency == "inconsistent")
    return Result(
        blocking=blocking,
        accessible=accessible,
        x_blocking_flags=_blocking_flags(seen),
        x_dns_flags=_dns_flags(seen),
        x_null_null_flags=_null_flags(seen),
        dns_consistency=consistency,
    )


def _first_lookups(seen: WebConnectivity) -> Iterator[Asked]:
    """Lookups before any redirect."""
    return (one for one in seen.lookups if one.depth == 0)


def _fails(one: Asked) -> bool:
    """A failure that tells of the site: DoH failing tells of DoH, no AAAA is no failure."""
    doh = one.engine == "doh"
    return bool(one.failure) and not doh and not (one.kind == "AAAA" and one.failure == _NO_ANSWER)


def _expected_dns(one: Asked, control: Control) -> bool:
    """Both fail, or the probe has no answer where the control has no address."""
    return bool(control.dns) or (one.failure == _NO_ANSWER and not control.addresses)


def _unexpected_dns(one: Asked, control: Control) -> bool:
    return _fails(one) and control.dns is not None and not _expected_dns(one, control)


def _foreign(one: Asked, control: Control) -> bool:
    """Neither an address nor a network in common with the control."""
    if one.failure or not one.addresses or not control.addresses:
        return False
    return not (one.addresses & control.addresses or one.networks & control.networks)


def _rescued(one: Asked, seen: WebConnectivity) -> bool:
    """Whether TLS verified at an address that this lookup was the first to give."""
    owners = {
        address: other.transaction
        for other in reversed(seen.lookups)
        for address in other.addresses
    }
    return any(end.tls == "" and owners.get(end.ip) == one.transaction for end in seen.endpoints)


def _tcp_control(end: Endpoint, control: Control) -> str | None:
    return control.tcp.get(end.address) if end.depth == 0 else None


def _tls_control(end: Endpoint, control: Control) -> str | None:
    return control.tls.get((end.address, end.name)) if end.depth == 0 else None


def _no_ipv6(end: Endpoint) -> bool:
    return ":" in end.ip and end.tcp in _NO_IPV6


def _tcp_fails(end: Endpoint) -> bool:
    return bool(end.tcp) and not _no_ipv6(end)


def _final(seen: WebConnectivity) -> Endpoint | None:
    """The transaction that brought the last page."""
    found = (end for end in seen.endpoints if end.http == "" and end.page and end.page.final)
    return next(found, None)


def _blocking_flags(seen: WebConnectivity) -> int:
    control, final, flags = seen.control, _final(seen), 0
    unexplained = final is None and control.http == ""
    if _any(_first_lookups(seen), lambda one: _unexpected_dns(one, control)):
        flags |= DNS
    if _any(_first_lookups(seen), lambda one: _foreign(one, control) and not _rescued(one, seen)):
        flags |= DNS
    for end in seen.endpoints:
        if _tcp_fails(end) and _tcp_control(end, control) == "":
            flags |= TCP_IP
        if end.tls and _tls_control(end, control) == "":
            flags |= TLS
        if end.http and control.http == "":
            flags |= HTTP
        if unexplained and end.depth and _tcp_fails(end):
            flags |= TCP_IP
        if unexplained and end.depth and end.tls:
            flags |= TLS
    if unexplained and _any(seen.lookups, lambda one: one.depth > 0 and _fails(one)):
        flags |= DNS
    return flags | _page_flags(final, control)


def _page_flags(final: Endpoint | None, control: Control) -> int:
    if final is None or final.page is None:
        return 0
    if final.tls == "":
        return SUCCESS
    if control.http is None or control.page is None:
        return 0
    return HTTP_DIFF if differs(final.page, control.page) else SUCCESS


def _dns_flags(seen: WebConnectivity) -> int:
    lookups, control = list(_first_lookups(seen)), seen.control
    flags = BOGON if _any(lookups, lambda one: any(map(_bogus, one.addresses))) else 0
    if _any(lookups, lambda one: _unexpected_dns(one, control)):
        flags |= UNEXPECTED_FAILURE
    if _any(lookups, lambda one: _foreign(one, control) and not _rescued(one, seen)):
        flags |= UNEXPECTED_ADDRESSES
    return flags


def _null_flags(seen: WebConnectivity) -> int:
    control, final, flags = seen.control, _final(seen), 0
    known = control.dns is not None
    if known and _any(_first_lookups(seen), lambda o: _fails(o) and _expected_dns(o, control)):
        flags |= NULL_DNS
    for end in seen.endpoints:
        if end.tcp and _tcp_control(end, control):
            flags |= NULL_TCP
        if end.tls and _tls_control(end, control):
            flags |= NULL_TLS
    if final is not None and final.tls == "" and control.http is None:
        flags |= NULL_SUCCESS
    if known and not control.addresses and _any(_first_lookups(seen), lambda o: bool(o.addresses)):
        flags |= NULL_GHOST
    return flags


def _consistency(seen: WebConnectivity) -> str | None:
    """By the system's lookups alone; a verified handshake does not rescue here."""
    control = seen.control
    lookups = [one for one in _first_lookups(seen) if one.system]
    foreign = _any(lookups, lambda one: _foreign(one, control))
    if foreign or _any(lookups, lambda one: _unexpected_dns(one, control)):
        return "inconsistent"
    if control.dns is None:
        return None
    resolved = _any(lookups, lambda one: bool(one.addresses))
    if resolved and not control.addresses:
        return "inconsistent"
    expected = _any(lookups, lambda one: _fails(one) and _expected_dns(one, control))
    return "consistent" if resolved or expected else None


_Verdict = tuple[str | bool | None, bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Say:
    """What a row of the table says, given what DNS looks like."""

    inconsistent: bool

    def blocked(self, word: str) -> _Verdict:
        return ("dns" if self.inconsistent else word), False

    @property
    def down(self) -> _Verdict:
        return ("dns" if self.inconsistent else False), False

    @property
    def nothing(self) -> _Verdict:
        return ("dns", False) if self.inconsistent else (None, None)


def _verdict(seen: WebConnectivity, *, inconsistent: bool) -> _Verdict:
    say = _Say(inconsistent=inconsistent)
    for _, decide in sorted(_rows(seen, say), key=lambda row: row[0]):
        verdict = decide()
        if verdict is not None:
            return verdict
    return None, None


_Row = tuple[tuple[int, int, bool, int], Callable[[], _Verdict | None]]


def _rows(seen: WebConnectivity, say: _Say) -> Iterator[_Row]:
    """What decides, with its place in the order: deepest first, highest layer, success first."""
    system = [one for one in seen.lookups if one.system]
    known = {address for one in system for address in one.addresses}
    elsewhere = {address for one in seen.lookups for address in one.addresses}
    for end in seen.endpoints:
        foreign = end.ip in elsewhere or end.ip in seen.control.addresses
        if not end.fetches or (end.ip not in known and foreign):
            continue
        outcome, layer = _reached(end)
        place = (-end.depth, layer, bool(outcome), -end.transaction)
        yield place, _bound(_endpoint_row, end, seen.control, say)
    for one in system:
        place = (-one.depth, 3, bool(one.failure), -one.transaction)
        yield place, _bound(_lookup_row, one, seen.control, say)


def _bound(
    row: Callable[..., _Verdict | None], one: object, control: Control, say: _Say
) -> Callable[[], _Verdict | None]:
    return lambda: row(one, control, say)


def _reached(end: Endpoint) -> tuple[str, int]:
    if end.http is not None:
        return end.http, 0
    return (end.tls, 1) if end.tls is not None else (end.tcp or "", 2)


def _endpoint_row(end: Endpoint, control: Control, say: _Say) -> _Verdict | None:
    if end.http == "" and end.page and end.page.final:
        return _page_row(end, end.page, control, say)
    if end.http:
        return _http_row(control, say)
    if end.tls and end.http is None:
        return _layer_row(_tls_control(end, control), control, say, "http-failure")
    if end.tcp and end.tls is None and end.http is None:
        return _layer_row(_tcp_control(end, control), control, say, "tcp_ip")
    return None


def _page_row(end: Endpoint, page: Page, control: Control, say: _Say) -> _Verdict:
    if end.tls == "":
        return False, True
    if control.http is None:
        return say.nothing
    if control.page is not None and not differs(page, control.page):
        return False, True
    return say.blocked("http-diff")


def _http_row(control: Control, say: _Say) -> _Verdict:
    if control.http is None:
        return say.nothing
    return say.down if control.http else say.blocked("http-failure")


def _layer_row(own: str | None, control: Control, say: _Say, word: str) -> _Verdict:
    if own is not None:
        return say.down if own else say.blocked(word)
    return say.nothing if control.http is None else say.blocked("http-failure")


def _lookup_row(one: Asked, control: Control, say: _Say) -> _Verdict | None:
    if not one.failure:
        return _loopback_row(one, control, say)
    if one.depth == 0 and control.dns is not None:
        return say.down if _expected_dns(one, control) else say.blocked("dns")
    return (False, True) if control.http is None else say.blocked("dns")


def _loopback_row(one: Asked, control: Control, say: _Say) -> _Verdict | None:
    if not one.addresses or not all(map(_loopback, one.addresses)) or not control.addresses:
        return None
    return say.down if all(map(_loopback, control.addresses)) else say.blocked("dns")


def differs(page: Page, control: Page) -> bool:
    """Whether two pages are not the same site's (notes A4)."""
    if not (page.status == control.status and page.status > 0):
        return True
    longest = max(page.length, control.length)
    both = min(page.length, control.length) > 0 and not page.truncated
    if both and min(page.length, control.length) / longest > _SIMILAR:
        return False
    if (page.headers & control.headers) - _COMMON_HEADERS:
        return False
    return bool(_words(page.title) ^ _words(control.title))


def _words(title: str) -> set[str]:
    return {word.lower() for word in title.split(" ") if len(word.encode()) >= _LONG_WORD}


def _bogus(address: str) -> bool:
    try:
        return bogon(address)
    except ValueError:
        return False


def _loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def _any(lookups: Iterable[Asked], holds: Callable[[Asked], bool]) -> bool:
    return any(holds(one) for one in lookups)
