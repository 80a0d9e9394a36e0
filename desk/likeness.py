"""A likeness: a name as it stands in a text, declined, in another script, with other signs. Pure.

It finds what is spelled in usual ways. That nothing was found says nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

MOST = 12
"""Names that are told of one text."""

LOOKED_AT = 400_000
"""Characters of a text that are looked at."""

ENDINGS = frozenset(
    """a ah am ami e eho ei em emu ev evi i ih im imi o oho oi ou om omu ov ovi u
    ui""".split()  # noqa: SIM905 - fifty quotation marks would hide them
)
"""What declined words of Russian, Belarusian and Ukrainian end with, folded."""

_LONGEST = max(map(len, ENDINGS))
LEAST_STEM = 2
_BETWEEN = 1
"""Words that may stand between those of a name: a patronymic, a title."""

_CYRILLIC = {
    **dict(zip("абвгґдзиійклмнопрстуўфыэ", "abvggdziiiklmnoprstuufie", strict=True)),
    "е": "e",
    "ё": "e",
    "є": "e",
    "ж": "zh",
    "ї": "i",
    "х": "h",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "sh",
    "ю": "iu",
    "я": "ia",
    "ь": "",
    "ъ": "",
    "қ": "k",
    "ғ": "g",
    "ң": "n",
    "ө": "o",
    "ұ": "u",
    "ү": "u",
    "һ": "h",
    "ә": "a",
    "ҳ": "h",
    "ҷ": "j",
}
_ARABIC = {
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("يىئۍې", "ی"),
    "ك": "ک",
    "ګ": "گ",
    "ة": "ه",
    "ۀ": "ه",
    "ھ": "ه",
    "ە": "ه",
    "ؤ": "و",
    "ۆ": "و",
    "ـ": "",
}
_LATIN = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "a", "œ": "o", "ı": "i"}
_TABLE = str.maketrans({**_CYRILLIC, **_ARABIC, **_LATIN})
_SAME = (
    ("shch", "sh"), ("sch", "sh"), ("sz", "sh"), ("cz", "ch"), ("kh", "h"), ("zh", "z"),
    ("tz", "ts"), ("ph", "f"), ("ck", "k"), ("x", "ks"), ("q", "k"), ("w", "v"), ("y", "i"),
    ("j", "i"), ("g", "h"), ("io", "e"), ("ie", "e"), ("ia", "a"), ("iu", "u"),
)  # fmt: skip
_CONSONANTS = 15
"""Ways of writing one sound in Latin letters; Ukrainian and Belarusian write h for г."""

_DOUBLE = re.compile(r"(.)\1+")
_FLEETING = re.compile(r"[eo](?=[^aeiou]$)")
_VOWEL = re.compile(r"[aeiou]$")
_ADJECTIVE = re.compile(r"(?<=..)[oei]i$")
_UNSEEN = re.compile("[\u00ad\u061c\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[^\W\d_{_UNSPACED}]+")
_SPACELESS = re.compile(rf"[{_UNSPACED}]+")
_IS_CYRILLIC = re.compile("[\u0400-\u052f]")
_IS_ARABIC = re.compile("[\u0600-\u06ff]")
_ARTICLE = "ال"
_BEFORE = ("وال", "بال", "ال", "و", "ب", "ل", "ف")
"""What Arabic writes together with the word that follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    parts: int
    spaceless: str = ""


