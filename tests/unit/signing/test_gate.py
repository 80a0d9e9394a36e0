import base64
from collections.abc import Callable

import pytest

from signing import armor, gate
from tamizdat.errors import FormatError
from tamizdat.wire import Key
from tests.unit.signing.pens import Pen

BODY = b'{"type":"pointer"}\n'
PEN = Pen("gate")
WHERE = "latest.json.asc"
ISSUER = b"\x16\x21\x04" + bytes.fromhex(PEN.fingerprint)
CREATED = b"\x05\x02" + (1_763_600_000).to_bytes(4, "big")


def judge(text: str, body: bytes = BODY, key: Key = PEN.key) -> gate.Parsed:
    parsed = gate.parse(text, WHERE)
    gate.check(parsed, body, key, WHERE)
    return parsed


def refusal(text: str) -> str:
    with pytest.raises(FormatError) as caught:
        judge(text)
    return caught.value.clause


def test_a_good_signature_passes() -> None:
    parsed = judge(PEN.sign(BODY).armor)

    assert (parsed.fingerprint, parsed.created) == (PEN.fingerprint, 1_763_600_000)


def test_every_changed_character_is_refused() -> None:
    text = PEN.sign(BODY).armor

    for at in range(len(text)):
        for other in {chr(ord(text[at]) ^ 1), chr(ord(text[at]) ^ 0x20), "A", "=", "\n"} - {
            text[at]
        }:
            assert refusal(text[:at] + other + text[at + 1 :])


def test_every_cut_and_every_insertion_is_refused() -> None:
    text = PEN.sign(BODY).armor

    for at in range(len(text)):
        assert refusal(text[:at])
        assert refusal(text[:at] + text[at + 1 :])
        assert refusal(text[:at] + "\n" + text[at:])
        assert refusal(text[:at] + "\f" + text[at:])
    assert refusal(text + "\n")
    assert refusal(text + text)


def test_every_changed_octet_of_the_packet_is_refused() -> None:
    packet = PEN.packet(BODY, 1_763_600_000)

    for at in range(len(packet)):
        for bit in range(8):
            changed = packet[:at] + bytes([packet[at] ^ 1 << bit]) + packet[at + 1 :]
            assert refusal(armor.encode(changed))


def test_another_body_or_another_key_is_refused() -> None:
    text = PEN.sign(BODY).armor
    parsed = gate.parse(text, WHERE)

    for body, key in ((BODY + b" ", PEN.key), (BODY, Pen("other").key)):
        with pytest.raises(FormatError) as caught:
            gate.check(parsed, body, key, WHERE)
        assert caught.value.clause == "2.8"


HEADS = [
    (bytes([3, 0, 22, 10]), "version 3"),
    (bytes([6, 0, 22, 10]), "version 6"),
    (bytes([4, 1, 22, 10]), "text mode"),
    (bytes([4, 0, 1, 10]), "RSA"),
    (bytes([4, 0, 27, 10]), "Ed25519 of RFC 9580"),
    (bytes([4, 0, 22, 8]), "SHA-256"),
    (bytes([4, 0, 22, 2]), "SHA-1"),
]


@pytest.mark.parametrize(("head", "name"), HEADS)
def test_other_versions_and_algorithms_are_refused(head: bytes, name: str) -> None:
    text = armor.encode(PEN.packet(BODY, 1_763_600_000, head))

    assert refusal(text) == "2.5", name


AREAS = [
    (ISSUER, "no time"),
    (CREATED, "no issuer"),
    (ISSUER + CREATED + CREATED, "two times"),
    (ISSUER + ISSUER + CREATED, "two issuers"),
    (ISSUER + CREATED + b"\x02\xe4\x00", "an unknown critical subpacket"),
    (ISSUER + CREATED + b"\x05\x83\x00\x00\x00\x01", "a critical expiry"),
    (ISSUER + CREATED + b"\x00", "an empty subpacket"),
    (ISSUER + CREATED + b"\x09\x10", "a subpacket that is cut"),
    (ISSUER + CREATED + b"\xc0\x00\x14", "a length of two octets"),
    (ISSUER + b"\x04\x02\x00\x00\x00", "a short time"),
    (b"\x16\x21\x06" + ISSUER[3:] + CREATED, "an issuer of version 6"),
]


