"""Signed requests, by the examples of AWS's own manual; and a listing's pages."""

from datetime import UTC, datetime

import pytest

from mirror import listing
from mirror.credentials import Credentials
from mirror.signature import Signing, query
from tamizdat.errors import BackendError

KEYS = Credentials(
    access_key="AKIAIOSFODNN7EXAMPLE", secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)
HOST = {"host": "examplebucket.s3.amazonaws.com"}
AT = datetime(2013, 5, 24, tzinfo=UTC)

EXAMPLES = [
    # target                    headers                             how the signature begins
    ("/test.txt",               {**HOST, "range": "bytes=0-9"},     "f0e8bdb87c964420e857"),
    ("/?max-keys=2&prefix=J",   HOST,                               "34b48302e7b5fa45bde8"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "headers", "begins"), EXAMPLES)
def test_the_manuals_examples_are_signed_as_there(
    target: str, headers: dict[str, str], begins: str
) -> None:
    signing = Signing(KEYS, "us-east-1")

    for _ in range(2):  # the second time with the key that was kept
        signed = signing.headers("GET", target, headers, b"", AT)

        assert signed["authorization"].partition("Signature=")[2].startswith(begins)


def test_another_day_has_another_key() -> None:
    signing = Signing(KEYS, "us-east-1")
    first = signing.headers("GET", "/test.txt", HOST, b"", AT)

    signing.headers("GET", "/test.txt", HOST, b"", AT.replace(day=25))

    assert signing.headers("GET", "/test.txt", HOST, b"", AT) == first


def test_a_query_is_sorted_and_escaped() -> None:
    assert query({"prefix": "a/b", "list-type": "2", "t": "+ ~"}) == (
        "list-type=2&prefix=a%2Fb&t=%2B%20~"
    )


PAGE = "<ListBucketResult><Contents><Key>a&amp;b</Key></Contents>{}</ListBucketResult>"


def test_a_listing_tells_where_it_goes_on() -> None:
    more = "<IsTruncated>true</IsTruncated><NextContinuationToken>x=</NextContinuationToken>"

    assert listing.told(PAGE.format(more).encode()) == (["a&b"], "x=")
    assert listing.told(PAGE.format("").encode()) == (["a&b"], "")


@pytest.mark.parametrize(
    "body", [b"<html>", PAGE.format("<IsTruncated>true</IsTruncated>").encode()]
)
def test_what_is_no_listing_is_refused(body: bytes) -> None:
    with pytest.raises(BackendError):
        listing.told(body)
