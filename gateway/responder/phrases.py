"""Phrases: what answers say, in the languages of the interface, and the words that ask for them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from gateway.responder.request import Wish, plain_word

LANGUAGES = ("en", "be", "ru", "uk", "fa", "ar", "zh", "sv", "es")
"""Each has its file `gateway/responder/words/<language>.toml`, with the same keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """The phrases of one language; `wishes` are the words for each wish, the usual one first."""

    language: str
    wishes: Mapping[Wish, tuple[str, ...]]
    texts: Mapping[str, str]

    def word(self, wish: Wish) -> str:
        """The usual word for a wish."""
        return self.wishes[wish][0]


def phrases_of(language: str) -> Phrases:
    """The phrases for readers of `language`, English ones where we have none of theirs."""
    first = language.partition("-")[0]
    return _load(first if first in LANGUAGES else "en")


def understood(languages: Sequence[str]) -> Mapping[str, tuple[Wish, str | None]]:
    """What may be written for each wish, with the language it tells.

    Every language of the interface is understood. A word tells the one of `languages` that has it;
    where several do, or none, it tells nothing.
    """
    found: dict[str, tuple[Wish, str | None]] = {}
    for one in map(_load, LANGUAGES):
        own = [tag for tag in languages if phrases_of(tag) is one and _is_own(tag, one)]
        for wish, words in one.wishes.items():
            for word in map(plain_word, words):
                tells = own[0] if own else None
                known = found.get(word)
                shared = known is not None and None not in {known[1], tells}
                found[word] = (wish, None if shared else tells or (known[1] if known else None))
    return MappingProxyType(found)


def _is_own(tag: str, one: Phrases) -> bool:
    return tag.partition("-")[0] == one.language


@cache
def _load(language: str) -> Phrases:
    text = files("gateway.responder").joinpath("words", f"{language}.toml").read_text("utf-8")
    fields = tomllib.loads(text)
    return Phrases(
        language=language,
        wishes=MappingProxyType(
            {Wish(key): tuple(words) for key, words in fields["wishes"].items()}
        ),
        texts=MappingProxyType(fields["texts"]),
    )