@pytest.mark.parametrize(("area", "name"), AREAS)
def test_other_hashed_areas_are_refused(area: bytes, name: str) -> None:
    assert refusal(armor.encode(PEN.packet_with(BODY, area))) == "2.6", name


def test_a_subpacket_that_is_not_critical_is_let_in() -> None:
    area = ISSUER + b"\x02\x14\x00" + CREATED

    judge(armor.encode(PEN.packet_with(BODY, area)))


def rebuilt(change: Callable[[bytearray], bytes]) -> str:
    return armor.encode(change(bytearray(PEN.packet(BODY, 1_763_600_000))))


def with_length(packet: bytearray, extra: bytes) -> bytes:
    packet[1] += len(extra)
    return bytes(packet) + extra


def added_to_s(packet: bytearray) -> bytes:
    start = len(packet) - 32
    s = int.from_bytes(packet[start:], "little") + gate.GROUP_ORDER
    octets = s.to_bytes(32, "little")
    bits = int.from_bytes(octets, "big").bit_length().to_bytes(2, "big")
    return bytes(packet[: start - 2]) + bits + octets


SHAPES: list[tuple[Callable[[bytearray], bytes], str, str]] = [
    (lambda _: b"", "2.3", "nothing"),
    (lambda _: b"\x88", "2.4", "a header without a length"),
    (lambda _: b"\x88\x00", "2.5", "an empty packet"),
    (lambda p: b"\xc2" + bytes(p[1:]), "2.4", "the new header form"),
    (lambda p: b"\x89\x00" + bytes(p[1:]), "2.4", "two length octets"),
    (lambda p: bytes(p) + bytes(p), "2.4", "two packets"),
    (lambda p: with_length(p, b"\x00"), "2.7", "an octet too many"),
    (lambda p: bytes([0x88, 100]) + bytes(p[2:102]), "2.7", "a number that is cut"),
    (lambda p: bytes([0x88, 40]) + bytes(p[2:42]), "2.4", "an end in the middle"),
    (added_to_s, "2.7", "S over the order of the group"),
]


@pytest.mark.parametrize(("change", "clause", "name"), SHAPES)
def test_other_shapes_are_refused(
    change: Callable[[bytearray], bytes], clause: str, name: str
) -> None:
    assert refusal(rebuilt(change)) == clause, name


def test_a_number_over_32_octets_is_refused() -> None:
    packet = PEN.packet(BODY, 1_763_600_000)
    numbers = b"\x01\x08" + b"\x80" + bytes(32)
    content = packet[2:51] + numbers + numbers

    assert refusal(armor.encode(bytes([0x88, len(content)]) + content)) == "2.7"


def test_a_number_with_leading_zeros_is_refused() -> None:
    usual = len(PEN.packet(BODY, 0))
    short = next(made for n in range(10_000) if len(made := PEN.packet(BODY, n)) < usual)
    judge(armor.encode(short))
    first = (int.from_bytes(short[51:53], "big") + 7) // 8
    at = 53 if first < 32 else 55 + first
    padded = short[:at] + b"\0" + short[at:]

    assert refusal(armor.encode(bytes([0x88, len(padded) - 2]) + padded[2:])) == "2.7"


OTHER_TOOLS: list[Callable[[bytes], str]] = [
    lambda p: armor.encode(b"\xc2" + p[1:]),
    lambda p: armor.encode(b"\x89\x00" + p[1:]),
    lambda p: armor.encode(p).replace("\n\n", "\nVersion: GnuPG v1\nComment: hello\n\n", 1),
    lambda p: armor.encode(p).replace("\n", "\r\n"),
    lambda p: "".join(
        line for line in armor.encode(p).splitlines(keepends=True) if not line.startswith("=")
    ),
    lambda p: armor.encode(bytes([0x88, p[1] - 10]) + p[2:37] + b"\0\0" + p[49:]),
]


