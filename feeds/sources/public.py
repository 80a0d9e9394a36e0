"""A public address: one of the open internet, and no disguise of one that is not. Pure."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_NEVER = tuple(
    map(
        ip_network,
        str.split(
            "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12"
            " 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24"
            " 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24"
            " 224.0.0.0/3 ::/96 64:ff9b:1::/48 100::/64 2001:2::/48 2001:10::/28 2001:20::/28"
            " 2001:db8::/32 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8"
        ),
    )
)
"""What no site answers at (IANA's special-purpose registries), whatever this Python thinks."""

_NAT64 = IPv6Network("64:ff9b::/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")
_INTERFACE = (0x00005EFE, 0x02005EFE)
"""The middle of an ISATAP address: an IPv4 address follows."""


def is_public(text: str) -> bool:
    """Whether `text` is an address of the open internet, also within its IPv6 disguises."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        inner = _inner(address)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not any(
        address in network for network in _NEVER if network.version == address.version
    )


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    number = int(address)
    last = IPv4Address(number & 0xFFFFFFFF)
    if address in _NAT64 or address in _TRANSLATED or (number >> 32) & 0xFFFFFFFF in _INTERFACE:
        return last
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
