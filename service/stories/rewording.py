"""Rewording: words replaced in what a reader reads, never in a tag or an address."""

import re
from html import escape, unescape

from feeds.cleaner import clean
from tamizdat.article import SafeHtml

_TAG = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)')
"""A tag, as the cleaner writes it: its values in double quotes."""
_ALT = re.compile(r'(?<= alt=")[^"]*')


def reworded(html: SafeHtml, old: str, new: str) -> SafeHtml:
    """`html` with `new` for `old` in its text and in the descriptions of its pictures."""
    parts = [_part(part, old, new) for part in _TAG.split(html)]
    made = "".join(parts)
    return clean(made) if made != html else html


def text(html: str) -> str:
    """What stands between the tags, as a reader sees it."""
    return unescape(_TAG.sub(" ", html)).strip()


def _part(part: str, old: str, new: str) -> str:
    if part.startswith("<img"):
        return _ALT.sub(lambda hit: _words(hit.group(), old, new, quote=True), part)
    return part if part.startswith("<") else _words(part, old, new, quote=False)


def _words(written: str, old: str, new: str, *, quote: bool) -> str:
    plain = unescape(written)
    return escape(plain.replace(old, new), quote=quote) if old in plain else written
