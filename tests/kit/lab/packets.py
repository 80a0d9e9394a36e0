"""Packets, as a censor reads and forges them: IPv4 with TCP or UDP, a name in a ClientHello."""

import socket
import struct
from dataclasses import dataclass, replace

TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
_ETHER = 14
_IPV4 = b"\x08\x00"
_IP = struct.Struct("!BBHHHBBH4s4s")
_TCP = struct.Struct("!HHLLBBHHH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One TCP segment or UDP datagram in its Ethernet frame."""

    ether: bytes
    protocol: int
    source: tuple[str, int]
    target: tuple[str, int]
    payload: bytes
    seq: int = 0
    ack: int = 0
    flags: int = 0

    @property
    def flow(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """The connection, the same in both directions."""
        first, second = sorted((self.source, self.target))
        return first, second


def parsed(frame: bytes) -> Packet | None:
    """The packet in `frame`; None for whatever else passes."""
    if frame[12:14] != _IPV4 or len(frame) < _ETHER + 20:
        return None
    fields = _IP.unpack_from(frame, _ETHER)
    start = _ETHER + (fields[0] & 15) * 4
    body = frame[start : _ETHER + fields[2]]
    source, target = socket.inet_ntoa(fields[8]), socket.inet_ntoa(fields[9])
    if fields[6] == UDP and len(body) >= 8:
        sport, dport = struct.unpack_from("!HH", body)
        return Packet(
            ether=frame[:_ETHER],
            protocol=UDP,
            source=(source, sport),
            target=(target, dport),
            payload=body[8:],
        )
    if fields[6] == TCP and len(body) >= 20:
        sport, dport, seq, ack, offset, flags, *_ = _TCP.unpack_from(body)
        return Packet(
            ether=frame[:_ETHER],
            protocol=TCP,
            source=(source, sport),
            target=(target, dport),
            payload=body[(offset >> 4) * 4 :],
            seq=seq,
            ack=ack,
            flags=flags,
        )
    return None


def frame_of(packet: Packet) -> bytes:
    """The bytes of a packet, checksums and all."""
    sport, dport = packet.source[1], packet.target[1]
    if packet.protocol == UDP:
        body = struct.pack("!HHHH", sport, dport, 8 + len(packet.payload), 0) + packet.payload
        check = 6
    else:
        fields = (sport, dport, packet.seq % 2**32, packet.ack % 2**32, 0x50, packet.flags)
        body = _TCP.pack(*fields, 65535, 0, 0) + packet.payload
        check = 16
    ends = socket.inet_aton(packet.source[0]) + socket.inet_aton(packet.target[0])
    told = _checksum(ends + struct.pack("!BBH", 0, packet.protocol, len(body)) + body)
    body = body[:check] + struct.pack("!H", told) + body[check + 2 :]
    head = _IP.pack(
        0x45, 0, 20 + len(body), 0, 0, 64, packet.protocol, 0, ends[:4], ends[4:]
    )  # fmt: skip
    head = head[:10] + struct.pack("!H", _checksum(head)) + head[12:]
    return packet.ether + head + body


def answer(packet: Packet, payload: bytes, flags: int = 0) -> Packet:
    """A packet back to the sender of `packet`, as its addressee would send it."""
    ether = packet.ether[6:12] + packet.ether[:6] + packet.ether[12:]
    length = len(packet.payload) + (1 if packet.flags & (SYN | FIN) else 0)
    return replace(
        packet,
        ether=ether,
        source=packet.target,
        target=packet.source,
        payload=payload,
        seq=packet.ack,
        ack=packet.seq + length,
        flags=flags,
    )


def reset_onwards(packet: Packet) -> Packet:
    """A reset to the addressee of `packet`, as its sender would send it."""
    return replace(packet, payload=b"", flags=RST | ACK)


def server_name(payload: bytes) -> str | None:
    """The name in a ClientHello that lies in one segment."""
    if payload[:1] != b"\x16" or payload[5:6] != b"\x01":
        return None
    try:
        at = 43
        at += 1 + payload[at]
        at += 2 + struct.unpack_from("!H", payload, at)[0]
        at += 1 + payload[at]
        end = at + 2 + struct.unpack_from("!H", payload, at)[0]
        at += 2
        while at + 4 <= end:
            kind, length = struct.unpack_from("!HH", payload, at)
            if kind == 0:
                return payload[at + 9 : at + 4 + length].decode("ascii", "replace")
            at += 4 + length
    except (IndexError, struct.error):
        return None
    return None


def host(payload: bytes) -> str | None:
    """The Host of an HTTP request that lies in one segment."""
    if not payload.startswith(b"GET "):
        return None
    for line in payload.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"host":
            return value.strip().decode("ascii", "replace").partition(":")[0]
    return None


def asked(query: bytes) -> tuple[str, int]:
    """The name and the type of a DNS query; an empty name for what is none."""
    labels, at = [], 12
    try:
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode("ascii", "replace"))
            at += 1 + length
        return ".".join(labels).lower(), struct.unpack_from("!H", query, at + 1)[0]
    except (IndexError, struct.error):
        return "", 0


def dns_reply(query: bytes, rcode: int, address: str | None) -> bytes:
    """A reply to `query` as any server could give it: one address, or none."""
    count = 1 if address else 0
    head = query[:2] + struct.pack("!HHHHH", 0x8180 | rcode, 1, count, 0, 0)
    record = (
        b"\xc0\x0c"
        + struct.pack("!HHIH", 1, 1, 60, 4)
        + socket.inet_aton(address or "255.255.255.255")
    )
    return head + query[12:] + (record if address else b"")


def _checksum(body: bytes) -> int:
    body += b"\0" * (len(body) % 2)
    total: int = sum(struct.unpack(f"!{len(body) // 2}H", body))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
