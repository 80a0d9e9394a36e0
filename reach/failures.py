"""Failures: every error of a socket or of TLS, under the name that OONI gives it (df-007)."""

import errno
import ssl
from collections.abc import Mapping

_BY_NUMBER: Mapping[int, str] = {
    errno.EACCES: "permission_denied",
    errno.EADDRINUSE: "address_in_use",
    errno.EADDRNOTAVAIL: "address_not_available",
    errno.EAFNOSUPPORT: "address_family_not_supported",
    errno.EAGAIN: "operation_would_block",
    errno.EALREADY: "connection_already_in_progress",
    errno.EBADF: "bad_file_descriptor",
    errno.ECONNABORTED: "connection_aborted",
    errno.ECONNREFUSED: "connection_refused",
    errno.ECONNRESET: "connection_reset",
    errno.EDESTADDRREQ: "destination_address_required",
    errno.EFAULT: "bad_address",
    errno.EHOSTUNREACH: "host_unreachable",
    errno.EINTR: "interrupted",
    errno.EINVAL: "invalid_argument",
    errno.EISCONN: "already_connected",
    errno.EMSGSIZE: "message_size",
    errno.ENETDOWN: "network_down",
    errno.ENETRESET: "network_reset",
    errno.ENETUNREACH: "network_unreachable",
    errno.ENOTCONN: "not_connected",
    errno.EPERM: "permission_denied",
    errno.EPIPE: "connection_reset",
    errno.EPROTONOSUPPORT: "protocol_not_supported",
    errno.EPROTOTYPE: "wrong_protocol_type",
    errno.ETIMEDOUT: "timed_out",
}

_HOSTNAME_CODES = frozenset({62, 64})
_AUTHORITY_CODES = frozenset({2, 18, 19, 20, 21, 27})

CERTIFICATE = frozenset(
    {"ssl_invalid_hostname", "ssl_unknown_authority", "ssl_invalid_certificate"}
)
"""The handshake worked, but the certificate is not to be trusted."""


class BrokenAnswerError(Exception):
    """What came is no HTTP, or more of it than we take; its text is the failure's name."""


ERRORS = (OSError, EOFError, BrokenAnswerError)
"""What a step may raise; ssl.SSLError and TimeoutError are OSErrors."""


def named(error: OSError | EOFError | BrokenAnswerError) -> str:
    """The failure's name; `unknown_failure` for what nobody has met yet."""
    if isinstance(error, BrokenAnswerError):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error.verify_code)
    if isinstance(error, EOFError | ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "eof_error"
    if isinstance(error, ssl.SSLError):
        return "ssl_failed_handshake"
    if error.errno is not None and error.errno in _BY_NUMBER:
        return _BY_NUMBER[error.errno]
    return "generic_timeout_error" if isinstance(error, TimeoutError) else "unknown_failure"


def _certificate(code: int) -> str:
    """By OpenSSL's number (x509_vfy.h)."""
    if code in _HOSTNAME_CODES:
        return "ssl_invalid_hostname"
    return "ssl_unknown_authority" if code in _AUTHORITY_CODES else "ssl_invalid_certificate"
