"""An origin: which host the desk answers to, and whose forms it takes. Pure."""

import ipaddress
from urllib.parse import urlsplit

SAFE = frozenset({"GET", "HEAD"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def host_is_ours(host: str, address: str | None, *, loopback: bool) -> bool:
    """Whether a request for `host` is meant for us.

    A foreign name that leads to this machine is how a web page of a stranger reaches services on
    loopback (DNS rebinding).
    """
    if address is not None and host.lower() == _authority(address):
        return True
    if loopback:
        return _name(host) in LOOPBACK
    return address is None


def form_is_ours(site: str | None, origin: str | None, host: str, address: str | None) -> bool:
    """Whether a form was sent from one of our own pages.

    `site` is Sec-Fetch-Site. A browser that is told to send no referrer may say `Origin: null`; so
    the origin counts only where the browser does not tell the site.
    """
    if site is not None:
        return site == "same-origin"
    if origin is None:
        return False
    ours = {f"http://{host.lower()}"} if address is None else {_origin(address)}
    if address is not None and _name(host) in LOOPBACK:
        ours.add(f"http://{host.lower()}")
    return origin.lower() in ours


def is_loopback(host: str) -> bool:
    """Whether a listener on `host` is out of reach for other machines."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def safe_path(text: str) -> str:
    """A path of ours to go on to, `/` where `text` is none."""
    parts = urlsplit(text)
    plain = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if plain and not parts.netloc and text.isprintable() else "/"


def _origin(address: str) -> str:
    return f"{urlsplit(address).scheme.lower()}://{_authority(address)}"


def _authority(address: str) -> str:
    """Host and port as a browser sends them: without the scheme's own port."""
    parts = urlsplit(address.lower())
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return parts.netloc.removesuffix(usual) if usual else parts.netloc


def _name(host: str) -> str:
    """The host without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdecimal() else host.lower()
