"""A signature on a request to an S3 bucket: AWS's Signature Version 4, the key of a day kept."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from mirror.credentials import Credentials

_KEPT = "-_.~"
_ALGORITHM = "AWS4-HMAC-SHA256"


def query(fields: Mapping[str, str]) -> str:
    """The query of a request, in the one spelling that can be signed."""
    pairs = sorted((quote(name, _KEPT), quote(value, _KEPT)) for name, value in fields.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


class Signing:
    """Signs requests to one region's S3 with one pair of keys."""

    def __init__(self, credentials: Credentials, region: str) -> None:
        self._credentials = credentials
        self._region = region
        self._day = ""
        self._key = b""

    def headers(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> dict[str, str]:
        """`headers` and those that make it a signed request; their names are small and sorted.

        `target` is an absolute path and perhaps a query, escaped and sorted as `query` does it.
        """
        stamp = at.strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        signed = {**headers, "x-amz-content-sha256": digest, "x-amz-date": stamp}
        lines = "".join([f"{name}:{value}\n" for name, value in signed.items()])
        listed = ";".join(signed)
        path, _, asked_for = target.partition("?")
        canonical = f"{method}\n{path}\n{asked_for}\n{lines}\n{listed}\n{digest}"
        scope = f"{stamp[:8]}/{self._region}/s3/aws4_request"
        asked = hashlib.sha256(canonical.encode("ascii")).hexdigest()
        told = f"{_ALGORITHM}\n{stamp}\n{scope}\n{asked}"
        signature = hmac.digest(self._key_of(stamp[:8]), told.encode("ascii"), "sha256").hex()
        signed["authorization"] = (
            f"{_ALGORITHM} Credential={self._credentials.access_key}/{scope}, "
            f"SignedHeaders={listed}, Signature={signature}"
        )
        return signed

    def _key_of(self, day: str) -> bytes:
        if day != self._day:
            key = f"AWS4{self._credentials.secret_key}".encode()
            for part in (day, self._region, "s3", "aws4_request"):
                key = hmac.digest(key, part.encode("ascii"), "sha256")
            self._day, self._key = day, key
        return self._key
