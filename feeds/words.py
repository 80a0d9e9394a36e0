"""Words: what the pages themselves say, in the languages of the interface."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from tamizdat.language import direction

LANGUAGES = ("en", "be", "ru", "uk", "fa", "ar", "zh", "sv", "es")
"""Each has its file `feeds/words/<language>.toml`, with the same keys."""

_TRADITIONAL = frozenset({"Hant", "TW", "HK", "MO"})
_SCRIPT_LENGTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language of the interface.

    `between` stands between two short remarks (a middle dot looks like a Persian nought).
    `borrowed` is set where a page of another language uses them for want of its own: they are
    then marked with `tag` and their direction, for screen readers and for the order of letters.
    """

    tag: str
    script: str
    digits: str
    calendar: Literal["gregorian", "jalali"]
    date: str
    day: str
    between: str
    months: tuple[str, ...]
    texts: Mapping[str, str]
    borrowed: bool = False

    def number(self, value: int) -> str:
        """The number in the digits of the language."""
        return "".join(self.digits[int(digit)] for digit in str(value))

    def filled(self, key: str, value: int) -> str:
        """The text `key`, with the number in its place."""
        return self.texts[key].format(number=self.number(value))

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`."""
        return direction(self.tag)


def words_of(language: str) -> Words:
    """The words for pages in `language`: its own, else English ones that are marked as borrowed."""
    first, *rest = language.split("-")
    if first not in LANGUAGES:
        return replace(_load("en"), borrowed=True)
    own = _load(first)
    if first == "zh":
        return replace(own, borrowed=bool(_TRADITIONAL & set(rest)))
    scripts = [part for part in rest if len(part) == _SCRIPT_LENGTH and part.isalpha()]
    if scripts and scripts[0] != own.script:
        return replace(_load("en"), borrowed=True)
    return own


@cache
def _load(language: str) -> Words:
    text = files("feeds").joinpath("words", f"{language}.toml").read_text("utf-8")
    fields: dict[str, Any] = tomllib.loads(text)
    return Words(
        tag=fields["tag"],
        script=fields["script"],
        digits=fields["digits"],
        calendar=fields["calendar"],
        date=fields["date"],
        day=fields["day"],
        between=fields["between"],
        months=tuple(fields["months"]),
        texts=MappingProxyType(fields["words"]),
    )
