"""WordprocessingML: the text of a Word document, as HTML. Pure; what it makes is not clean yet.

Tracked changes are taken as accepted, hidden text and comments go, and each is named.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TypeAlias

from feeds.letters import legal, line, way
from feeds.sources.outline import Block, html
from feeds.sources.wordparts import Element, Notes, Numbering, Styles, child, element_name, value_of
from tamizdat.language import direction

Piece: TypeAlias = tuple[tuple[str, ...], str]
"""How a stretch of a paragraph is marked, and its HTML."""

MAX_DEPTH = 60
"""Tables within tables, boxes within boxes."""

_HIDDEN = "hidden text"
_ON = {"b": "strong", "i": "em", "strike": "s", "dstrike": "s"}
_RAISED = {"superscript": "sup", "subscript": "sub"}
_SIGNS = {"tab": " ", "noBreakHyphen": "\u2011"}
_OFF = frozenset({"0", "false", "off", "none"})
_PASS = frozenset({"ins", "moveTo", "smartTag", "customXml", "sdt", "sdtContent", "dir", "bdo"})
"""They hold text and say nothing of it."""

_GONE = {
    "del": "text that was deleted, as a tracked change",
    "moveFrom": "text that was moved away, as a tracked change",
    "commentReference": "comment",
    "object": "embedded object",
    "altChunk": "embedded document",
}
_LINK = re.compile(r'\s*HYPERLINK\s+"([^"]{1,4000})"', re.IGNORECASE)
_HEADING = re.compile(r"heading ([1-6])")
_WEB = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a document says: title and language where it tells them, and what was left out."""

    title: str
    html: str
    language: str | None
    dropped: Mapping[str, int]


def written(
    tree: Element,
    *,
    links: Mapping[str, tuple[str, bool]],
    styles: Styles,
    numbering: Numbering,
    notes: Notes,
) -> Written:
    """The text in document.xml; `links` are those of its .rels."""
    reader = _Reader(links=links, styles=styles, numbering=numbering, notes=notes)
    body = child(tree, "body")
    blocks = [] if body is None else list(reader.blocks(body))
    blocks += reader.noted()
    title = next((one.plain for one in blocks if one.kind == "title" and one.plain), "")
    headings = [one.plain for one in blocks if one.kind == "h1" and one.plain]
    shown = [one for one in blocks if one.kind != "title" or one.plain != title]
    return Written(
        title=line(title or (headings[0] if headings else "")),
        html=html(shown),
        language=reader.language(),
        dropped=reader.dropped,
    )


