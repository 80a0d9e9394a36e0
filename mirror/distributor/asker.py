"""An asker: one spelling for whoever asks, so that asking in other spellings tells nothing more.

What comes out is used once, to find a leaf, and must be kept nowhere.
"""

import ipaddress

_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
"""Providers that deliver `a.b@` to `ab@`."""


def by_mail(address: str) -> str | None:
    """Who writes from a mail address: without what follows `+`, and without letter case.

    None where it is no address.
    """
    local, at, domain = address.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"mail {local}@{domain}" if at and local and "." in domain else None


def by_network(address: str) -> str | None:
    """Who comes from an address: all of its /24, or of its /48 of IPv6. None where it is none."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    length = 24 if found.version == 4 else 48  # noqa: PLR2004 - versions of IP
    return f"net {ipaddress.ip_network((found, length), strict=False)}"


def by_account(account: str) -> str:
    """Who writes from a messenger's account, by the number that the messenger gave it."""
    return f"account {account.strip()}"


def by_voucher(voucher: str) -> str:
    """Whoever bears a voucher that a partner was given."""
    return f"voucher {voucher.strip().lower()}"
