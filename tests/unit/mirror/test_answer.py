"""An answer as it comes: whole, in pieces, in chunks, too long, or not HTTP at all."""

from time import process_time

import pytest

from mirror.answer import MAX_HEAD, Answer, BrokenAnswerError, Incoming

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Two: a\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\nhe\r\n3;note=x\r\nllo\r\n0\r\nTrailer: t\r\n\r\n"
)
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED
ENDED = b"HTTP/1.0 200 OK\r\n\r\nhello"


def in_pieces(wire: bytes, size: int, limit: int = 100) -> tuple[Answer | None, Incoming]:
    incoming = Incoming(limit)
    answers = [incoming.take(wire[at : at + size]) for at in range(0, len(wire), size)]
    assert all(answer is None for answer in answers[:-1])
    return answers[-1], incoming


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("wire", [SIZED, CHUNKED, INTERIM], ids=["sized", "chunked", "interim"])
def test_an_answer_is_the_same_however_it_comes(wire: bytes, size: int) -> None:
    answer, incoming = in_pieces(wire, size)

    assert answer is not None
    assert (answer.status, answer.body, answer.overlong) == (200, b"hello", False)
    assert incoming.lasting


def test_header_names_are_small() -> None:
    answer, _ = in_pieces(SIZED, 1000)

    assert answer is not None
    assert answer.headers == {"content-length": "5", "x-two": "a"}


@pytest.mark.parametrize("size", [1, 1000])
def test_without_a_length_the_end_of_the_connection_ends_it(size: int) -> None:
    answer, incoming = in_pieces(ENDED, size)

    assert answer is None
    ended = incoming.end()
    assert ended is not None
    assert (ended.body, incoming.lasting) == (b"hello", False)


@pytest.mark.parametrize("wire", [SIZED, CHUNKED, b"HTTP/1.1 200 OK\r\nContent"])
def test_an_answer_cut_short_is_none(wire: bytes) -> None:
    incoming = Incoming(100)
    incoming.take(wire[:-2])

    assert incoming.end() is None


def test_an_empty_answer_needs_no_length() -> None:
    answer, incoming = in_pieces(b"HTTP/1.1 204 No Content\r\n\r\n", 1000)

    assert answer is not None
    assert (answer.body, incoming.lasting) == (b"", True)


LAST = [
    # why the connection is not used again
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: Close\r\n\r\nok",
    b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nmore",
]


@pytest.mark.parametrize("wire", LAST)
def test_a_connection_that_is_not_clean_does_not_last(wire: bytes) -> None:
    answer, incoming = in_pieces(wire, 1000)

    assert answer is not None
    assert (answer.body, incoming.lasting) == (b"ok", False)


LONG = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nlong\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nlong",
]


@pytest.mark.parametrize("wire", LONG)
def test_an_answer_over_the_limit_is_told(wire: bytes) -> None:
    answer, incoming = in_pieces(wire, 1000, limit=3)

    assert answer is not None
    assert (answer.overlong, answer.body, incoming.lasting) == (True, b"", False)


def test_a_long_error_has_no_body() -> None:
    answer, _ = in_pieces(b"HTTP/1.1 500 Oh\r\nContent-Length: 99\r\n\r\n", 1000, limit=3)

    assert answer is not None
    assert (answer.status, answer.overlong, answer.body) == (500, False, b"")


BROKEN = [
    b"SSH-2.0-OpenSSH\r\n\r\n",
    b"HTTP/2 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxx\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokno\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 5000,
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * (MAX_HEAD + 1),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * MAX_HEAD,
    b"HTTP/1.1 100 Continue\r\n\r\n" * MAX_HEAD,
]


@pytest.mark.parametrize("wire", BROKEN)
def test_what_is_no_http_is_broken(wire: bytes) -> None:
    incoming = Incoming(100)

    with pytest.raises(BrokenAnswerError):
        incoming.take(wire)


def spent(start: bytes, piece: bytes, count: int, *, at_once: bool) -> float:
    """Processor seconds that an answer of so many pieces takes."""
    pieces = [piece * count] if at_once else [piece] * count
    incoming = Incoming(len(piece) * count)
    incoming.take(start)
    before = process_time()
    for one in pieces:
        assert incoming.take(one) is None
    return process_time() - before


LONG_ONES = [
    # how it begins, what comes again and again, and whether all of that comes together
    (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1000, False),
    (CHUNKED[:47], b"1\r\nx\r\n", True),
]


@pytest.mark.parametrize(("start", "piece", "at_once"), LONG_ONES, ids=["pieces", "chunks"])
def test_an_answer_eight_times_as_long_takes_no_sixty_fold_time(
    start: bytes, piece: bytes, *, at_once: bool
) -> None:
    short = min(spent(start, piece, 5000, at_once=at_once) for _ in range(3))

    long = min(spent(start, piece, 40000, at_once=at_once) for _ in range(3))

    assert long < 45 * short
