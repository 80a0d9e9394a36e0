"""A press: small newsrooms with fixed keys, and the whole files that the cases spoil."""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from tamizdat.digest import digest
from tests.unit.signing.pens import Pen
from tests.unit.signing.zips import plain_zip
from tests.vectors.recipe import Form, attach

CHANNEL = "0123456789abcdef" * 2
ISSUED = "2026-11-20T12:00:00Z"
EXPIRES = "2026-12-20T12:00:00Z"
ROOT_EXPIRES = "2027-11-19T12:00:00Z"
SIGNED_AT = 1_763_600_000
PAGE = "<!doctype html>\n<title>Edition 7</title>\n<p>Words. Слова. واژه‌ها.\n".encode()
TRIO = ("root-a", "root-b", "root-c")

Fields = dict[str, Any]


@cache
def pen(name: str) -> Pen:
    """The key of this name in every vector."""
    return Pen(f"vectors/{name}")


def fingerprint(name: str) -> str:
    return pen(name).fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A text and the armors beside it, by fingerprint."""

    text: str
    signatures: Mapping[str, str]

    def entry(self) -> Fields:
        return {"text": self.text, "signatures": dict(self.signatures)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A file passed by hand, taken apart, so that a case can spoil one part."""

    form: Form
    body: bytes
    slip: Signed
    roots: tuple[Signed, ...]

    def trailer(self) -> bytes:
        return trailer(self.slip.entry() | {"roots": [root.entry() for root in self.roots]})

    def file(self) -> bytes:
        return attach(self.form, self.body, self.trailer())

    def root_id(self) -> str:
        return digest(self.roots[0].text.encode())

    def with_slip(self, text: str | bytes, *names: str) -> "Copy":
        """Another slip, signed again by these keys."""
        plain = text.decode() if isinstance(text, bytes) else text
        return replace(self, slip=sign(plain, *(names or ("release",))))


def trailer(fields: Fields) -> bytes:
    """The trailer's text: `slip`, `signatures` and `roots` in their one spelling."""
    shape = {("slip" if name == "text" else name): value for name, value in fields.items()}
    return spelled(shape).encode()


def spelled(value: Any) -> str:
    """Canonical JSON, also of what `canonical.encode` would not let out."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def sign(text: str, *names: str) -> Signed:
    made = {fingerprint(name): pen(name).sign(text.encode(), SIGNED_AT).armor for name in names}
    return Signed(text=text, signatures=made)


def root_fields(version: int = 1, release: Sequence[str] = ("release",), needed: int = 1) -> Fields:
    """A root that names three root keys (two must sign) and these release keys."""
    names = (*TRIO, *release, "timestamp", "mirrors", "denial")
    one = {role: [fingerprint(role)] for role in ("timestamp", "mirrors", "denial")}
    roles = {role: {"keys": keys, "threshold": 1} for role, keys in one.items()}
    roles["root"] = {"keys": [fingerprint(name) for name in TRIO], "threshold": 2}
    roles["release"] = {"keys": [fingerprint(name) for name in release], "threshold": needed}
    return {
        "type": "root",
        "spec": "1.0",
        "channel": CHANNEL,
        "version": version,
        "issued": "2026-11-19T12:00:00Z",
        "expires": ROOT_EXPIRES,
        "keys": {fingerprint(name): pen(name).key.plain() for name in names},
        "roles": roles,
    }


def slip_fields(body: bytes, kind: str, root_version: int = 1) -> Fields:
    return {
        "type": "bundle",
        "spec": "1.0",
        "channel": CHANNEL,
        "issued": ISSUED,
        "root_version": root_version,
        "edition": 7,
        "expires": EXPIRES,
        "kind": kind,
        "language": "en",
        "body": {"sha256": digest(body), "len": len(body)},
    }


def root(version: int = 1, signers: Sequence[str] = TRIO[:2], **changes: Any) -> Signed:
    return sign(spelled(root_fields(version) | changes), *signers)


@cache
def chain() -> tuple[Signed, ...]:
    """Three roots: the second names another release key, the third two keys of which both sign."""
    second = root_fields(2, ("release-2",))
    third = root_fields(3, ("release-2", "release-3"), 2)
    later = (sign(spelled(fields), *TRIO[1:]) for fields in (second, third))
    return (root(), *later)


@cache
def html(kind: str = "html", body: bytes = PAGE) -> Copy:
    slip = sign(spelled(slip_fields(body, kind)), "release")
    return Copy(form="html", body=body, slip=slip, roots=(root(),))


@cache
def chained(form: Form = "html") -> Copy:
    """A copy under the chain of three roots."""
    plain = html() if form == "html" else zipped()
    slip = spelled(slip_fields(plain.body, form, 3))
    made = Copy(
        form=form, body=plain.body, slip=sign(slip, "release-2", "release-3"), roots=chain()
    )
    return settled(made, 3, "release-2", "release-3") if form == "zip" else made


@cache
def zipped(members: tuple[tuple[str, bytes], ...] = (("en/index.html", PAGE),)) -> Copy:
    body = plain_zip(dict(members))
    slip = sign(spelled(slip_fields(body, "zip")), "release")
    return settled(Copy(form="zip", body=body, slip=slip, roots=(root(),)), 1, "release")


def settled(copy: Copy, version: int, *names: str) -> Copy:
    """A ZIP that announces its trailer's length, which the slip over it may change once more."""
    for second in range(60):
        length = len(attach("zip", copy.body, copy.trailer())) - len(copy.body)
        body = copy.body[:-2] + struct.pack("<H", length)
        issued = f"2026-11-20T12:00:{second:02}Z"
        fields = slip_fields(body, "zip", version) | {"issued": issued}
        next_copy = replace(copy, body=body, slip=sign(spelled(fields), *names))
        if len(attach("zip", body, next_copy.trailer())) - len(body) == length:
            return next_copy
        copy = next_copy
    raise AssertionError("a trailer comes to rest within a few tries")


BASES: Mapping[str, Copy] = {
    "html": html(),
    "text": html("text"),
    "zip": zipped(),
    "chain": chained(),
    "chain-zip": chained("zip"),
}
