"""Failures by OONI's names."""

import asyncio
import errno
import ssl

import pytest

from reach.failures import BrokenAnswerError, named
from tamizdat.measurement import CODES


def certificate(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (TimeoutError(), "generic_timeout_error"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "connection_reset"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "connection_refused"),
        (BrokenPipeError(errno.EPIPE, "x"), "connection_reset"),
        (OSError(errno.ENETUNREACH, "x"), "network_unreachable"),
        (OSError(errno.EHOSTUNREACH, "x"), "host_unreachable"),
        (OSError(errno.ETIMEDOUT, "x"), "timed_out"),
        (PermissionError(errno.EPERM, "x"), "permission_denied"),
        (OSError(12345, "x"), "unknown_failure"),
        (OSError("no number"), "unknown_failure"),
        (asyncio.IncompleteReadError(b"", 5), "eof_error"),
        (EOFError(), "eof_error"),
        (ssl.SSLEOFError(8, "x"), "eof_error"),
        (ssl.SSLError(1, "wrong version"), "ssl_failed_handshake"),
        (certificate(62), "ssl_invalid_hostname"),
        (certificate(18), "ssl_unknown_authority"),
        (certificate(20), "ssl_unknown_authority"),
        (certificate(10), "ssl_invalid_certificate"),
        (BrokenAnswerError("http_invalid_response"), "http_invalid_response"),
    ],
)
def test_an_error_has_oonis_name(error: OSError | EOFError, name: str) -> None:
    assert named(error) == name


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_number_of_the_system_has_a_name_that_a_failure_may_bear(number: int) -> None:
    assert named(OSError(number, "x")) in CODES
