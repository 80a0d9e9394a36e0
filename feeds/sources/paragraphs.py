"""Paragraphs: WordPress stores text with blank lines between them and adds the tags when it shows.

The rules are those of WordPress's `wpautop`, in one pass over the tags: a blank line parts
paragraphs, a single line end is a line break, blocks stand alone, preformatted text is left alone.
"""

import re

_NAMES = (
    "table|thead|tfoot|caption|col|colgroup|tbody|td|tr|th|div|dl|dd|dt|ul|ol|li|pre|form|map|area"
    "|blockquote|address|style|p|h[1-6]|hr|fieldset|legend|section|article|aside|hgroup|header"
    "|footer|nav|figure|figcaption|details|menu|summary|script|iframe|video|audio|object|svg"
)
_TOKEN = re.compile(rf"<!--|<(/?)({_NAMES})\b[^<>]*>", re.IGNORECASE)
_BLOCK_EDITOR = "<!-- wp:"
_RAW = frozenset(str.split("pre style script svg object iframe video audio"))
_VOID = frozenset(str.split("hr area col"))
_LINES = frozenset(
    str.split("li td th dd dt p h1 h2 h3 h4 h5 h6 caption figcaption summary legend")
)
_BONES = frozenset(str.split("table thead tbody tfoot tr colgroup ul ol dl menu map"))
_BLANK_LINE = re.compile(r"\n[ \t\xa0]*\n\s*")
_LINE_END = re.compile(r"(<[^<>]*>)|[ \t]*\n[ \t]*")
_BREAK_BEFORE = re.compile(r"<br\s*/?>[ \t]*\n", re.IGNORECASE)


def paragraphed(text: str) -> str:
    """`text` with paragraph and line break tags; text of the block editor has them already."""
    if _BLOCK_EDITOR in text:
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    pieces: list[str] = []
    opened: list[str] = []
    missing: set[str] = set()
    end = 0
    while hit := _TOKEN.search(text, end):
        pieces.append(_filled(text[end : hit.start()], opened[-1] if opened else ""))
        end = hit.end()
        if hit.group() == "<!--":
            end = _after(text, "-->", end, missing)
        elif hit.group(2).lower() in _RAW and not hit.group(1):
            end = _after(text, f"</{hit.group(2)}>", end, missing)
        else:
            _follow(opened, hit.group(2).lower(), closing=bool(hit.group(1)))
        pieces.append(text[hit.start() : end])
    pieces.append(_filled(text[end:], opened[-1] if opened else ""))
    return "".join(pieces)


def _after(text: str, mark: str, start: int, missing: set[str]) -> int:
    """Where `mark` ends after `start`; `start` itself where it never comes (looked for once)."""
    at = -1 if mark in missing else text.find(mark, start)
    if at < 0:
        missing.add(mark)
        return start
    return at + len(mark)


def _follow(opened: list[str], name: str, *, closing: bool) -> None:
    """Keep account of the blocks that are open, forgiving those that were never closed."""
    if opened and opened[-1] == "p" and not (closing and name == "p"):
        opened.pop()  # a block ends a paragraph
    if not closing:
        if name not in _VOID:
            opened.append(name)
    elif name in opened[-32:]:
        while opened.pop() != name:
            pass


def _filled(text: str, around: str) -> str:
    """A stretch without block tags, as the block `around` it wants it."""
    if not text.strip() or around in _BONES:
        return text
    parts = [part for part in _BLANK_LINE.split(text.strip("\n")) if part.strip()]
    broken = [_broken(part) for part in parts]
    if around in _LINES and len(parts) < 2:  # noqa: PLR2004 - one part is no paragraph
        return "".join(broken)
    if around == "p":
        return "</p>\n<p>".join(broken)
    return "\n" + "\n".join(f"<p>{part.strip()}</p>" for part in broken) + "\n"


def _broken(text: str) -> str:
    """`text` with a break for each line end outside of tags."""
    once = _BREAK_BEFORE.sub("<br>", text.strip("\n"))
    return _LINE_END.sub(lambda hit: hit.group(1) or "<br>", once)
