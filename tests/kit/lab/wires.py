"""Wires of the lab: three namespaces, and a censor between two of them.

    country --p0=c0-- censor (a router) --c1=x0-- [wire: censor.py] --x1=f0-- free

Everything is made inside a mount namespace with its own /run, so the names are nobody's business,
and all of it goes away with the last process.
"""

import fcntl
import socket
import struct
import subprocess
from collections.abc import Sequence

from tests.kit.lab.places import CENSOR, COUNTRY, FREE, INNER, OUTER, WORLD

_SIOCETHTOOL = 0x8946
_OFFLOADS = (0x17, 0x1F, 0x24, 0x2C)  # transmit checksums, TSO, GSO, GRO
_SECONDS = 20
_HOME = {"p0": COUNTRY, "c0": CENSOR, "c1": CENSOR, "f0": FREE}


def run(*command: str) -> None:
    """Run a command; its words are in the error where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")


def inside(place: str, command: Sequence[str]) -> list[str]:
    """The command line that runs `command` in a namespace."""
    return ["ip", "netns", "exec", place, *command]


def lay() -> None:
    """Make it all; must run inside `unshare`."""
    run("mount", "-t", "tmpfs", "none", "/run")
    run("mkdir", "/run/netns")
    for place in (COUNTRY, CENSOR, FREE):
        run("ip", "netns", "add", place)
        run("ip", "-n", place, "link", "set", "lo", "up")
    for one, other in (("p0", "c0"), ("c1", INNER), (OUTER, "f0")):
        run("ip", "link", "add", one, "type", "veth", "peer", "name", other)
        _plain(one)
        _plain(other)
    for device, place in _HOME.items():
        run("ip", "link", "set", device, "netns", place)
    _address("p0", "10.99.0.2/24")
    _address("c0", "10.99.0.1/24")
    _address("c1", "203.0.113.1/24")
    for address in WORLD:
        _address("f0", f"{address}/24")
    for device, place in _HOME.items():
        run("ip", "-n", place, "link", "set", device, "up")
    for device in (INNER, OUTER):
        run("ip", "link", "set", device, "up")
    run("ip", "-n", COUNTRY, "route", "add", "default", "via", "10.99.0.1")
    run("ip", "-n", FREE, "route", "add", "default", "via", "203.0.113.1")
    run(*inside(CENSOR, ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]))


def _address(device: str, address: str) -> None:
    run("ip", "-n", _HOME[device], "addr", "add", address, "dev", device)


def _plain(device: str) -> None:
    """Whole packets with checksums, as on a real wire: what is forwarded by hand must be right."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for wanted in _OFFLOADS:
            value = bytearray(struct.pack("II", wanted, 0))
            told = _pointer_to(device, value)
            fcntl.ioctl(any_socket, _SIOCETHTOOL, told)


def _pointer_to(device: str, value: bytearray) -> bytes:
    import ctypes  # noqa: PLC0415 - nowhere else

    kept = (ctypes.c_char * len(value)).from_buffer(value)
    return struct.pack("16sP16x", device.encode(), ctypes.addressof(kept))
