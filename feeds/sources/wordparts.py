"""The parts beside the text of a Word document: what its styles, lists and notes are. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001 - it has no other name


def element_name(one: Element) -> str:
    """The name of an element without its namespace; mathematics keep a mark of theirs."""
    if not isinstance(one.tag, str):
        return ""
    space, _, name = one.tag.rpartition("}")
    return f"m:{name}" if space.endswith("/math") else name


def value_of(one: Element | None, name: str = "val") -> str:
    """An attribute, whatever its namespace."""
    for key, value in () if one is None else one.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def child(one: Element | None, *path: str) -> Element | None:
    """The first child of that name, and so on down."""
    for name in path:
        if one is None:
            return None
        one = next((inner for inner in one if element_name(inner) == name), None)
    return one


@dataclass(frozen=True, slots=True)
class Styles:
    """What styles are called, in small letters, by id; and the language of the whole."""

    names: Mapping[str, str] = field(default_factory=dict)
    language: Element | None = None

    @classmethod
    def read(cls, tree: Element | None) -> "Styles":
        """The styles in styles.xml."""
        names = {
            value_of(one, "styleId"): value_of(child(one, "name")).lower()
            for one in (() if tree is None else tree)
            if element_name(one) == "style"
        }
        return cls(names, child(tree, "docDefaults", "rPrDefault", "rPr", "lang"))

    def of(self, style: Element | None) -> str:
        """The name of a style."""
        told = value_of(style)
        return self.names.get(told, told.lower())


@dataclass(frozen=True, slots=True)
class Numbering:
    """Which lists count; by number and level."""

    counts: Mapping[tuple[str, str], bool] = field(default_factory=dict)

    @classmethod
    def read(cls, tree: Element | None) -> "Numbering":
        """The lists in numbering.xml."""
        levels: dict[str, dict[str, bool]] = {}
        found: dict[tuple[str, str], bool] = {}
        for one in () if tree is None else tree:
            if element_name(one) == "abstractNum":
                levels[value_of(one, "abstractNumId")] = {
                    value_of(level, "ilvl"): value_of(child(level, "numFmt")) != "bullet"
                    for level in one
                    if element_name(level) == "lvl"
                }
            elif element_name(one) == "num":
                rests = levels.get(value_of(child(one, "abstractNumId")), {})
                number = value_of(one, "numId")
                found |= {(number, level): counts for level, counts in rests.items()}
        return cls(found)


@dataclass(frozen=True, slots=True)
class Notes:
    """Footnotes and endnotes, by kind and id."""

    texts: Mapping[tuple[str, str], Element] = field(default_factory=dict)

    @classmethod
    def read(cls, foot: Element | None, end: Element | None) -> "Notes":
        """The notes in footnotes.xml and endnotes.xml."""
        return cls(
            {
                (f"{name}Reference", value_of(one, "id")): one
                for name, tree in (("footnote", foot), ("endnote", end))
                for one in (() if tree is None else tree)
                if element_name(one) == name
            }
        )
