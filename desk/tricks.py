"""Tricks: characters that show one thing and are another, and links that hide where they lead."""

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import urlsplit

MOST = 6
"""Findings that are shown."""

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_WORD = re.compile(r"[^\W\d_]{2,60}")
_LINK = re.compile(r"<a\s[^<>]*\bhref=\"([^\"]{1,2000})\"")
_SHORT = frozenset(
    {"bit.ly", "t.co", "goo.gl", "tinyurl.com", "clck.ru", "is.gd", "ow.ly", "cutt.ly", "rb.gy"}
    | {"shorturl.at", "t.ly", "vk.cc"}
)
_TRACES = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|yclid|msclkid|igshid|mc_[ce]id|_openstat|ref_src|si|vero_id)$"
)
_ALIKE = ("LATIN", "CYRILLIC", "GREEK")


def turning(text: str) -> bool:
    """Whether characters turn the order of what is read."""
    return _TURNING.search(text) is not None


def unseen(text: str) -> bool:
    """Whether characters are there that nobody sees, other than joiners of Persian and others."""
    return _UNSEEN.search(text) is not None


def mixed(text: str) -> Sequence[str]:
    """Words with letters of two alphabets that look alike."""
    found = (word for word in _WORD.findall(text) if len(_scripts(word)) > 1)
    return list(dict.fromkeys(found))[:MOST]


def hiding(html: str) -> Sequence[str]:
    """Links of a service that hides where they lead."""
    hosts = ((urlsplit(link).hostname or "").removeprefix("www.") for link in _LINK.findall(html))
    return list(dict.fromkeys(host for host in hosts if host in _SHORT))[:MOST]


def traced(html: str) -> Sequence[str]:
    """Links that tell from where somebody came."""
    links = [link.replace("&amp;", "&") for link in _LINK.findall(html)]
    found = (
        urlsplit(link).hostname or link
        for link in links
        if any(_TRACES.match(part.partition("=")[0]) for part in urlsplit(link).query.split("&"))
    )
    return list(dict.fromkeys(found))[:MOST]


def _scripts(word: str) -> set[str]:
    names = {unicodedata.name(char, "").partition(" ")[0] for char in word}
    return names.intersection(_ALIKE)
