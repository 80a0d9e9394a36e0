"""Words: what states, findings and failures are called on the board."""

from tamizdat.incident import Course, Incident
from tamizdat.measurement import Failure, Stage
from tamizdat.verdict import Board, Finding

STATES = {
    Board.REACHABLE: "reachable, signature good",
    Board.SLOW: "slow",
    Board.SUSPECTED: "suspected",
    Board.BLOCKED: "blocked",
    Board.ALTERED: "altered on the way",
    Board.DOWN: "server down",
    Board.NO_DATA: "no recent data",
}
"""In the order of the key."""

SHORT = {**{state: state.value for state in Board}, Board.DOWN: "server down"}
SHORT[Board.NO_DATA] = "no recent data"

LETTERS = {
    Board.REACHABLE: "o",
    Board.SLOW: "s",
    Board.SUSPECTED: "q",
    Board.BLOCKED: "b",
    Board.ALTERED: "t",
    Board.DOWN: "d",
    Board.NO_DATA: "n",
}
"""The class of a state in the style: it brings colours and a shape."""

TROUBLE = frozenset({Board.BLOCKED, Board.SUSPECTED, Board.ALTERED, Board.DOWN})
"""States that somebody should look at."""

STAGES = {
    Stage.DNS: "DNS",
    Stage.TCP: "TCP",
    Stage.TLS: "TLS",
    Stage.HTTP: "HTTP",
    Stage.SIGNATURE: "SIG",
}

FINDINGS = {
    Finding.VANTAGE_DOWN: "cannot be told: our vantage there has no line",
    Finding.SERVER_DOWN: "is down at its server",
    Finding.NO_CONTROL: "cannot be told without a control",
    Finding.OK: "can be read",
    Finding.THROTTLED: "slowed down on purpose",
    Finding.FROZEN: "stands still half-way",
    Finding.DNS: "blocked by a false DNS answer",
    Finding.TCP_IP: "blocked at its address",
    Finding.TLS_SNI: "blocked by its name in the TLS handshake",
    Finding.TLS_OTHER: "blocked in the TLS handshake",
    Finding.TLS_MITM: "shown with a false certificate",
    Finding.BLOCKPAGE: "replaced by a block page",
    Finding.HTTP_DIFF: "serves altered pages",
    Finding.HTTP_HOST: "blocked by its name in the request",
    Finding.HTTP_FAILURE: "blocked in the middle of the request",
    Finding.SERVER_SIDE: "is refused by its server",
    Finding.ALTERED: "is altered at its server",
    Finding.IMPAIRED: "cannot be told from a bad line",
    Finding.IMPERSONATED: "was retired, and somebody else answers under its name",
}

_CODES = {
    "connection_refused": "refused",
    "connection_reset": "reset",
    "connection_aborted": "cut off",
    "eof_error": "closed without an answer",
    "generic_timeout_error": "no answer in time",
    "timed_out": "no answer in time",
    "host_unreachable": "no way to it",
    "network_unreachable": "no way to its network",
    "dns_nxdomain_error": "the name is said not to exist",
    "dns_no_answer": "an answer without an address",
    "dns_refused_error": "refused to answer",
    "dns_servfail_error": "the DNS server failed",
    "dns_bogon_error": "an address that cannot be",
    "ssl_invalid_hostname": "a certificate for another name",
    "ssl_unknown_authority": "a certificate of an unknown authority",
    "ssl_invalid_certificate": "a certificate that is not valid",
    "ssl_failed_handshake": "the handshake failed",
    "http_request_failed": "an answer, but not the page",
    "http_unexpected_redirect": "sent elsewhere",
    "http_invalid_response": "an answer that is not HTTP",
    "http_response_too_large": "a page larger than it may be",
    "missing": "no signed file",
    "invalid": "a signature that is false",
    "unknown_edition": "signed, but no edition that we made",
    "stale": "ours, but older than it may be",
}


def failed(failure: Failure) -> str:
    """How something failed, in a few words."""
    return _CODES.get(failure.code, failure.code.replace("_", " "))


def headline(incident: Incident) -> str:
    """What an incident is, to stand behind the mirror's name."""
    return FINDINGS[incident.finding]


def course(incident: Incident) -> str:
    """What is done about an incident, or how it ended."""
    spare = incident.spare or "a spare"
    return {
        Course.WATCHING: "watching",
        Course.ADDED: f"{spare} stands in, not yet read from there",
        Course.VERIFIED: f"{spare} stands in and was read from there",
        Course.WAITING: "waits for you",
        Course.LIFTED: "ended by itself",
        Course.FALSE_ALARM: "false alarm",
    }[incident.course]