@dataclass(slots=True, kw_only=True)
class _Reader:
    """One document on its way."""

    links: Mapping[str, tuple[str, bool]]
    styles: Styles
    numbering: Numbering
    notes: Notes
    dropped: Counter[str] = field(default_factory=Counter)
    spoken: Counter[str] = field(default_factory=Counter)
    seen: list[Element] = field(default_factory=list)
    boxes: list[Block] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    depth: int = 0

    def blocks(self, box: Element) -> Iterator[Block]:
        """The paragraphs and tables in a body, a cell or a box."""
        if self.depth > MAX_DEPTH:
            self.dropped["box within boxes"] += 1
            return
        self.depth += 1
        for one in box:
            name = element_name(one)
            if name == "p":
                yield self._paragraph(one)
                yield from self._boxed()
            elif name == "tbl":
                yield Block(kind="table", html=self._table(one))
            elif name in _GONE:
                self.dropped[_GONE[name]] += 1
            elif name in _PASS:
                yield from self.blocks(one)
        self.depth -= 1

    def noted(self) -> list[Block]:
        """The notes that were referred to, as one list."""
        found = []
        for one in self.seen:  # notes that refer to notes make it grow
            inner = " ".join(block.html for block in self.blocks(one))
            found.append(Block(kind="p", html=inner, level=0, counts=True))
        return [Block(kind="hr"), *found] if found else []

    def language(self) -> str | None:
        """What most letters are marked as, where that language is written in their direction."""
        if not self.spoken:
            return None
        ((most, _),) = self.spoken.most_common(1)
        tag, _, runs = most.partition(" ")
        return tag if tag and (runs == "" or direction(tag) == runs) else None

    def _boxed(self) -> Iterator[Block]:
        boxes, self.boxes = self.boxes, []
        yield from boxes

    def _paragraph(self, one: Element) -> Block:
        asked = child(one, "pPr")
        style = self.styles.of(child(asked, "pStyle"))
        inner = _joined(self._inline(one))
        kind = _kind(style, value_of(child(asked, "outlineLvl")))
        level, counts = self._listed(asked, style)
        return Block(
            kind=kind,
            html=inner,
            level=None if kind.startswith(("h", "title")) else level,
            counts=counts,
            runs="rtl" if _is_on(child(asked, "bidi")) else "",
        )

    def _listed(self, asked: Element | None, style: str) -> tuple[int | None, bool]:
        """The level in a list, None out of it, and whether the list counts."""
        number = value_of(child(asked, "numPr", "numId"))
        level = value_of(child(asked, "numPr", "ilvl")) or "0"
        if number and number != "0":
            counts = self.numbering.counts.get((number, level), False)
            return (int(level) if level.isdigit() and len(level) < 3 else 0), counts  # noqa: PLR2004
        if not number and style.startswith(("list bullet", "list number")):
            last = style[-1]
            return (int(last) - 1 if last in "23456789" else 0), style.startswith("list number")
        return None, False

    def _table(self, table: Element) -> str:
        rows = []
        for row in self._within(table, "tr"):
            head = _is_on(child(row, "trPr", "tblHeader"))
            cells = [self._cell(cell, "th" if head else "td") for cell in self._within(row, "tc")]
            rows.append(f"<tr>{''.join(cells)}</tr>")
        return f"<table>{''.join(rows)}</table>"

    def _cell(self, cell: Element, name: str) -> str:
        span = value_of(child(cell, "tcPr", "gridSpan"))
        wide = f' colspan="{span}"' if span.isdigit() and len(span) < 4 else ""  # noqa: PLR2004
        blocks = list(self.blocks(cell))
        alone = len(blocks) == 1 and blocks[0].kind == "p" and blocks[0].level is None
        return f"<{name}{wide}>{blocks[0].html if alone else html(blocks)}</{name}>"

    def _within(self, box: Element, name: str) -> Iterator[Element]:
        for one in box:
            if element_name(one) == name:
                yield one
            elif element_name(one) in _PASS:
                yield from self._within(one, name)

    def _inline(self, box: Element) -> Iterator[Piece]:
        """The pieces of a paragraph: how they are marked, and their HTML."""
        for one in box:
            name = element_name(one)
            if name == "r":
                yield from self._run(one)
            elif name == "hyperlink":
                yield from self._linked(_joined(self._inline(one)), self._target(one))
            elif name == "fldSimple":
                hit = _LINK.match(value_of(one, "instr"))
                yield from self._linked(_joined(self._inline(one)), hit.group(1) if hit else "")
            elif name in _GONE:
                self.dropped[_GONE[name]] += 1
            elif name in _PASS:
                if name in {"ins", "moveTo"}:
                    self.dropped["mark of a tracked change, taken as accepted"] += 1
                yield from self._inline(one)
            elif name.startswith("m:oMath"):
                yield (), escape(legal("".join(str(text) for text in one.itertext())))

    def _linked(self, inner: str, place: str) -> Iterator[Piece]:
        whole = f'<a href="{escape(place)}">{inner}</a>' if _WEB.match(place) else inner
        yield (), whole

    def _target(self, link: Element) -> str:
        number = next((str(v) for k, v in link.attrib.items() if str(k).endswith("ships}id")), "")
        place, away = self.links.get(number, ("", False))
        return place if away else ""

    def _run(self, run: Element) -> Iterator[Piece]:
        asked = child(run, "rPr")
        if _is_on(child(asked, "vanish")) or _is_on(child(asked, "specVanish")):
            self.dropped[_HIDDEN] += 1
            return
        marks = self._marks(asked)
        for one in run:
            piece = self._piece(one, asked)
            if piece:
                place = self.fields[-1] if self.fields else ""
                if _WEB.match(place):
                    yield from self._linked(_joined([(marks, piece)]), place)
                else:
                    yield marks, piece

    def _piece(self, one: Element, asked: Element | None) -> str:
        name = element_name(one)
        if name == "t":
            text = legal(one.text or "")
            self._hear(asked, text)
            return escape(text, quote=False)
        if name in {"footnoteReference", "endnoteReference"}:
            return self._note(name, value_of(one, "id"))
        if name in {"drawing", "pict", "AlternateContent"}:
            return self._drawn(one)
        if name == "ruby":
            return self._ruby(one)
        if name in _GONE:
            self.dropped[_GONE[name]] += 1
        else:
            self._field(one, name)
        broken = name in {"br", "cr"} and value_of(one, "type") not in {"page", "column"}
        return "<br>" if broken else _SIGNS.get(name, "")

    def _ruby(self, one: Element) -> str:
        base, told = (child(one, name) for name in ("rubyBase", "rt"))
        below, above = (
            "" if part is None else _joined(self._inline(part)) for part in (base, told)
        )
        return f"<ruby>{below}<rt>{above}</rt></ruby>"

    def _field(self, one: Element, name: str) -> None:
        """Fields are told in pieces: where they begin, what they are, what they show, their end."""
        if name == "instrText" and self.fields:
            self.fields[-1] = (self.fields[-1] + (one.text or ""))[:4000]
        elif name == "fldChar":
            state = value_of(one, "fldCharType")
            if state == "begin":
                self.fields.append("")
            elif state == "separate" and self.fields:
                hit = _LINK.match(self.fields[-1])
                self.fields[-1] = hit.group(1) if hit else ""
            elif state == "end" and self.fields:
                self.fields.pop()

    def _note(self, name: str, number: str) -> str:
        found = self.notes.texts.get((name, number))
        if found is None or len(self.seen) > 10_000:  # noqa: PLR2004 - no book has so many
            return ""
        self.seen.append(found)
        return f"<sup>{len(self.seen)}</sup>"

    def _drawn(self, one: Element) -> str:
        """Pictures, and the text of boxes, which comes after the paragraph."""
        shown = child(one, "Choice") if element_name(one) == "AlternateContent" else one
        found: list[str] = []
        described = ""
        for inner in () if shown is None else _outside_boxes(shown):
            name = element_name(inner)
            if name == "docPr":
                described = value_of(inner, "descr")
            elif name in {"blip", "imagedata"}:
                found.append(self._picture(inner, described))
            elif name == "txbxContent":
                boxed = list(self.blocks(inner))
                self.boxes += boxed
        return "".join(found)

    def _picture(self, blip: Element, described: str) -> str:
        names = ("embed", "id")
        number = next(filter(None, (value_of(blip, name) for name in names)), "")
        place, away = self.links.get(number, ("", True))
        if away:
            self.dropped["picture that lies elsewhere"] += 1
            return ""
        return f'<img src="{escape(place)}" alt="{escape(described)}">'

    def _marks(self, asked: Element | None) -> tuple[str, ...]:
        style = self.styles.of(child(asked, "rStyle"))
        found = [mark for name, mark in _ON.items() if _is_on(child(asked, name))]
        found += [mark for name, mark in (("strong", "strong"), ("emphasis", "em"))
                  if style == name and mark not in found]  # fmt: skip
        raised = _RAISED.get(value_of(child(asked, "vertAlign")), "")
        return tuple(filter(None, [*dict.fromkeys(found), raised]))

    def _hear(self, asked: Element | None, text: str) -> None:
        """Count what the letters are marked as, and which way they run."""
        runs = way(text) or ""
        lang = child(asked, "lang")
        tongue = "bidi" if runs == "rtl" else "val"
        told = value_of(lang, tongue) or value_of(self.styles.language, tongue)
        if text.strip() and told:
            self.spoken[f"{told.partition('-')[0].lower()} {runs}"] += len(text)


