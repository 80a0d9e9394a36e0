"""Letters: text from outside, made fit for XML, for every script, and for the eye.

Joiners (U+200C, U+200D) and plain marks (U+200E, U+200F, U+061C) always stay: Persian, the Indic
scripts and mixed lines need them. Embeddings and isolates stay where they are opened and closed
within one paragraph, as an editor's keyboard makes them; alone they would turn the text that
follows. Overrides (U+202D, U+202E) go even where closed: they exist to show letters in
another order than they are stored in, and news has no honest use for that.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

REMEMBERED = 64
"""Lines that are remembered: a page, a card and a feed say the same names and titles."""

_ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
"""What either of both would change: nearly no text holds any, and one look is cheaper than two."""

_MARK = re.compile("[\u202a-\u202e\u2066-\u2069]")
_EMBEDDINGS = frozenset("\u202a\u202b")
_OVERRIDES = frozenset("\u202d\u202e")
_ISOLATES = frozenset("\u2066\u2067\u2068")
_POP_EMBEDDING = "\u202c"
_POP_ISOLATE = "\u2069"
_JOINERS = frozenset("\u200c\u200d")
_RTL = re.compile(
    "[\u05d0-\u065f\u066e-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LETTER = re.compile(r"[^\W\d_]")


def legal(text: str) -> str:
    """`text` without control characters, lone surrogates and other non-characters.

    Line ends of every kind become line feeds; tabs stay. The result is legal in XML 1.0.
    """
    if _ODD.search(text) is None:
        return text
    return _ILLEGAL.sub("", _LINE_ENDS.sub("\n", text))


def normal(text: str) -> str:
    """`text` legal and in NFC. Never for markup: NFC joins a `>` to a U+0338 that follows it."""
    return unicodedata.normalize("NFC", legal(text))


def balanced(runs: Sequence[str]) -> tuple[str, ...]:
    """`runs` (one paragraph, in pieces) without overrides and without unpaired direction marks."""
    marks = [(at, hit.start()) for at, run in enumerate(runs) for hit in _MARK.finditer(run)]
    if not marks:
        return tuple(runs)
    kept = _paired([(mark, runs[mark[0]][mark[1]]) for mark in marks])
    drop = set(marks) - kept
    return tuple(
        _MARK.sub(lambda hit, at=at: "" if (at, hit.start()) in drop else hit.group(), run)  # type: ignore[misc]
        for at, run in enumerate(runs)
    )


@lru_cache(REMEMBERED)
def line(text: str) -> str:
    """`text` as one plain line: legal, balanced, white space collapsed."""
    plain = " ".join(normal(text).split())
    if _MARK.search(plain) is None:
        return plain
    return " ".join(balanced([plain])[0].split())


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, ended at a word border and with an ellipsis.

    Where a script writes no spaces it is cut between letters, never before a mark or joiner.
    """
    if len(text) <= limit:
        return text
    end = limit - 1
    space = text.rfind(" ", limit // 2, end + 1)
    if space > 0:
        end = space
    while end > 1 and (text[end] in _JOINERS or unicodedata.category(text[end]).startswith("M")):
        end -= 1
    return balanced([text[:end].rstrip(" ,;:،؛\u200c\u200d")])[0] + "…"


def way(text: str) -> str | None:
    """`rtl` or `ltr`, whichever most letters of `text` run; None where it holds no letters."""
    rtl = sum(1 for letter in _RTL.findall(text) if letter.isalpha())
    letters = len(_LETTER.findall(text))
    if not letters:
        return None
    return "rtl" if rtl * 2 > letters else "ltr"


def _paired(marks: list[tuple[tuple[int, int], str]]) -> set[tuple[int, int]]:
    """The places of the marks that open and close each other, after UAX 9, BD9 and X7."""
    kept: set[tuple[int, int]] = set()
    opened: list[tuple[tuple[int, int], str]] = []
    isolates: list[int] = []
    for place, mark in marks:
        if mark == _POP_ISOLATE:
            if isolates:
                first = isolates.pop()
                kept |= {opened[first][0], place}
                del opened[first:]
        elif mark == _POP_EMBEDDING:
            if opened and opened[-1][1] not in _ISOLATES:
                opener, kind = opened.pop()
                kept |= {opener, place} if kind in _EMBEDDINGS else set()
        else:
            if mark in _ISOLATES:
                isolates.append(len(opened))
            opened.append((place, mark))
    return kept
