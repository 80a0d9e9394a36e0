"""A censor in the path: sees every frame between the country and the world, and does its deeds.

A deed gives what shall become of a packet: None where it does not concern it, else a verdict with
frames to inject. Deeds are named in the rows.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.kit.lab.packets import (
    ACK,
    FIN,
    PSH,
    RST,
    TCP,
    UDP,
    Packet,
    answer,
    asked,
    dns_reply,
    frame_of,
    host,
    parsed,
    reset_onwards,
    server_name,
)

_OUTGOING = 4
_FRAME = 65535
_ETH_P_ALL = 3
_QUEUE_SECONDS = 0.5
PAGE = b"<html><head><title>Blocked</title></head><body>By order.</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of a packet: whether it goes on, when, and what is sent to either side."""

    passes: bool
    back: tuple[Packet, ...] = ()
    onwards: tuple[Packet, ...] = ()
    delay: float = 0.0


DROP = Fate(passes=False)


class Deed(Protocol):
    """One thing that a censor does. `outwards`: from the country to the world."""

    def __call__(self, packet: Packet, *, outwards: bool) -> Fate | None: ...


def _dns(name: str, rcode: int, address: str | None, *, race: bool) -> Deed:
    def deed(packet: Packet, *, outwards: bool) -> Fate | None:
        if not outwards or packet.protocol != UDP or packet.target[1] != 53:
            return None
        wanted, kind = asked(packet.payload)
        if wanted != name:
            return None
        lie = dns_reply(packet.payload, rcode, address if kind == 1 else None)
        return Fate(passes=race, back=(answer(packet, lie),))

    return deed


def dns_lie(name: str, address: str, *, race: bool = False) -> Deed:
    """Answers with another address; `race`: and lets the question pass, so two replies come."""
    return _dns(name, 0, address, race=race)


def dns_nxdomain(name: str) -> Deed:
    """Answers that there is no such name."""
    return _dns(name, 3, None, race=False)


def dns_drop(name: str) -> Deed:
    """Swallows questions for a name."""

    def deed(packet: Packet, *, outwards: bool) -> Fate | None:
        concerned = outwards and packet.protocol == UDP and asked(packet.payload)[0] == name
        return DROP if concerned else None

    return deed


def cut() -> Deed:
    """Nothing passes: the line is dead."""

    def deed(packet: Packet, *, outwards: bool) -> Fate | None:
        del packet, outwards
        return DROP

    return deed


def ip_drop(address: str) -> Deed:
    """Swallows everything for an address."""

    def deed(packet: Packet, *, outwards: bool) -> Fate | None:
        return DROP if outwards and packet.target[0] == address else None

    return deed


def ip_reset(address: str) -> Deed:
    """Refuses connections to an address."""

    def deed(packet: Packet, *, outwards: bool) -> Fate | None:
        if not outwards or packet.target[0] != address or packet.protocol != TCP:
            return None
        return Fate(passes=False, back=(answer(packet, b"", RST | ACK),))

    return deed


def tls_name_reset(name: str) -> Deed:
    """Resets both sides on a name in a ClientHello."""

    def deed(packet: Packet, *, outwards: bool) -> Fate | None:
        if not outwards or packet.protocol != TCP or server_name(packet.payload) != name:
            return None
        return _reset(packet)

    return deed


def tls_name_drop(name: str) -> Deed:
    """Swallows a ClientHello that bears a name."""

    def deed(packet: Packet, *, outwards: bool) -> Fate | None:
        concerned = outwards and packet.protocol == TCP and server_name(packet.payload) == name
        return DROP if concerned else None

    return deed


def http_keyword_reset(word: str) -> Deed:
    """Resets both sides on a word in a request."""

    def deed(packet: Packet, *, outwards: bool) -> Fate | None:
        if not outwards or packet.target[1] != 80 or word.encode() not in packet.payload:
            return None
        return _reset(packet)

    return deed


