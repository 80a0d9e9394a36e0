"""A charset: which letters the bytes of a page stand for."""

import codecs
import re

SNIFFED = 4096
"""Bytes at the head of a page in which it must name its charset."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMED = re.compile(
    rb"<meta[^>]{0,300}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
_LANGUAGE = re.compile(rb"<html[^>]{0,300}\blang\s*=\s*[\"']?([A-Za-z]{2,3})", re.IGNORECASE)
_FORMER = {
    "windows-1251": "ru uk be bg mk sr kk ky tg tt mn",
    "windows-1256": "ar fa ur ug ku ps",
    "windows-1255": "he yi",
    "windows-1254": "tr az tk uz",
    "windows-1253": "el",
    "windows-1250": "pl cs sk hu sl hr ro sq",
    "windows-1258": "vi",
    "gb18030": "zh",
    "euc-kr": "ko",
    "shift_jis": "ja",
}
_BY_LANGUAGE = {one: charset for charset, many in _FORMER.items() for one in many.split()}
_ALIASES = {"iso-8859-1": "windows-1252", "us-ascii": "windows-1252", "latin1": "windows-1252"}
_ALIASES |= {"ascii": "windows-1252", "gb2312": "gb18030", "gbk": "gb18030", "utf-16": "utf-8"}
_ALIASES |= {"utf-16le": "utf-8", "utf-16be": "utf-8", "x-user-defined": "windows-1252"}


def text(body: bytes, *, told: str | None = None, language: str | None = None) -> str:
    """The text in `body`: by byte order mark, by what the server `told`, by what the page says of
    itself, as UTF-8, and last by what pages in its language were once written in.
    """  # noqa: D205 - one sentence
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace").removeprefix("\ufeff")
    head = body[:SNIFFED]
    named = _NAMED.search(head)
    spoken = _LANGUAGE.search(head)
    guesses = [told, named.group(1).decode("ascii") if named else None, "utf-8"]
    short = spoken.group(1).decode("ascii") if spoken else language or ""
    former = _BY_LANGUAGE.get(short.lower()[:2], "windows-1252")
    for guess in filter(None, guesses):
        found = _decoded(body, guess)
        if found is not None:
            return found
    return body.decode(former, "replace")


def _decoded(body: bytes, name: str) -> str | None:
    """The text, None where the charset is unknown, is none of text, or does not fit."""
    name = _ALIASES.get(name.lower(), name.lower())
    try:
        if not codecs.lookup(name)._is_text_encoding:  # noqa: SLF001 - no public way to ask
            return None
        return body.decode(name)
    except (LookupError, ValueError):
        return None
