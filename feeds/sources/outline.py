"""An outline: paragraphs that say themselves at which level of which list they stand, as HTML."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_LEVEL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, a heading (`h1`), a quote, a table, or a `title`.

    `level` counts from 0 within a list; `runs` is `rtl` where it says so.
    """

    kind: str
    html: str = ""
    level: int | None = None
    counts: bool = False
    runs: str = ""

    @property
    def plain(self) -> str:
        """Its text without tags, not yet unescaped."""
        return re.sub(r"<[^<>]*>", "", self.html).strip()


def html(blocks: Sequence[Block]) -> str:
    """The blocks, one after the other, lists within lists."""
    return "".join(_pieces(blocks))


def _pieces(blocks: Sequence[Block]) -> Iterator[str]:
    opened: list[str] = []
    for block in blocks:
        depth = 0 if block.level is None else min(block.level, MAX_LEVEL) + 1
        if not depth and not block.plain and "<img" not in block.html and block.kind != "hr":
            continue  # an empty paragraph between two points of a list does not end it
        name = "ol" if block.counts else "ul"
        while len(opened) > depth or (depth and len(opened) == depth and opened[-1] != name):
            yield f"</li></{opened.pop()}>"
        if depth and len(opened) == depth:
            yield "</li><li>"
        while len(opened) < depth:
            opened.append(name)
            yield f"<{name}><li>"
        yield _told(block) if not depth else _turned("span", block) if block.runs else block.html
    while opened:
        yield f"</li></{opened.pop()}>"


def _told(block: Block) -> str:
    if block.kind == "hr":
        return "<hr>"
    if block.kind == "table":
        return block.html
    if block.kind == "blockquote":
        return f"<blockquote>{_turned('p', block)}</blockquote>"
    return _turned("h1" if block.kind == "title" else block.kind, block)


def _turned(name: str, block: Block) -> str:
    way = f' dir="{block.runs}"' if block.runs else ""
    return f"<{name}{way}>{block.html}</{name}>"