@pytest.mark.parametrize("spell", OTHER_TOOLS)
def test_signatures_of_other_tools_are_respelled(spell: Callable[[bytes], str]) -> None:
    text = spell(PEN.packet(BODY, 1_763_600_000))

    spelling = gate.normalise(text, WHERE)

    assert spelling == PEN.sign(BODY).armor


def test_an_armor_of_another_tool_has_a_limit() -> None:
    plain = PEN.sign(BODY).armor
    line = "Comment: " + "x" * (armor.MAX_ARMOR - len(plain) - len("Comment: \n")) + "\n"
    longest = plain.replace("\n\n", f"\n{line}\n", 1)

    spelling = gate.normalise(longest, WHERE)

    assert len(longest) == armor.MAX_ARMOR
    assert spelling == plain
    with pytest.raises(FormatError):
        gate.normalise(longest + "\n", WHERE)


def cut(packet: bytes, octets: int = 1) -> bytes:
    return bytes([packet[0], packet[1] - octets]) + packet[2:-octets]


def extended(packet: bytes) -> bytes:
    return bytes([packet[0], packet[1] + 1]) + packet[2:] + b"\0"


def with_area(packet: bytes, area: bytes) -> bytes:
    """Another hashed area, and the old header of two length octets."""
    content = packet[2:6] + len(area).to_bytes(2, "big") + area + packet[37:]
    return b"\x89" + len(content).to_bytes(2, "big") + content


PACKET = PEN.packet(BODY, 1)
LARGE = ISSUER + CREATED + b"\xc0\x64" + bytes(191)
NOT_RESPELLED = [
    ("nothing", "", "2.3"),
    ("words before it", "junk" + PEN.sign(BODY).armor, "2.3"),
    ("another packet", armor.encode(b"\x99\x01\x02"), "2.4"),
    ("no packet", armor.encode(b""), "2.3"),
    ("two packets", armor.encode(PACKET * 2), "2.4"),
    ("a packet that is cut", armor.encode(PACKET[:-1]), "2.4"),
    ("a packet that is cut, and says so", armor.encode(cut(PACKET)), "2.7"),
    ("a packet that ends before S", armor.encode(cut(PACKET, 32)), "2.7"),
    ("an octet after the numbers", armor.encode(extended(PACKET)), "2.7"),
    ("no signature in it", armor.encode(b"\xc2\x05abcde"), "2.5"),
    ("a subpacket of two octets of length", armor.encode(with_area(PACKET, LARGE)), "2.6"),
    ("base64 that is none", armor.encode(PACKET).replace("\n=", "=\n="), "2.3"),
    ("one that is too long", "A" * 2000, "2.3"),
]


@pytest.mark.parametrize(("name", "text", "clause"), NOT_RESPELLED)
def test_what_is_no_signature_cannot_be_respelled(name: str, text: str, clause: str) -> None:
    with pytest.raises(FormatError) as caught:
        gate.normalise(text, WHERE)

    assert caught.value.clause == clause, name


def test_armor_that_is_no_text_is_refused() -> None:
    with pytest.raises(FormatError) as caught:
        armor.text(b"\xff", WHERE)

    assert caught.value.clause == "2.3"


def test_a_fingerprint_follows_from_time_and_key() -> None:
    # A key that gpg 2.2.40 made for this test; its secret half was thrown away.
    raw = base64.b64encode(bytes.fromhex(KNOWN_RAW)).decode()
    key = Key(alg="ed25519", created=1795458801, raw=raw)

    assert gate.key_fingerprint(key) == "1978D0B0051C1BEA2177BE7F03B4DC867A1B47A5"


KNOWN_RAW = "0ad1191378b0682ae3fff624893cb49c804307e18a61dfedebaec15559e6683c"