@dataclass(slots=True, kw_only=True)
class Likenesses:
    """A list of names, made ready for looking through texts."""

    names: Sequence[str]
    _known: list[_Name] = field(default_factory=list)
    _whole: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    _stems: dict[str, set[tuple[int, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, name in enumerate(self.names):
            words = _WORD.findall(_plain(name))
            spaceless = "".join(_SPACELESS.findall(unicodedata.normalize("NFKC", name)))
            self._known.append(_Name(parts=len(words), spaceless=spaceless))
            for part, word in enumerate(words):
                told = folded(_bare(word))
                self._whole.setdefault(told, set()).add((number, part))
                for stem in stems(told):
                    self._stems.setdefault(stem, set()).add((number, part))

    def found(self, text: str) -> tuple[str, ...]:
        """How names of the list stand in the text, in its own words, in its order."""
        text = text[:LOOKED_AT]
        hits = {*self._spelled(text), *self._spaceless(text)}
        told = dict.fromkeys(" ".join(text[a:b].split()) for a, b in sorted(hits))
        return tuple(told)[:MOST]

    def _spelled(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a name begins and ends whose words are spelled with spaces between."""
        known: dict[str, frozenset[tuple[int, int]]] = {}
        near: list[tuple[int, int, int, frozenset[tuple[int, int]]]] = []
        for place, match in enumerate(_WORD.finditer(text)):
            word = match[0]
            if word not in known:
                known[word] = self._parts(word)
            if known[word]:
                near.append((place, match.start(), match.end(), known[word]))
        over: dict[int, int] = {}
        for at, (_, start, _, parts) in enumerate(near):
            for number in {number for number, _ in parts}:
                last = self._rest(near, at, number) if start >= over.get(number, 0) else None
                if last is not None:
                    over[number] = last
                    yield start, last

    def _rest(
        self,
        near: Sequence[tuple[int, int, int, frozenset[tuple[int, int]]]],
        at: int,
        number: int,
    ) -> int | None:
        """Where the name ends of which a word stands `at`; None where its others are not by it."""
        count = self._known[number].parts
        first, _, last, _ = near[at]
        seen: set[int] = set()
        for place, _, end, parts in near[at:]:
            if place - first >= count + _BETWEEN:
                break
            fresh = {part for one, part in parts if one == number} - seen
            if fresh:
                seen.add(min(fresh))
                last = end
            if len(seen) == count:
                return last
        return None

    def _parts(self, word: str) -> frozenset[tuple[int, int]]:
        """Which words of which names this may be."""
        plain = _plain(word)
        found: set[tuple[int, int]] = set()
        for spelled in _without_what_is_before(plain):
            told = folded(spelled)
            found |= self._whole.get(told, set())
            if _IS_CYRILLIC.search(plain):
                for cut in range(min(_LONGEST, len(told) - LEAST_STEM) + 1):
                    stem, ending = told[: len(told) - cut], told[len(told) - cut :]
                    if not ending or ending in ENDINGS:
                        found |= self._stems.get(stem, set())
            elif told.endswith("s"):
                found |= self._whole.get(told[:-1], set())
        return frozenset(found)

    def _spaceless(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a name stands that has no spaces."""
        wanted = [one.spaceless for one in self._known if one.spaceless]
        if not wanted or not _SPACELESS.search(text):
            return
        for name in wanted:
            at = text.find(name)
            if at >= 0:
                yield at, at + len(name)


def folded(word: str) -> str:
    """One spelling for all of a word's: Latin letters for Cyrillic ones, no case, no signs."""
    told = unicodedata.normalize("NFC", _plain(word)).translate(_TABLE)
    if not told.isascii():
        split = unicodedata.normalize("NFKD", told)
        told = "".join([char for char in split if not unicodedata.combining(char)])
        told = told.translate(_TABLE)
    for one, other in _SAME[:_CONSONANTS]:
        told = told.replace(one, other)
    told = _DOUBLE.sub(r"\1", told)
    for one, other in _SAME[_CONSONANTS:]:
        told = told.replace(one, other)
    return _DOUBLE.sub(r"\1", told)


def stems(told: str) -> frozenset[str]:
    """How a folded word may begin where it is declined."""
    found = {told, _FLEETING.sub("", told), _VOWEL.sub("", told), _ADJECTIVE.sub("", told)}
    return frozenset(one for one in found if len(one) >= LEAST_STEM)


def _plain(text: str) -> str:
    return _UNSEEN.sub("", text).casefold()


def _bare(word: str) -> str:
    """Without the article of Arabic."""
    return word.removeprefix(_ARTICLE) if len(word) > len(_ARTICLE) + 1 else word


def _without_what_is_before(word: str) -> Iterable[str]:
    yield word
    if _IS_ARABIC.search(word):
        for before in _BEFORE:
            if word.startswith(before) and len(word) > len(before) + 1:
                yield word.removeprefix(before)
