"""Marks: what is kept of a withdrawn text to find it again, from which nobody can read it. Pure.

Runs of five words are marked by keyed digests, and of those only the least of every sixteen in a
row is kept: whatever repeats twenty words of the text in a row has one of them, and what lies here
is no text. Title, bylines and the like are marked whole.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

from service.proof.words import between, words
from tamizdat.article import Article
from tamizdat.digest import Digest

RUN = 5
"""Words in a row that are marked."""

OF = 16
"""Of so many runs in a row, one is kept: every RUN + OF - 1 words in a row hold a mark."""

MOST_RUNS = 50_000
LONGEST = 60
"""Words of a title or summary that are marked as a whole."""

LEAST_LETTERS = 5
"""Letters of what is looked for as a whole: less stands everywhere."""

_PRIME = 2**61 - 1
_WORDS = 200_000
"""Digests of words that are kept at hand."""

TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Of one withdrawn text: runs, and what was marked whole as (words, digest) with its kind.

    `pictures` are keyed digests of the digests of its pictures.
    """

    runs: frozenset[int] = frozenset()
    wholes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    pictures: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """How many marks there are."""
        return len(self.runs) + len(self.wholes) + len(self.pictures)


class Marker:
    """Makes marks under the newsroom's own key, and finds them."""

    def __init__(self, salt: bytes) -> None:
        key = blake2b(b"proof", key=salt[:64], digest_size=32).digest()
        self._key = key
        self._base = int.from_bytes(blake2b(b"base", key=key).digest()[:7], "big") | 1

        @lru_cache(_WORDS)
        def of(word: str) -> int:
            told = blake2b(word.encode("utf-8", "surrogatepass"), key=key, digest_size=8).digest()
            return int.from_bytes(told, "big") % _PRIME

        self._of = of

    def marks(self, article: Article) -> Marks:
        """Those of an article."""
        said = words(between(article.html))
        wholes: dict[tuple[int, int], str] = {}
        for kind, text in _wholes(article):
            one = words(text)[:LONGEST]
            if sum(map(len, one)) >= LEAST_LETTERS:
                wholes[len(one), self._runs(one, len(one))[0]] = kind
        return Marks(
            runs=frozenset(least(self._runs(said, RUN))[:MOST_RUNS]),
            wholes=wholes,
            pictures=frozenset(self.picture(one.sha256) for one in article.pictures),
        )

    def picture(self, sha256: Digest) -> str:
        """The mark of a picture's digest."""
        return blake2b(sha256.encode(), key=self._key, digest_size=12).hexdigest()

    def found(self, said: Sequence[str], wanted: Marks) -> frozenset[tuple[int, int]]:
        """Which of `wanted` stand in these words, as (words, digest)."""
        lengths = {RUN} if wanted.runs else set()
        lengths |= {length for length, _ in wanted.wholes}
        hits: set[tuple[int, int]] = set()
        sums, power = self._sums(said) if lengths else ([0], self._base)
        for length in lengths:
            met = set(_slices(sums, pow(power, length, _PRIME), length))
            hits |= {key for key in wanted.wholes if key[0] == length and key[1] in met}
            if length == RUN:
                hits |= {(RUN, one) for one in wanted.runs & met}
        return frozenset(hits)

    def _runs(self, said: Sequence[str], length: int) -> list[int]:
        sums, power = self._sums(said)
        return _slices(sums, pow(power, length, _PRIME), length)

    def _sums(self, said: Sequence[str]) -> tuple[list[int], int]:
        """Of every beginning of the words, one number: two of them give that of what is between."""
        base, of = self._base, self._of
        sums, last = [0], 0
        for word in said:
            last = (last * base + of(word)) % _PRIME
            sums.append(last)
        return sums, base


def least(runs: Sequence[int]) -> list[int]:
    """The least of every OF in a row, each once."""
    windows = range(max(1, len(runs) - OF + 1)) if runs else ()
    return list(dict.fromkeys(min(runs[at : at + OF]) for at in windows))


def together(marks: Iterable[Marks]) -> Marks:
    """All of them as one: what is gone through is gone through once."""
    some = list(marks)
    return Marks(
        runs=frozenset[int]().union(*(one.runs for one in some)),
        wholes={key: kind for one in some for key, kind in one.wholes.items()},
        pictures=frozenset[str]().union(*(one.pictures for one in some)),
    )


def own(marks: Marks, hits: Iterable[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """Those hits that are of these marks."""
    return frozenset(
        hit for hit in hits if hit in marks.wholes or (hit[0] == RUN and hit[1] in marks.runs)
    )


def without(wanted: Marks, common: Iterable[tuple[int, int]]) -> Marks:
    """Less what also stands elsewhere by right."""
    gone = frozenset(common)
    return Marks(
        runs=wanted.runs - {one for length, one in gone if length == RUN},
        wholes={key: kind for key, kind in wanted.wholes.items() if key not in gone},
        pictures=wanted.pictures,
    )


def kinds(wanted: Marks, hits: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """What was found, in words: text, title, byline."""
    return tuple(sorted({wanted.wholes.get(hit, TEXT) for hit in hits}))


def encode(marks: Marks) -> str:
    """For the ledger."""
    wholes = [[length, one, kind] for (length, one), kind in sorted(marks.wholes.items())]
    told = {"runs": sorted(marks.runs), "wholes": wholes, "pictures": sorted(marks.pictures)}
    return json.dumps(told, separators=(",", ":"))


def decode(text: str) -> Marks:
    """What `encode` made."""
    told = json.loads(text)
    return Marks(
        runs=frozenset(told["runs"]),
        wholes={(length, one): kind for length, one, kind in told["wholes"]},
        pictures=frozenset(told["pictures"]),
    )


def _slices(sums: Sequence[int], power: int, length: int) -> list[int]:
    """The number of every `length` words in a row."""
    return [
        (after - before * power) % _PRIME
        for before, after in zip(sums, sums[length:], strict=False)
    ]


def _wholes(article: Article) -> Iterable[tuple[str, str]]:
    yield "title", article.title
    for author in article.authors:
        yield "byline", author
    yield "summary", article.summary
    yield "correction", article.correction
    yield from (("picture's description", picture.alt) for picture in article.pictures)
    yield from (("tag", tag) for tag in article.tags)
    if article.section:
        yield "section", article.section.name
