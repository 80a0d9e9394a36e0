"""Cases of signatures and of chains: formats 2 and 6.2."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from signing import armor
from signing.gate import GROUP_ORDER
from tests.unit.signing.pens import number
from tests.vectors import curve
from tests.vectors.asking import GENUINE, of_copy, own_root, refused, slip_with
from tests.vectors.press import (
    CHANNEL,
    SIGNED_AT,
    TRIO,
    Copy,
    Signed,
    chain,
    chained,
    fingerprint,
    html,
    pen,
    root_fields,
    sign,
    spelled,
)
from tests.vectors.recipe import Case

ISSUER = b"\x16\x21\x04" + bytes.fromhex(fingerprint("release"))
CREATED = b"\x05\x02" + SIGNED_AT.to_bytes(4, "big")
BODY = html().slip.text.encode()
ARMOR = html().slip.signatures[fingerprint("release")]
PACKET = pen("release").packet(BODY, SIGNED_AT)
HEAD = "-----BEGIN PGP SIGNATURE-----\n"

ARMORS: list[tuple[str, str]] = [
    ("empty", ""),
    ("no line feed at its end", ARMOR[:-1]),
    ("one line feed more", ARMOR + "\n"),
    ("a line before", "\n" + ARMOR),
    ("a space after a line", ARMOR.replace("\n=", " \n=")),
    ("line ends of Windows", ARMOR.replace("\n", "\r\n")),
    ("a header", ARMOR.replace("\n\n", "\nVersion: 1\n\n", 1)),
    ("no empty line", ARMOR.replace("\n\n", "\n", 1)),
    ("no checksum", "".join(one for one in ARMOR.splitlines(keepends=True) if one[0] != "=")),
    ("a wrong checksum", ARMOR.replace("\n=", "\n=A", 1)),
    ("another octet, the same checksum", armor.encode(PACKET[:-1] + b"\0")[:-36] + ARMOR[-36:]),
    ("lines of 63", HEAD + "\n" + base64.b64encode(PACKET).decode()[:63] + "\n" + ARMOR[96:]),
    ("two of them", ARMOR + ARMOR),
    ("a message", ARMOR.replace("SIGNATURE", "MESSAGE")),
    ("letters that are not ASCII", ARMOR.replace("A", "Ａ", 1)),
    ("bits left over", ARMOR.replace("=\n=", "B\n=", 1) if "=\n=" in ARMOR else ARMOR + "="),
    ("over its limit", HEAD + "\n" + ("A" * 64 + "\n") * 16 + "=AAAA\n"),
    ("well spelled, and over its limit", armor.encode(bytes(900))),
    ("no octet", armor.encode(b"")),
]

HEADS: list[tuple[str, bytes]] = [
    ("version 3", bytes([3, 0, 22, 10])),
    ("version 6", bytes([6, 0, 22, 10])),
    ("over text", bytes([4, 1, 22, 10])),
    ("a certification", bytes([4, 0x13, 22, 10])),
    ("RSA", bytes([4, 0, 1, 10])),
    ("Ed25519 of RFC 9580", bytes([4, 0, 27, 10])),
    ("SHA-256", bytes([4, 0, 22, 8])),
    ("SHA-1", bytes([4, 0, 22, 2])),
]

AREAS: list[tuple[str, bytes, str]] = [
    ("no time", ISSUER, "2.6"),
    ("no issuer", CREATED, "2.6"),
    ("two times", ISSUER + CREATED + CREATED, "2.6"),
    ("two issuers", ISSUER + ISSUER + CREATED, "2.6"),
    ("an unknown critical subpacket", ISSUER + CREATED + b"\x02\xe4\x00", "2.6"),
    ("a critical expiry", ISSUER + CREATED + b"\x05\x83\x00\x00\x00\x01", "2.6"),
    ("a critical notation", ISSUER + CREATED + b"\x0b\x94\x80\0\0\0\0\x01\0\x01ab", "2.6"),
    ("an empty subpacket", ISSUER + CREATED + b"\x00", "2.6"),
    ("a subpacket that is cut", ISSUER + CREATED + b"\x09\x10", "2.6"),
    ("a length of two octets", ISSUER + CREATED + b"\xc0\x00\x14", "2.6"),
    ("a short time", ISSUER + b"\x04\x02\x00\x00\x00", "2.6"),
    ("an issuer of version 6", b"\x16\x21\x06" + ISSUER[3:] + CREATED, "2.6"),
    ("a notation", ISSUER + CREATED + b"\x0b\x14\x80\0\0\0\0\x01\0\x01ab", ""),
    ("a critical time", ISSUER + b"\x05\x82" + CREATED[2:], ""),
    ("a critical issuer", b"\x16\xa1\x04" + ISSUER[3:] + CREATED, ""),
    ("a time before the issuer", CREATED + ISSUER, ""),
    ("a subpacket cut by one octet", ISSUER + CREATED + b"\x03\x64\x00", "2.6"),
    ("a subpacket without content", ISSUER + CREATED + b"\x01\x64", ""),
]


def _extended(packet: bytes, extra: bytes) -> bytes:
    return bytes([packet[0], packet[1] + len(extra)]) + packet[2:] + extra


def _unhashed(area: bytes) -> Callable[[bytes], bytes]:
    def change(packet: bytes) -> bytes:
        own, rest = packet[2:37], packet[49:]
        content = own + len(area).to_bytes(2, "big") + area + rest
        return bytes([0x88, len(content)]) + content

    return change


def _s_of(packet: bytes) -> int:
    return int.from_bytes(packet[-32:], "little")


def _with_s(packet: bytes, s: int) -> bytes:
    return packet[:-34] + number(s.to_bytes(32, "little"))


def _large_subpacket(packet: bytes) -> bytes:
    """One of 192 octets: the packet has room for it where its numbers are nought."""
    area = ISSUER + CREATED + b"\xc0\x64" + bytes(191)
    content = packet[2:6] + len(area).to_bytes(2, "big") + area + bytes(8)
    return bytes([0x88, len(content)]) + content


_KEY_ID = ISSUER[-8:]
SHAPES: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("a header without a length", lambda _: b"\x88", "2.4"),
    ("as long as an armor may hold", lambda _: bytes(708), "2.4"),
    ("an octet longer than an armor may hold", lambda _: bytes(709), "2.3"),
    ("an empty packet", lambda _: b"\x88\x00", "2.5"),
    ("the new header form", lambda p: b"\xc2" + p[1:], "2.4"),
    ("two length octets", lambda p: b"\x89\x00" + p[1:], "2.4"),
    ("another packet", lambda p: b"\x99" + p[1:], "2.4"),
    ("two packets", lambda p: p + p, "2.4"),
    ("an octet after it", lambda p: p + b"\0", "2.4"),
    ("an octet in it", lambda p: _extended(p, b"\0"), "2.7"),
    ("a number that is cut", lambda p: bytes([0x88, 100]) + p[2:102], "2.7"),
    ("an end in the middle", lambda p: bytes([0x88, 40]) + p[2:42], "2.4"),
    ("an end in the check of the hash", lambda p: bytes([0x88, 48]) + p[2:50], "2.4"),
    ("an end before the numbers", lambda p: bytes([0x88, 49]) + p[2:51], "2.7"),
    ("an end before S", lambda p: bytes([0x88, len(p) - 36]) + p[2:-34], "2.7"),
    ("a subpacket of 192 octets", _large_subpacket, "2.6"),
    ("S over the order of the group", lambda p: _with_s(p, _s_of(p) + GROUP_ORDER), "2.7"),
    ("S is the order of the group", lambda p: _with_s(p, GROUP_ORDER), "2.7"),
    ("S below the order of the group", lambda p: _with_s(p, GROUP_ORDER - 1), "2.8"),
    ("another check of the hash", lambda p: p[:49] + bytes([p[49] ^ 1]) + p[50:], "2.8"),
    ("another R", lambda p: p[:60] + bytes([p[60] ^ 1]) + p[61:], "2.8"),
    ("another S", lambda p: p[:-5] + bytes([p[-5] ^ 1]) + p[-4:], "2.8"),
    ("no unhashed area", _unhashed(b""), "2.7"),
    ("another key id", _unhashed(b"\x09\x10" + bytes(8)), "2.7"),
    ("a key id twice", _unhashed((b"\x09\x10" + _KEY_ID) * 2), "2.7"),
    ("an unhashed remark", _unhashed(b"\x09\x10" + _KEY_ID + b"\x02\x14\x00"), "2.7"),
]


def _armored(text: str) -> Copy:
    return replace(
        html(), slip=Signed(text=BODY.decode(), signatures={fingerprint("release"): text})
    )


def gate_cases() -> Iterator[Case]:
    for name, text in ARMORS:
        yield of_copy(f"armor: {name}", _armored(text), refused("2.3"))
    for name, head in HEADS:
        packet = pen("release").packet(BODY, SIGNED_AT, head)
        yield of_copy(f"signature: {name}", _armored(armor.encode(packet)), refused("2.5"))
    for name, area, clause in AREAS:
        packet = pen("release").packet_with(BODY, area)
        answer = refused(clause) if clause else GENUINE
        yield of_copy(f"signature: {name}", _armored(armor.encode(packet)), answer)
    for name, change, clause in SHAPES:
        yield of_copy(f"packet: {name}", _armored(armor.encode(change(PACKET))), refused(clause))
    yield from _numbers()


def _numbers() -> Iterator[Case]:
    """Signatures whose R or S begins with zeros: one in 128, found by the clock."""
    made = (pen("release").packet(BODY, SIGNED_AT - n) for n in range(10_000))
    short = next(packet for packet in made if len(packet) < len(PACKET))
    yield of_copy("packet: a short number", _armored(armor.encode(short)), GENUINE)
    first = (int.from_bytes(short[51:53], "big") + 7) // 8
    at = 53 if first < 32 else 55 + first
    padded = short[:at] + b"\0" + short[at:]
    spoilt = bytes([0x88, len(padded) - 2]) + padded[2:]
    yield of_copy("packet: a zero before a number", _armored(armor.encode(spoilt)), refused("2.7"))


def chain_cases() -> Iterator[Case]:
    one, two, three = chain()
    copy = chained()
    third = root_fields(3, ("release-2", "release-3"), 2)
    rows: list[tuple[str, Sequence[Signed], str]] = [
        ("the second is missing", (one, three), "6.2"),
        ("the third is missing", (one, two), "2.10"),
        ("the second comes twice", (one, two, two), "6.2"),
        ("they come in another order", (one, three, two), "6.2"),
        ("the third by one root key", (one, two, sign(three.text, "root-b")), "2.10"),
        ("the third by nobody", (one, two, sign(three.text)), "2.10"),
        ("the third by a release key", (one, two, sign(three.text, "root-b", "release-2")), "2.10"),
        ("another channel", (one, two, _third(third, channel="f" * 32)), "6.3"),
        ("the third by three", (one, two, sign(three.text, *TRIO)), ""),
        ("the first by all three", (sign(one.text, *TRIO), two, three), ""),
        ("the first by one", (sign(one.text, "root-a"), two, three), "2.10"),
        ("the first by nobody", (sign(one.text), two, three), "2.10"),
        ("the third by new root keys only", (one, two, _taken_over("new-a", "new-b")), "2.10"),
        ("the third by old root keys only", (one, two, _taken_over("root-a", "root-b")), "2.10"),
        (
            "the third by old and new",
            (one, two, _taken_over("root-a", "root-b", "new-a", "new-b")),
            "",
        ),
    ]
    for name, roots, clause in rows:
        answer = refused(clause) if clause else GENUINE
        yield of_copy(f"chain: {name}", replace(copy, roots=tuple(roots)), answer, "chain")
    moved = (one, two, _third(third, channel="f" * 32))
    text = copy.slip.text.replace(CHANNEL, "f" * 32)
    slip = sign(text, "release-2", "release-3")
    follows = replace(copy, roots=moved, slip=slip)
    yield of_copy("chain: another channel, and its slip", follows, refused("6.3"), "chain")
    yield from _slips_of_the_chain()


def _third(fields: dict[str, Any], **changes: Any) -> Signed:
    return sign(spelled(fields | changes), *TRIO[1:])


def _taken_over(*signers: str) -> Signed:
    """A third root that names other root keys."""
    fields = root_fields(3, ("release-2", "release-3"), 2)
    new = ("new-a", "new-b")
    keys = fields["keys"] | {fingerprint(name): pen(name).key.plain() for name in new}
    role = {"keys": [fingerprint(name) for name in new], "threshold": 2}
    return sign(
        spelled(fields | {"keys": keys, "roles": fields["roles"] | {"root": role}}), *signers
    )


def _slips_of_the_chain() -> Iterator[Case]:
    text = chained().slip.text
    swapped = {
        fingerprint(name): pen(other).sign(text.encode(), SIGNED_AT).armor
        for name, other in (("release-2", "release-3"), ("release-3", "release-2"))
    }
    wrong = dict(sign(text, "release-2").signatures) | dict(
        sign(text + " ", "release-3").signatures
    )
    rows: list[tuple[str, Signed, str]] = [
        ("one of two release keys", sign(text, "release-2"), "2.10"),
        ("nobody", sign(text), "2.10"),
        ("the first root's release key", sign(text, "release"), "2.10"),
        ("all three release keys", sign(text, "release", "release-2", "release-3"), ""),
        ("the timestamp key too", sign(text, "release-2", "release-3", "timestamp"), "2.10"),
        ("a root key too", sign(text, "release-2", "release-3", "root-a"), "2.10"),
        ("a stranger", sign(text, "stranger"), "2.10"),
        ("each under the other's name", Signed(text=text, signatures=swapped), "2.1"),
        ("one right, one over other bytes", Signed(text=text, signatures=wrong), "2.8"),
    ]
    for name, slip, clause in rows:
        answer = refused(clause) if clause else GENUINE
        yield of_copy(f"slip by {name}", replace(chained(), slip=slip), answer, "chain")


def odd_key_cases() -> Iterator[Case]:
    """Keys and signatures at the edges of Ed25519, where verifiers are known to differ."""
    for name, raw, make, clause in curve.ODD:
        key, mark = curve.key_of(raw)
        fields = root_fields()
        keys = fields["keys"] | {mark: key}
        role = {"keys": [mark], "threshold": 1}
        text = spelled(fields | {"keys": keys, "roles": fields["roles"] | {"release": role}})
        copy = own_root(text, *TRIO[:2])
        signed = curve.armored(slip_with().encode(), raw, mark, make, SIGNED_AT)
        slip = Signed(text=slip_with(), signatures={mark: signed})
        answer = refused(clause) if clause else GENUINE
        yield of_copy(f"curve: {name}", replace(copy, slip=slip), answer)