def _outside_boxes(drawing: Element) -> Iterator[Element]:
    """Every element of a drawing, its boxes too, but nothing within them: each box is read once."""
    waiting = [drawing]
    while waiting:
        one = waiting.pop()
        yield one
        if element_name(one) != "txbxContent":
            waiting.extend(reversed(one))


def _joined(
    pieces: Iterator[Piece] | Sequence[Piece],
) -> str:
    """Pieces side by side; neighbours that are marked alike share their marks."""
    runs: list[Piece] = []
    for marks, piece in pieces:
        if runs and runs[-1][0] == marks:
            runs[-1] = (marks, runs[-1][1] + piece)
        else:
            runs.append((marks, piece))
    return "".join(_marked(marks, piece) for marks, piece in runs)


def _marked(marks: Sequence[str], piece: str) -> str:
    for mark in reversed(marks):
        piece = f"<{mark}>{piece}</{mark}>"
    return piece


def _kind(style: str, outline: str) -> str:
    if style == "title":
        return "title"
    if hit := _HEADING.match(style):
        return f"h{hit.group(1)}"
    if outline in {"0", "1", "2", "3", "4", "5"}:
        return f"h{int(outline) + 1}"
    return "blockquote" if style in {"quote", "intense quote", "block text"} else "p"


def _is_on(one: Element | None) -> bool:
    return one is not None and value_of(one).lower() not in _OFF
