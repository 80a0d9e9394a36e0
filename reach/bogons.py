"""Bogons: addresses at which no site of the web lies, and which censors like to give. Pure."""

import ipaddress

_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/127",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)
"""Private, local and multicast networks (RFC 6890); those for documentation are not among them."""


def bogon(address: str) -> bool:
    """Whether `address` is one; ValueError where it is no address."""
    found = ipaddress.ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return any(found.version == net.version and found in net for net in _NETWORKS)