def http_blockpage(name: str) -> Deed:
    """Answers in the server's place, and resets the server."""

    def deed(packet: Packet, *, outwards: bool) -> Fate | None:
        if not outwards or packet.protocol != TCP or host(packet.payload) != name:
            return None
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
        page = answer(packet, head + PAGE, PSH | ACK | FIN)
        return Fate(passes=False, back=(page,), onwards=(reset_onwards(packet),))

    return deed


def throttle(name: str, rate: int) -> Deed:
    """Lets `rate` bytes a second through to the country on connections that bear a name."""
    free_at: dict[object, float] = {}

    def deed(packet: Packet, *, outwards: bool) -> Fate | None:
        now = asyncio.get_running_loop().time()
        if outwards and name in {server_name(packet.payload), host(packet.payload)}:
            free_at.setdefault(packet.flow, now)
        if outwards or packet.flow not in free_at:
            return None
        start = max(now, free_at[packet.flow])
        if start - now > _QUEUE_SECONDS:
            return DROP
        free_at[packet.flow] = start + (len(packet.payload) + 54) / rate
        return Fate(passes=True, delay=start - now)

    return deed


def freeze(name: str, after: int) -> Deed:
    """Swallows all that comes after so many bytes to the country on a connection with a name."""
    come: dict[object, int] = {}

    def deed(packet: Packet, *, outwards: bool) -> Fate | None:
        if outwards and name in {server_name(packet.payload), host(packet.payload)}:
            come.setdefault(packet.flow, 0)
        if outwards or packet.flow not in come:
            return None
        if come[packet.flow] + len(packet.payload) > after:
            come[packet.flow] = after
            return DROP
        come[packet.flow] += len(packet.payload)
        return None

    return deed


DEEDS: Mapping[str, Callable[..., Deed]] = {
    deed.__name__: deed
    for deed in (
        cut,
        dns_drop,
        dns_lie,
        dns_nxdomain,
        freeze,
        http_blockpage,
        http_keyword_reset,
        ip_drop,
        ip_reset,
        throttle,
        tls_name_drop,
        tls_name_reset,
    )
}


def _reset(packet: Packet) -> Fate:
    back = answer(packet, b"", RST | ACK)
    return Fate(passes=False, back=(back,), onwards=(reset_onwards(packet),))


@dataclass(kw_only=True)
class Censor:
    """A wire between two devices. With no deeds it is only a wire."""

    inner: str
    outer: str
    deeds: Sequence[Deed] = ()
    _sockets: dict[str, socket.socket] = field(default_factory=dict)

    def open(self) -> None:
        """Take both devices."""
        loop = asyncio.get_running_loop()
        for device in (self.inner, self.outer):
            taken = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
            taken.bind((device, 0))
            taken.settimeout(0)
            self._sockets[device] = taken
            loop.add_reader(taken, self._arrived, device)

    def close(self) -> None:
        """Let go of them."""
        loop = asyncio.get_running_loop()
        for taken in self._sockets.values():
            loop.remove_reader(taken)
            taken.close()
        self._sockets.clear()

    def _arrived(self, device: str) -> None:
        for _ in range(64):
            try:
                frame, (_, _, kind, *_) = self._sockets[device].recvfrom(_FRAME)
            except BlockingIOError:
                return
            if kind != _OUTGOING:
                self._judge(frame, device)

    def _judge(self, frame: bytes, device: str) -> None:
        other = self.outer if device == self.inner else self.inner
        packet = parsed(frame) if self.deeds else None
        for deed in self.deeds if packet else ():
            assert packet is not None
            fate = deed(packet, outwards=device == self.inner)
            if fate is not None:
                for forged in fate.back:
                    self._send(frame_of(forged), device)
                for forged in fate.onwards:
                    self._send(frame_of(forged), other)
                if fate.passes:
                    asyncio.get_running_loop().call_later(fate.delay, self._send, frame, other)
                return
        self._send(frame, other)

    def _send(self, frame: bytes, device: str) -> None:
        taken = self._sockets.get(device)
        if taken is not None:
            try:
                taken.send(frame)
            except BlockingIOError:
                return  # a full wire loses packets
